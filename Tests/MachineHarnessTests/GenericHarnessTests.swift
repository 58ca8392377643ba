import Machine
import MachineHarness
import Testing

@Suite struct GenericHarnessTests {
    @Test func accessesReachTheChosenRange() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        harness.run(
            Encode.operations([
                Encode.read(2, base: 0, 0x104),
                Encode.write(0, base: 7, 0xff, 0x1234),
                Encode.portRead(1, base: 0, 0x20),
                Encode.portWrite(2, base: 200, 0x1c, 0xdead_beef),
            ]))
        #expect(
            setup.probe.accesses == [
                ProbeAccess(isPort: false, offset: 4, size: 4, value: nil),
                ProbeAccess(isPort: false, offset: 0xff, size: 1, value: 0x34),
                ProbeAccess(isPort: true, offset: 0, size: 2, value: nil),
                ProbeAccess(isPort: true, offset: 0x1c, size: 4, value: 0xdead_beef),
            ])
    }

    @Test func accessesBeyondTheRangeAreNotMade() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        harness.run(
            Encode.operations([
                Encode.write(3, base: 0, 0xf9, 1), Encode.write(2, base: 0, 0xfd, 1),
                Encode.write(1, base: 0, 0xff, 1), Encode.portWrite(2, base: 0, 0x1d, 1),
            ]))
        #expect(setup.probe.accesses == [])
        harness.run(Encode.write(3, base: 0, 0xf8, 1))
        #expect(setup.probe.accesses.count == 1)
    }

    @Test func configurationSpaceAndItsSwitch() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        // Moves the memory BAR, which the next operation finds in its new place.
        let move = Encode.configurationWrite(2, base: 3, 0x10, 0xf000_0000)
        harness.run(Encode.operations([move, Encode.write(0, base: 0, 5, 9)]))
        #expect(setup.probe.bars[0]?.address == 0xf000_0000)
        #expect(setup.probe.accesses == [ProbeAccess(isPort: false, offset: 5, size: 1, value: 9)])
        let back = Encode.configurationWrite(2, base: 3, 0x10, 0xe000_0000)
        harness.run(Encode.operations([[6], back]))
        #expect(setup.probe.bars[0]?.address == 0xf000_0000)
        // The switch holds for one input only.
        harness.run(back)
        #expect(setup.probe.bars[0]?.address == 0xe000_0000)
    }

    @Test func nothingMappedMeansNothingDone() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        harness.run(
            Encode.operations([
                Encode.configurationWrite(1, base: 0, 4, 0), Encode.read(0, base: 0, 0),
                Encode.portRead(0, base: 0, 0),
            ]))
        #expect(setup.probe.accesses == [])
        harness.reset()
        harness.run(Encode.read(0, base: 0, 0))
        #expect(setup.probe.accesses.count == 1)
    }

    @Test func globsChooseByRegionAndByOwner() throws {
        let byOwner = try ProbeMachine().generic("PROBE*").matchedPlaces.map(\.region.name)
        #expect(byOwner == ["registers", "doorbells"])
        let byName = try ProbeMachine().generic("door*").matchedPlaces.map(\.region.name)
        #expect(byName == ["doorbells"])
        let all = try ProbeMachine().generic("*").matchedPlaces
        #expect(all.contains { $0.region.name == "sparse-mem" })
        #expect(!all.contains { $0.region.name == "pc.ram" })
    }

    @Test func noMatchIsAnError() {
        #expect(throws: HarnessError.noMatchingRegions(globs: "nothing pc.ram")) {
            _ = try ProbeMachine().generic("nothing pc.ram")
        }
    }

    @Test func clockStepGoesToTheNextDeadline() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        var fired = 0
        let timer = setup.machine.clock.makeTimer { fired += 1 }
        timer.arm(atNanoseconds: 12_345)
        harness.run([9])
        #expect(fired == 1 && setup.machine.clock.nowNanoseconds == 12_345)
    }

    @Test func resetRequestsAreServedAfterTheOperation() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        setup.machine.isResetRequested = true
        harness.run([8])
        #expect(!setup.machine.isResetRequested)
        #expect(setup.probe.bars[0]?.address == nil)
    }

    @Test func inputsAboveTheLimitAreRejected() throws {
        let harness = try ProbeMachine().generic()
        #expect(harness.run([UInt8](repeating: 9, count: HarnessLimits.inputBytes)) == .accepted)
        #expect(harness.run([UInt8](repeating: 9, count: HarnessLimits.inputBytes + 1)) == .rejected)
        #expect(harness.run([]) == .accepted)
    }

    @Test func sameInputSameAccesses() throws {
        let seed: UInt64 = 0x5eed_0002
        var random = TestRandom(state: seed)
        let inputs = (0..<200).map { _ in RandomInputs.generic(&random, operations: 20) }
        func play(_ input: [UInt8], twice: Bool) throws -> [ProbeAccess] {
            let setup = ProbeMachine(withBlockDevice: true)
            let harness = try setup.generic("probe* virtio*")
            if twice {
                harness.run(input)
                harness.reset()
                setup.probe.accesses = []
                setup.probe.dmaAddress = 0
            }
            harness.run(input)
            return setup.probe.accesses
        }
        for input in inputs {
            #expect(try play(input, twice: false) == play(input, twice: true), "seed \(seed)")
        }
    }
}

/// Inputs that mostly decode to operations with enough operands.
enum RandomInputs {
    static func generic(_ random: inout TestRandom, operations: Int) -> [UInt8] {
        Encode.operations(
            (0..<operations).map { _ in
                let count = Int.random(in: 0...24, using: &random)
                return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            })
    }
}
