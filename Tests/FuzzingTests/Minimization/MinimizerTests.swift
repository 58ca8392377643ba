import Fuzzing
import Testing

/// Properties of the minimiser on simulated targets; each failure names target and seed.
@Suite("Minimizer")
struct MinimizerTests {
    static let cases: [(target: String, seed: UInt64)] = FailingTarget.all.flatMap { target in
        (1...5 as ClosedRange<UInt64>).map { (target.name, $0) }
    }

    private func target(_ name: String) throws -> FailingTarget {
        try #require(FailingTarget.all.first { $0.name == name })
    }

    private func operations(_ input: [UInt8], _ target: FailingTarget) -> Int {
        target.format == .genericFuzz ? GenericFuzzInput.operationCount(input) : 0
    }

    @Test(arguments: cases) func theResultFailsAndIsNeverLarger(name: String, seed: UInt64) throws {
        let target = try target(name)
        let input = target.failingInput(seed: seed)
        var before = input
        let done = minimize(target, input) { best in
            if best == before { return }
            #expect(target.fails(best))
            #expect(best.count <= before.count)
            #expect(operations(best, target) <= operations(before, target))
            before = best
        }
        #expect(target.fails(done.best))
        #expect(done.best.count <= input.count)
    }

    @Test(arguments: cases) func whatIsMinimalStaysAsItIs(name: String, seed: UInt64) throws {
        let target = try target(name)
        let once = minimize(target, target.failingInput(seed: seed), seed: seed)
        let twice = minimize(target, once.best, seed: seed)
        #expect(twice.best == once.best)
        #expect(twice.acceptedCount == 0)
    }

    @Test(arguments: cases) func timingChangesNothing(name: String, seed: UInt64) throws {
        let target = try target(name)
        let input = target.failingInput(seed: seed)
        for limit in [nil, 1, 17, 60] as [UInt64?] {
            let alone = minimize(target, input, seed: seed, maxTries: limit)
            for (depth, order) in [(2, 1), (7, 2), (16, 3)] as [(Int, UInt64)] {
                let many = minimize(target, input, seed: seed, depth: depth, order: order, maxTries: limit)
                #expect(many.best == alone.best, "depth \(depth), limit \(String(describing: limit))")
                #expect(many.tries == alone.tries, "depth \(depth), limit \(String(describing: limit))")
            }
            if let limit { #expect(alone.tries <= limit) }
        }
    }

    /// Also where what comes of those before it is not known yet: one of them is taken, or it is.
    @Test func nobodyWaitsForWhatIsBehindAFailure() throws {
        var minimizer = Minimizer(input: Array("0123456789abcdef".utf8), format: .bytes)
        let candidates = (0..<4).compactMap { _ in minimizer.nextCandidate() }
        try #require(candidates.count == 4)
        minimizer.settle(candidates[1], stillFails: true)
        #expect(candidates.map { minimizer.isUnderWay($0) } == [true, true, false, false])
        #expect(minimizer.tries == 0)
        let proposed = minimizer.nextCandidate()
        let next = try #require(proposed)
        #expect(next.input.count < candidates[1].input.count)
        minimizer.settle(candidates[0], stillFails: false)
        #expect(minimizer.best == candidates[1].input && minimizer.tries == 2)
        #expect(minimizer.isUnderWay(next))
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func nothingIsLeftThatDoesNotMatter(seed: UInt64) {
        func result(_ target: FailingTarget) -> [UInt8] { minimize(target, target.failingInput(seed: seed)).best }
        #expect(result(.contains) == Array("bug!?".utf8))
        #expect(result(.anything) == [])
        #expect(result(.counted) == [3] + Array("xxx".utf8))
        #expect(result(.registers) == [1, 0, 1, 3, 0, 0x80, 0, 0, 0] + GenericFuzzInput.separator + [0, 1, 1, 4, 0])
    }

    /// What takes the third of three patterns can be had with one pattern only.
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func patternsThatOnlyTookTurnsGoToo(seed: UInt64) {
        let best = GenericFuzzInput(minimize(FailingTarget.rotation, FailingTarget.rotation.failingInput(seed: seed)).best)
        #expect(best.operations.count == 4)
        #expect(best.operations.first { $0.opcode == .addPattern }?.bytes == [7, 0, 0, 9])
    }

    /// A device that reads four times: two patterns do, each with what two reads need, and no single one.
    @Test func patternsThatReadsCanShareBecomeOne() {
        let target = FailingTarget(name: "four reads", format: .genericFuzz) { input in
            let operations = GenericFuzzInput(input).operations
            let patterns = operations.filter { $0.opcode == .addPattern && !$0.isTooShort }.map { Array($0.bytes.dropFirst(3)) }
            guard operations.last?.opcode == .portWrite, operations.last?.isTooShort == false, !patterns.isEmpty else { return false }
            func byte(_ read: Int, _ index: Int) -> UInt8 {
                let pattern = patterns[read % patterns.count]
                return pattern[index % pattern.count]
            }
            return byte(1, 0) == 1 && byte(2, 0) == 7 && byte(2, 4) == 2 && byte(3, 1) == 6 && byte(3, 2) == 3 && byte(3, 3) == 5
        }
        let patterns: [[UInt8]] = [[9], [1], [7, 8, 9, 7, 2], [4, 6, 3, 5]]
        let input = GenericFuzzInput(
            operations: patterns.map { GenericFuzzOperation([7, 0, 0] + $0) } + [GenericFuzzOperation([1, 0, 0, 0, 0, 0, 0, 0, 0])])
        let best = GenericFuzzInput(minimize(target, input.bytes).best)
        #expect(best.operations.map(\.bytes) == [[7, 0, 0, 7, 0, 0, 0, 2], [7, 0, 0, 1, 6, 3, 5], [1, 0, 0, 0, 0, 0, 0, 0, 0]])
    }

    @Test func bytesThatOnlyHaveToBeThereAreOverwritten() {
        let target = FailingTarget(name: "five bytes", format: .bytes) { $0.count >= 5 && $0.first == 97 && $0[2] >= 0xF0 }
        #expect(minimize(target, [0x61, 0x62, 0xFE, 0xFD] + Array(" and more".utf8)).best == [0x61, 0x20, 0xFF, 0x20, 0x20])
    }

    /// Three registers are written one by one, then another is read.
    @Test func neighbouringAccessesBecomeAWideOne() {
        let target = FailingTarget(name: "wide write", format: .genericFuzz) { input in
            var registers = [UInt8](repeating: 0, count: 1 << 17)
            for operation in GenericFuzzInput(input).operations where !operation.isTooShort {
                let bytes = operation.bytes
                let place = bytes.count > 4 ? Int(bytes[3]) | Int(bytes[4]) << 8 : 0
                if operation.opcode == .portRead, place == 9 {
                    return registers[3] == 0x80 && registers[4] == 0x10 && registers[6] == 1
                }
                guard operation.opcode == .portWrite else { continue }
                for index in 0..<(1 << Int(bytes[1] % 3)) { registers[place + index] = bytes[5 + index] }
            }
            return false
        }
        let writes: [(UInt8, UInt8)] = [(4, 0x10), (3, 0x80), (6, 1)]
        let operations = writes.map { GenericFuzzOperation([1, 0, 0, $0.0, 0, $0.1, 0, 0, 0]) }
        let input = GenericFuzzInput(operations: operations + [GenericFuzzOperation([0, 0, 0, 9, 0])]).bytes
        let wide: [UInt8] = [1, 2, 0, 3, 0, 0x80, 0x10, 0, 1]
        #expect(minimize(target, input).best == wide + GenericFuzzInput.separator + [0, 0, 0, 9, 0])
    }

    @Test func anEmptyInputIsDoneAtOnce() {
        #expect(minimize(FailingTarget.anything, []).tries == 0)
        var minimizer = Minimizer(input: [1, 2, 3], format: .bytes, maxTries: 0)
        #expect(minimizer.isDone)
        #expect(minimizer.nextCandidate() == nil)
    }
}

/// The daemon's own reading of the generic-fuzz format.
@Suite("Generic-fuzz input")
struct GenericFuzzInputTests {
    @Test func emptyPiecesAreLeftOut() {
        let bytes = Array("FUZZFUZZaFUZZFFUZZbcFUZ".utf8)
        let input = GenericFuzzInput(bytes)
        #expect(input.operations.map(\.bytes) == ["a", "F", "bcFUZ"].map { Array($0.utf8) })
        #expect(input.bytes == Array("aFUZZFFUZZbcFUZ".utf8))
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>) func cuttingWhatWasJoinedGivesThePiecesBack(seed: UInt64) {
        var random = RandomSource(seed: seed)
        let letters = Array("FUZ\u{0}".utf8)
        let bytes = (0..<200).map { _ in letters[random.below(letters.count)] }
        let once = GenericFuzzInput(bytes)
        #expect(GenericFuzzInput(once.bytes) == once)
        #expect(once.operations.allSatisfy { !$0.bytes.isEmpty })
    }

    @Test func accessesAreMergedWhereOneCanReachBoth() {
        func write(_ size: UInt8, _ base: UInt8, _ offset: UInt8, _ value: [UInt8]) -> GenericFuzzOperation {
            GenericFuzzOperation([3, size, base, 0, 0, offset, 0, 0, 0] + value + [UInt8](repeating: 0, count: 8 - value.count))
        }
        // In either order; what lies between them is zero.
        let low = write(0, 5, 0x10, [0xAA])
        let high = write(1, 5, 0x14, [0x11, 0x22])
        #expect(low.merged(with: high) == write(3, 5, 0x10, [0xAA, 0, 0, 0, 0x11, 0x22]))
        #expect(high.merged(with: low) == low.merged(with: high))
        #expect(low.merged(with: write(0, 5, 0x10, [1])) == nil)
        #expect(low.merged(with: write(0, 6, 0x11, [1])) == nil)
        #expect(low.merged(with: write(0, 5, 0x18, [1])) == nil)
        let read = GenericFuzzOperation([2, 0, 5, 0, 0, 0x11, 0, 0, 0])
        #expect(low.merged(with: read) == nil)
        #expect(read.merged(with: GenericFuzzOperation([2, 0, 5, 0, 0, 0x12, 0, 0, 0]))?.bytes == [2, 1, 5, 0, 0, 0x11, 0, 0, 0])
        // Ports and configuration space know no access of eight bytes.
        let port = GenericFuzzOperation([0, 0, 0, 1, 0])
        #expect(port.merged(with: GenericFuzzOperation([0, 0, 0, 5, 0])) == nil)
        #expect(GenericFuzzOperation([9]).merged(with: GenericFuzzOperation([9])) == nil)
    }

    @Test func anOperationWithoutItsOperandsIsTooShort() {
        let operandBytes: [UInt8: Int] = [0: 4, 1: 8, 2: 8, 3: 16, 4: 3, 5: 8, 6: 0, 7: 3, 8: 0, 9: 0]
        for (opcode, count) in operandBytes.sorted(by: { $0.key < $1.key }) {
            let whole = GenericFuzzOperation([opcode] + [UInt8](repeating: 1, count: count))
            #expect(!whole.isTooShort, "\(whole.opcode.name)")
            if count > 0 { #expect(GenericFuzzOperation(Array(whole.bytes.dropLast())).isTooShort, "\(whole.opcode.name)") }
            // 250 is the largest multiple of ten.
            let other = GenericFuzzOperation([opcode &+ 240] + whole.bytes.dropFirst())
            #expect(other.opcode == whole.opcode)
        }
    }
}
