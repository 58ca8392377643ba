import Machine
import MachineHarness
import Testing

@Suite struct DMAFillTests {
    @Test func patternsRotateFromReadToRead() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        let reads = Encode.probeReads(0x1000, 4)
        harness.run(
            Encode.operations(
                [Encode.pattern(index: 3, stride: 1, [1, 2]), Encode.pattern([9, 8, 7])]
                    + reads + reads + reads))
        #expect(setup.probe.dmaBytes == [[1, 2, 1, 3], [9, 8, 7, 9], [1, 2, 1, 3]])
    }

    @Test func clearingStartsTheRotationAnew() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        let reads = Encode.probeReads(0x1000, 2)
        harness.run(
            Encode.operations(
                [Encode.pattern([1]), Encode.pattern([2])] + reads
                    + [[8], Encode.pattern([3]), Encode.pattern([4])] + reads))
        #expect(setup.probe.dmaBytes == [[1, 1], [3, 3]])
        // No pattern: memory stays. Patterns end with their input.
        harness.run(Encode.operations(reads))
        #expect(setup.probe.dmaBytes.last == [3, 3])
    }

    @Test func anAddressIsFilledOnceInAnOperation() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        setup.probe.extraReads = [(0x1004, 4), (0x1004, 4)]
        harness.run(
            Encode.operations(
                [Encode.pattern([1]), Encode.pattern([2]), Encode.pattern([3])]
                    + Encode.probeReads(0x1000, 12)))
        // The second read finds all of it filled; the third only fills the parts before and behind, in that
        // order.
        #expect(setup.probe.dmaBytes[0] == [1, 1, 1, 1])
        #expect(setup.probe.dmaBytes[1] == [1, 1, 1, 1])
        #expect(setup.probe.dmaBytes[2] == [2, 2, 2, 2, 1, 1, 1, 1, 3, 3, 3, 3])
    }

    @Test func doubleFetchesWhereAllowed() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic(avoidsDoubleFetches: false)
        setup.probe.extraReads = [(0x1000, 2)]
        harness.run(
            Encode.operations([Encode.pattern([1]), Encode.pattern([2])] + Encode.probeReads(0x1000, 2)))
        #expect(setup.probe.dmaBytes == [[1, 1], [2, 2]])
    }

    @Test func oneReadIsFilledUpTo64KiB() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        harness.run(Encode.operations([Encode.pattern([5])] + Encode.probeReads(0, 0x10004)))
        let bytes = try #require(setup.probe.dmaBytes.first)
        #expect(bytes[..<0x10000].allSatisfy { $0 == 5 })
        #expect(bytes[0x10000...].allSatisfy { $0 == 0 })
    }

    @Test func addressesWithoutRAMAreBackedToo() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        let high: UInt64 = 0x7fff_ffff_ffff_fffe
        harness.run(Encode.operations([Encode.pattern([1, 2, 3, 4])] + Encode.probeReads(high, 6)))
        #expect(setup.probe.dmaBytes == [[1, 2, 3, 4, 1, 2]])
        // Kept until a reboot, as in a memory device.
        setup.probe.dmaBytes = []
        harness.run(Encode.operations(Encode.probeReads(high, 6)))
        #expect(setup.probe.dmaBytes == [[1, 2, 3, 4, 1, 2]])
        harness.reset()
        harness.run(Encode.operations(Encode.probeReads(high, 6)))
        #expect(setup.probe.dmaBytes.last == [0, 0, 0, 0, 0, 0])
    }

    @Test func theTopOfTheAddressSpace() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        harness.run(Encode.operations([Encode.pattern([1])] + Encode.probeReads(.max - 3, 64)))
        #expect(setup.probe.dmaBytes.count == 1)
    }

    @Test func registersAreNotFilled() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        let registers = try #require(setup.probe.bars[0]?.address)
        harness.run(Encode.operations([Encode.pattern([7])] + Encode.probeReads(registers, 8)))
        let writes = setup.probe.accesses.compactMap(\.value)
        #expect(writes == [registers, 8])
    }

    @Test func theCapOfAnInput() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        // The hook is called as a device would: lengths need no buffer this way.
        var seen: [UInt8] = []
        let timer = setup.machine.clock.makeTimer { [machine = setup.machine] in
            let hook = machine.dmaHook
            hook?(0, HarnessLimits.fillBytesPerInput + 1, false)
            seen.append(UInt8(machine.memory.read(address: 0, size: 1)))
            hook?(0, HarnessLimits.fillBytesPerInput, false)
            seen.append(UInt8(machine.memory.read(address: 0, size: 1)))
            hook?(0x20000, HarnessLimits.fillBytesPerInput - 0x10000 + 1, false)
            seen.append(UInt8(machine.memory.read(address: 0x20000, size: 1)))
            hook?(0x20000, HarnessLimits.fillBytesPerInput - 0x10000, false)
            seen.append(UInt8(machine.memory.read(address: 0x20000, size: 1)))
        }
        timer.arm(atNanoseconds: 1)
        harness.run(Encode.operations([Encode.pattern([6]), [9]]))
        #expect(seen == [0, 6, 0, 6])
    }

    @Test func manyReadsInOneOperationStayBounded() throws {
        let setup = ProbeMachine()
        let harness = try setup.generic()
        setup.probe.extraReads = (0..<6000).map { (UInt64($0) * 16, 8) }
        harness.run(Encode.operations([Encode.pattern([1])] + Encode.probeReads(0, 0x20000)))
        #expect(setup.probe.dmaBytes[4095] == [UInt8](repeating: 1, count: 8))
        #expect(setup.probe.dmaBytes[4096] == [UInt8](repeating: 0, count: 8))
    }
}
