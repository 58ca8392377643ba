import Daemon
import ForkServer
import Foundation
import Storage
import Testing

@Suite("Crash signatures")
struct CrashSignatureTests {
    static func stack(_ functions: String...) -> [StackFrame] {
        functions.enumerated().map { StackFrame(modulePath: "/bin/pc-fuzz", offset: UInt64($0.offset), function: $0.element) }
    }

    private static let trap = "Swift runtime failure: Index out of range"
    private static let getter = "generic specialization <Swift.UInt8> of Swift.Array.subscript.getter : (Swift.Int) -> A"
    private static let dispatchRead = "Machine.MemoryRegion.dispatchRead(offset: Swift.UInt64) -> Swift.UInt64"
    private static let dispatchWrite = "Machine.MemoryRegion.dispatchWrite(offset: Swift.UInt64) -> ()"

    private func signature(_ stack: [StackFrame], _ error: String = "SIGILL") -> CrashSignature {
        CrashSignature(kind: .crash, errorType: error, stack: stack)
    }

    @Test func takesTheReasonOfATrapAndThreeFramesOfTheTargetsOwn() {
        let found = signature(Self.stack(Self.trap, Self.getter, "a.f(x: Swift.Int) -> ()", "a.g()", "a.h()", "a.i()"))
        #expect(found.errorType == "SIGILL: Index out of range")
        #expect(found.frames == ["a.f", "a.g", "a.h"])
        #expect(found.text == "crash: SIGILL: Index out of range in a.f < a.g < a.h")
        #expect(found.identifier.count == 10 && found.identifier.allSatisfy(\.isHexDigit))
    }

    @Test func theWayOfAnAccessDoesNotMatter() {
        // An old and a new interface, ports and memory, reads and writes: one check is missing.
        let ways = [
            Self.stack(Self.trap, Self.getter, "D.Disk.readConfiguration(o: I) -> U", "D.PCI.readLegacy(U) -> U", Self.dispatchRead),
            Self.stack(Self.trap, Self.getter, "D.Disk.readConfiguration(o: I) -> U", "D.PCI.read(tag: I) -> U", Self.dispatchRead),
            Self.stack(Self.trap, Self.getter, "D.Disk.writeConfiguration(o: I) -> ()", "D.PCI.write(tag: I) -> ()", Self.dispatchWrite),
            Self.stack(
                Self.trap, "D.Disk.readConfiguration(o: I) -> U", "D.Card.readConfiguration(o: I) -> U", "D.PCI.read(tag: I) -> U",
                Self.dispatchRead),
        ].map { signature($0) }
        #expect(Set(ways).count == 1, "\(ways.map(\.text))")
        #expect(ways[0].text == "crash: SIGILL: Index out of range in D.Disk.accessConfiguration")
        #expect(ways[0].frames == ["D.Disk.readConfiguration"], "people see the name that is in the source")
    }

    @Test func theDirectionOfARequestDoesNotMatter() {
        // A disk reads or writes because the guest's request says so, whatever wrote to the doorbell: what is not checked before
        // is not checked before either.
        let read = signature(Self.stack("D.Disk.read()", "D.Block.transfer()", "D.PCI.write(tag: I) -> ()", Self.dispatchWrite))
        #expect(read.frames == ["D.Disk.read", "D.Block.transfer"])
        let write = signature(Self.stack("D.Disk.write()", "D.Block.transfer()", "D.PCI.write(tag: I) -> ()", Self.dispatchWrite))
        #expect(read == write)
        #expect(read.hashValue == write.hashValue && read.identifier == write.identifier)
        let other = signature(Self.stack("D.Disk.write()", "D.Block.erase()", "D.PCI.write(tag: I) -> ()", Self.dispatchWrite))
        #expect(read != other, "another caller")
        // Without a device's dispatch nothing is known of directions.
        #expect(signature(Self.stack("png_read_row", "f")) != signature(Self.stack("png_write_row", "f")))
    }

    @Test func registersOfOneTypeAreOnePlace() {
        // The number of a queue, selected unchecked, is used in both callbacks and in what they call.
        let same = [
            Self.stack(Self.trap, "D.PCI.readCommon(U) -> U", Self.dispatchRead),
            Self.stack(Self.trap, "D.PCI.writeCommon(U, U) -> ()", Self.dispatchWrite),
            Self.stack(Self.trap, "D.PCI.readLegacy(U) -> U", Self.dispatchRead),
            Self.stack(Self.trap, "D.PCI.(enableQueue in _0A)(I) -> ()", "D.PCI.writeCommon(U, U) -> ()", Self.dispatchWrite),
            Self.stack(Self.trap, "D.PCI.(resetQueue in _0A)(I) -> ()", "D.PCI.writeCommon(U, U) -> ()", Self.dispatchWrite),
        ].map { signature($0) }
        #expect(Set(same).count == 1, "\(same.map(\.text))")
        #expect(same[3].text == "crash: SIGILL: Index out of range in D.PCI")
        #expect(same[3].frames == ["D.PCI.enableQueue"])
        // Another type inside, or further inside than what the callback calls itself: the functions count.
        let others = [
            Self.stack(Self.trap, "D.Device.notifyQueue(I) -> ()", "D.PCI.writeLegacy(U, U) -> ()", Self.dispatchWrite),
            Self.stack(Self.trap, "D.Device.enable(I) -> ()", "D.PCI.writeLegacy(U, U) -> ()", Self.dispatchWrite),
            Self.stack(Self.trap, "D.PCI.f()", "D.PCI.g()", "D.PCI.writeLegacy(U, U) -> ()", Self.dispatchWrite),
            Self.stack(Self.trap, "D.PCI.f2()", "D.PCI.g()", "D.PCI.writeLegacy(U, U) -> ()", Self.dispatchWrite),
        ].map { signature($0) }
        #expect(Set(others + [same[0]]).count == 5, "\(others.map(\.text))")
        // Names without types: C, functions of a Swift module, of a C++ namespace.
        for (f, g) in [("ne2000_f", "ne2000_g"), ("Devices.f()", "Devices.g()"), ("net::f(int)", "net::g(int)")] {
            #expect(signature(Self.stack(f, Self.dispatchRead)) != signature(Self.stack(g, Self.dispatchRead)), "\(f)")
        }
        #expect(signature(Self.stack("Card::f(int)", Self.dispatchRead)).place == ["Card"])
    }

    @Test func qemusDispatchIsKnown() {
        let found = signature(
            Self.stack(
                "e1000_process_tx", "start_xmit", "set_tctl", "e1000_mmio_write", "memory_region_write_accessor",
                "access_with_adjusted_size", "address_space_write", "main"), "heap-buffer-overflow")
        #expect(found.frames == ["e1000_process_tx", "start_xmit", "set_tctl"])
        #expect(found.place == ["e1000_process_tx", "start_xmit", "access_tctl"])
        let single = signature(Self.stack("ne2000_mem_readl", "memory_region_read_accessor"))
        #expect(single.place == ["ne2000_mem_access"])
    }

    @Test func differentReasonsAndPlacesAreDifferentBugs() {
        let stacks = [
            Self.stack(Self.trap, "a.f()", "a.g()"), Self.stack("Swift runtime failure: Division by zero", "a.f()", "a.g()"),
            Self.stack(Self.trap, "a.f2()", "a.g()"), Self.stack(Self.trap, "a.f()", "a.g2()"),
        ]
        #expect(Set(stacks.map { signature($0) }).count == 4)
        #expect(signature(Self.stack("f"), "SIGSEGV") != signature(Self.stack("f"), "SIGBUS"))
    }

    @Test func aDedupTokenTakesTheNamesPlace() {
        let found = CrashSignature(kind: .crash, errorType: "heap-use-after-free", stack: Self.stack("x"), token: "f--g--h")
        #expect(found.frames == ["f--g--h"])
    }

    @Test func ofNothingButMachineryTheStackItself() {
        #expect(signature(Self.stack("abort", "raise")).frames == ["abort", "raise"])
        #expect(signature([]).summary == "SIGILL")
        #expect(signature(Self.stack(Self.dispatchRead)).frames == ["Machine.MemoryRegion.dispatchRead"])
    }

    @Test func identifiersStayWhatTheyAre() {
        // In URLs, scripts and code scanning: a change of the formula makes every known crash new.
        let found = CrashSignature(kind: .crash, errorType: "SIGSEGV", stack: Self.stack("f", "g"))
        #expect(found.text == "crash: SIGSEGV in f < g")
        #expect(found.identifier == CrashSignatureTests.sha1Prefix)
    }
    static let sha1Prefix = "907e3c005a"

    @Test func aRecordAloneGivesOneToo() {
        var record = TriageFixtures.record(signature: "SIGSEGV:f<g")
        record.stack = [ArtifactFrame(module: "m", offset: 1, symbol: "f"), ArtifactFrame(module: "m", offset: 2, symbol: "g")]
        #expect(CrashSignature(record).text == "crash: SIGSEGV in f < g")
        record.report = ReportFixtures.heapUseAfterFree.split(separator: "\n").map(String.init)
        #expect(CrashSignature(record).errorType == "heap-use-after-free")
    }

    @Test func ofAHangTheOutermostFunctionsInsideTheDevice() {
        func sampled(_ stack: [StackFrame]) -> [String] {
            CrashSignature(kind: .timeout, errorType: "timeout", stack: stack, isSampled: true).frames
        }
        let outer = ["D.Queue.pop()", "D.Block.queueNotified()", "D.Device.notifyQueue()", "D.PCI.write(tag: I) -> ()", Self.dispatchWrite]
        let names = ["D.Queue.pop", "D.Block.queueNotified", "D.Device.notifyQueue"]
        for inner in [[], ["D.Walk.follow()"], ["Machine.BusMaster.read()", "D.Walk.load()", "D.Walk.follow()"]] {
            let stack = (inner + outer).map { StackFrame(modulePath: "m", offset: 1, function: $0) }
            #expect(sampled(stack) == names)
        }
        #expect(sampled(Self.stack("leaf", "loop", "timer", "main_loop")) == ["leaf", "loop", "timer"], "no access led there")
    }

    @Test func hangsShareTheLoop() {
        let one = Self.stack("leaf", "loop", "entry")
        let two = Self.stack("other", "leaf2", "loop", "entry")
        #expect(HangSampler.common(one, two).map(\.place) == ["loop", "entry"])
        #expect(HangSampler.common(one, []).isEmpty)
        #expect(HangSampler.common(one, one) == one)
        let inside = HangSampler.insideHarness(
            Self.stack("leaf", "D.loop()", "TargetRuntime.ForkServer.runInput(A)", "TargetRuntime.ForkServer.(forkNow in _1)", "main"))
        #expect(inside.map(\.function) == ["leaf", "D.loop()"], "whether it was forked ahead is not the input's")
        // Stopped before the harness was called.
        #expect(
            HangSampler.insideHarness(
                Self.stack("fuzzd_restart_time", "TargetRuntime.ForkServer.run()", "pc_fuzz.DaemonService.serveForever()", "main")
            ).isEmpty)
    }
}
