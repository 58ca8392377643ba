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
