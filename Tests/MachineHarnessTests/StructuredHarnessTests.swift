import Devices
import Machine
import MachineHarness
import Testing

@Suite struct StructuredHarnessTests {
    @Test func i440FXDrivesTheTwoPorts() throws {
        let setup = ProbeMachine()
        let harness = I440FXHarness(machine: setup.machine)
        try harness.prepare()
        let function = UInt32(setup.probe.deviceFunction) << 8 | 0x8000_0000
        // Address register, then a 16-bit write of the command register; the rest is too short to count.
        let input =
            [2, 1, 0, 0] + Encode.little(function | 4) + [7, 0, 0xff, 0xff] + Encode.little(UInt32(7)) + [
                1, 0, 0,
            ]
        #expect(harness.run(input) == .accepted)
        #expect(setup.probe.command == 7)
    }

    @Test func i440FXConfigurationReachesAnyFunction() throws {
        let setup = ProbeMachine()
        let harness = I440FXConfigurationHarness(machine: setup.machine)
        try harness.prepare()
        let function = UInt32(setup.probe.deviceFunction)
        harness.run([1, 4, 0, 0] + Encode.little(function) + Encode.little(UInt32(3)))
        #expect(setup.probe.command == 3)
        harness.run([5, 0xff, 0, 0] + Encode.little(UInt32.max) + Encode.little(UInt32.max))
        #expect(setup.probe.command == 3)
    }

    @Test func virtIOBlockAnswersARequest() throws {
        let setup = ProbeMachine(withBlockDevice: true)
        let harness = VirtIOBlockHarness(machine: setup.machine, takesFeaturesFromInput: false)
        try harness.prepare()
        // Header of GET_ID (8), 20 bytes for the answer, the status byte; kicked with the last.
        let header = Encode.little(UInt32(8)) + Encode.little(UInt32(0)) + Encode.little(UInt64(0))
        let input: [UInt8] =
            [0, 16, 0, 1, 0] + header + [0, 20, 1, 1, 0] + [UInt8](repeating: 0xaa, count: 20) + [
                0, 1, 1, 0, 1, 0xaa,
            ]
        #expect(harness.run(input) == .accepted)
        // Buffers are 256 bytes apart from 0x110000 on.
        #expect(setup.machine.memory.read(address: 0x11_0200, size: 1) == 0)
        #expect(setup.machine.memory.read(address: 0x11_0100, size: 1) != 0xaa)
    }

    @Test func aMachineWithoutTheDeviceIsAnError() {
        #expect(throws: HarnessError.deviceMissing(harness: "virtio-blk", device: "virtio-blk device")) {
            try VirtIOBlockHarness(machine: ProbeMachine().machine, takesFeaturesFromInput: false).prepare()
        }
    }

    @Test(arguments: HarnessCatalogue.names)
    func randomInputsAreAnswered(_ name: String) throws {
        let seed: UInt64 = 0x5eed_0003
        var random = TestRandom(state: seed)
        let setup = ProbeMachine(withBlockDevice: true)
        let harness = try HarnessCatalogue.make(name, machine: setup.machine, globs: "*")
        try harness.prepare()
        #expect(harness.name == name)
        for round in 0..<2000 {
            let count = Int.random(in: 0...300, using: &random)
            let input = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(harness.run(input) == .accepted, "seed \(seed), round \(round)")
            if round % 50 == 0 { harness.reset() }
        }
    }

    @Test func anUnknownNameListsTheOthers() {
        let error = #expect(throws: HarnessError.self) {
            _ = try HarnessCatalogue.make("nope", machine: ProbeMachine().machine, globs: "*")
        }
        #expect(error?.description.contains("virtio-blk-flags") == true)
    }

    @Test func namesAndSummariesAgreeWithTheCatalogue() throws {
        for entry in HarnessCatalogue.entries {
            let setup = ProbeMachine()
            let harness = try HarnessCatalogue.make(entry.name, machine: setup.machine, globs: "*")
            #expect(harness.name == entry.name && harness.summary == entry.summary)
        }
    }
}
