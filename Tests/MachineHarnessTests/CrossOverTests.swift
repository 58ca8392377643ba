import MachineHarness
import Testing

@Suite struct CrossOverTests {
    private func combine(_ first: [UInt8], _ second: [UInt8], capacity: Int) -> [UInt8] {
        var output = [UInt8](repeating: 0xee, count: capacity)
        let size = first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                output.withUnsafeMutableBytes { GenericCrossOver.combine(first, second, into: $0) }
            }
        }
        return Array(output[..<size])
    }

    private let joint: [UInt8] = Array("FUZZ".utf8) + [8] + Array("FUZZ".utf8) + [6] + Array("FUZZ".utf8)

    @Test func goldenBytes() {
        #expect(combine([9, 1], [0, 7], capacity: 100) == [9, 1] + joint + [0, 7])
    }

    @Test func emptyParents() {
        #expect(combine([], [], capacity: 100) == joint)
        #expect(combine([], [5], capacity: 100) == joint + [5])
    }

    @Test func secondIsCutToTheCapacity() {
        let first: [UInt8] = [1, 2, 3]
        #expect(combine(first, [4, 5, 6], capacity: 3 + 14 + 2) == first + joint + [4, 5])
        #expect(combine(first, [4, 5, 6], capacity: 3 + 14 + 1) == first + joint + [4])
        // The original wants room for at least a part of the second input.
        #expect(combine(first, [4, 5, 6], capacity: 3 + 14) == [])
        #expect(combine(first, [4, 5, 6], capacity: 2) == [])
        #expect(combine(first, [4, 5, 6], capacity: 0) == [])
    }

    @Test func operationsOfBothStayWholeAndInOrder() {
        let (first, second) = (["\u{1}aaaa", "\u{2}bb", "\u{3}c"], ["\u{4}xx", "\u{5}yyyyyy"])
        let bytes = { (pieces: [String]) in Array(pieces.joined(separator: "FUZZ").utf8) }
        var seen: Set<[String]> = []
        for seed in 0..<200 as Range<UInt32> {
            let result = splice(bytes(first), bytes(second), capacity: 100, seed: seed)
            let pieces = String(decoding: result, as: UTF8.self).split(separator: "FUZZ").map(String.init)
            let taken = pieces.filter(second.contains)
            #expect(pieces.filter { !second.contains($0) } == first && !taken.isEmpty)
            #expect(taken == second.filter(taken.contains))
            let start = pieces.firstIndex(of: taken[0]) ?? 0
            #expect(Array(pieces[start...].prefix(taken.count)) == taken, "\(pieces)")
            seen.insert(pieces)
        }
        // Four places, three runs.
        #expect(seen.count == 12)
    }

    @Test func aSpliceWithoutRoomOrOperationsIsNone() {
        #expect(splice([1, 2], [3], capacity: 7, seed: 1).count == 7)
        #expect(splice([1, 2], [3], capacity: 6, seed: 1).isEmpty)
        #expect(splice([], [3], capacity: 60, seed: 1).isEmpty)
        #expect(splice([1], Array("FUZZFUZZ".utf8), capacity: 60, seed: 1).isEmpty)
    }

    private func splice(_ first: [UInt8], _ second: [UInt8], capacity: Int, seed: UInt32) -> [UInt8] {
        var output = [UInt8](repeating: 0xee, count: capacity)
        let size = first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                output.withUnsafeMutableBytes { GenericSplice.combine(first, second, into: $0, seed: seed) }
            }
        }
        return Array(output[..<size])
    }

    @Test func structuredHarnessesLeaveItToTheEngine() {
        let machine = ProbeMachine()
        let harness = I440FXHarness(machine: machine.machine)
        let bytes: [UInt8] = [1, 2, 3]
        var output = [UInt8](repeating: 0, count: 100)
        let size = bytes.withUnsafeBytes { bytes in
            output.withUnsafeMutableBytes { harness.crossOver(bytes, bytes, into: $0, seed: 1) }
        }
        #expect(size == 0)
    }
}
