import MachineHarness
import Testing

@Suite struct OperationReaderTests {
    private func decode(_ bytes: [UInt8]) -> [GenericOperation] {
        bytes.withUnsafeBytes { buffer in
            var reader = OperationReader(buffer)
            var operations: [GenericOperation] = []
            while let operation = reader.next() { operations.append(operation) }
            return operations
        }
    }

    @Test func everyOpcode() {
        let input = Encode.operations([
            [0, 1, 9, 0x34, 0x12],
            [1, 2, 8, 0x34, 0x12, 4, 3, 2, 1],
            [2, 3, 7, 0xaa, 0xbb, 4, 3, 2, 1],
            [3, 0, 6, 0xaa, 0xbb, 4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1],
            [4, 1, 5, 0x40],
            [5, 2, 4, 0x41, 0xcc, 4, 3, 2, 1],
            [6], [7, 5, 3, 1, 2], [8], [9],
        ])
        let pattern = input.lastIndex(of: 7).map { $0 + 3 } ?? 0
        #expect(
            decode(input) == [
                .portRead(size: 2, base: 9, offset: 0x1234),
                .portWrite(size: 4, base: 8, offset: 0x1234, value: 0x0102_0304),
                .memoryRead(size: 8, base: 7, offset: 0x0102_0304),
                .memoryWrite(size: 1, base: 6, offset: 0x0102_0304, value: 0x0102_0304_0506_0708),
                .configurationRead(size: 2, base: 5, offset: 0x40),
                .configurationWrite(size: 4, base: 4, offset: 0x41, value: 0x0102_0304),
                .disablePCI,
                .addPattern(DMAPattern(index: 1, stride: 3, bytes: pattern..<(pattern + 2))),
                .clearPatterns, .clockStep,
            ])
    }

    @Test func opcodeAndSizeAreTakenModulo() {
        #expect(decode([250, 4, 0, 0, 0]) == [.portRead(size: 2, base: 0, offset: 0)])
        #expect(decode([252, 255, 0, 0, 0, 0, 0, 0, 0]) == [.memoryRead(size: 8, base: 0, offset: 0)])
        #expect(decode([19, 1, 2]) == [.clockStep])
    }

    // Opcode and how many operand bytes it needs.
    @Test(arguments: [(0, 4), (1, 8), (2, 8), (3, 16), (4, 3), (5, 8), (7, 3)])
    func tooFewOperandsDoNothing(_ opcode: UInt8, _ needed: Int) {
        for count in 0..<needed {
            #expect(decode([opcode] + [UInt8](repeating: 1, count: count)) == [.tooShort])
        }
        for count in [needed, needed + 1, needed + 50] {
            #expect(decode([opcode] + [UInt8](repeating: 1, count: count)) != [.tooShort])
        }
    }

    @Test func separators() {
        let separator = Array("FUZZ".utf8)
        #expect(decode([]) == [])
        #expect(decode(separator) == [])
        #expect(decode(separator + separator + [9] + separator) == [.clockStep])
        #expect(decode([9] + separator + separator + [6]) == [.clockStep, .disablePCI])
        // Half a separator is data, also where a whole one follows.
        #expect(decode([9] + Array("FUFUZZ".utf8) + [6]) == [.clockStep, .disablePCI])
        #expect(decode([9] + Array("FUZ".utf8)) == [.clockStep])
        #expect(decode(Array("FUZ".utf8)) == [.decodedF])
    }

    @Test func renderedPatternRunsAsDocumented() {
        let input: [UInt8] = [0, 1, 2]
        var output = [UInt8](repeating: 0xff, count: 11)
        input.withUnsafeBytes { input in
            output.withUnsafeMutableBytes {
                DMAPattern(index: 1, stride: 2, bytes: 0..<3).render(from: input, into: $0)
            }
        }
        #expect(output == [0, 1, 2, 0, 3, 2, 0, 5, 2, 0, 7])
    }

    @Test func incrementWrapsWithinAByte() {
        let input: [UInt8] = [250]
        var output = [UInt8](repeating: 0, count: 4)
        input.withUnsafeBytes { input in
            output.withUnsafeMutableBytes {
                DMAPattern(index: 0, stride: 200, bytes: 0..<1).render(from: input, into: $0)
            }
        }
        #expect(output == [250, 194, 138, 82])
    }

    @Test func everyByteOfRandomInputsIsDecodedOrSkipped() {
        let seed: UInt64 = 0x5eed_0001
        var random = TestRandom(state: seed)
        var operations = 0
        while operations < 1_000_000 {
            let count = Int.random(in: 0...400, using: &random)
            var input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            for _ in 0..<(count / 12) {
                let position = Int.random(in: 0..<count, using: &random)
                input.replaceSubrange(position..<min(count, position + 4), with: Array("FUZZ".utf8))
            }
            for operation in decode(input) {
                if case .addPattern(let pattern) = operation {
                    let isInside =
                        pattern.bytes.upperBound <= input.count && pattern.index < pattern.bytes.count
                    #expect(isInside, "seed \(seed)")
                }
                operations += 1
            }
            operations += 1
        }
    }
}

extension GenericOperation {
    /// What the letter F, modulo ten, is with too few operands: opcode 0.
    static var decodedF: GenericOperation { .tooShort }
}
