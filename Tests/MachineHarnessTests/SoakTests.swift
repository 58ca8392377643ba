import Devices
import Foundation
import Machine
import MachineHarness
import Testing

nonisolated(unsafe) private var operationCount = 0

/// Serialized: `onOperation` is one for the process.
@Suite(.serialized) struct SoakTests {
    /// Plays random operations through the generic harness until `target` of them were made.
    private func soak(_ target: Int, seed: UInt64) throws {
        var random = TestRandom(state: seed)
        let setup = ProbeMachine(withBlockDevice: true)
        let harness = try setup.generic("virtio* probe* pci-conf*")
        operationCount = 0
        onOperation = { operationCount += 1 }
        defer { onOperation = {} }
        var inputs = 0
        let start = ContinuousClock.now
        while operationCount < target {
            let input = RandomInputs.generic(&random, operations: 40)
            #expect(harness.run(input) == .accepted)
            setup.probe.accesses.removeAll(keepingCapacity: true)
            setup.probe.dmaBytes.removeAll(keepingCapacity: true)
            inputs += 1
            if inputs % 20 == 0 { harness.reset() }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print(
            "seed \(seed): \(operationCount) operations, \(inputs) inputs, \(Int(Double(operationCount) / seconds)) operations/s"
        )
        #expect(operationCount >= target)
    }

    @Test func oneMillionOperations() throws { try soak(1_000_000, seed: 0x5eed_0010) }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["FUZZD_SOAK"] != nil))
    func tenMillionOperations() throws { try soak(10_000_000, seed: 0x5eed_0011) }

    /// The machine that `pc-fuzz` builds, everything matched; inputs are made beforehand, so the figure is
    /// the harness's.
    @Test func wholePC() throws {
        let isLong = ProcessInfo.processInfo.environment["FUZZD_SOAK"] != nil
        let seed: UInt64 = 0x5eed_0012
        var random = TestRandom(state: seed)
        let ram = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 20, alignment: 4096)
        defer { ram.deallocate() }
        ram.initializeMemory(as: UInt8.self, repeating: 0)
        let pc = PC.make(ram: ram) { $0.add(VirtIOBlockPCI(machine: $0.machine, sectorCount: 2048)) }
        let harness = GenericHarness(machine: pc.machine, globs: "*")
        try harness.prepare()
        operationCount = 0
        onOperation = { operationCount += 1 }
        defer { onOperation = {} }
        var seconds = 0.0
        var inputs = 0
        while operationCount < (isLong ? 10_000_000 : 200_000) {
            let batch = (0..<100).map { _ in RandomInputs.generic(&random, operations: 40) }
            let start = ContinuousClock.now
            for input in batch { #expect(harness.run(input) == .accepted, "seed \(seed)") }
            seconds += (ContinuousClock.now - start) / .seconds(1)
            inputs += batch.count
            harness.reset()
        }
        print(
            "seed \(seed), whole PC: \(operationCount) operations, \(inputs) inputs,",
            "\(Int(Double(operationCount) / seconds)) operations/s")
    }
}
