import Testing

import Reproducers

@Suite struct QTestLogTests {
    /// As QEMU 10.0 and the built-in machine print, with what stands around it.
    static let log = """
        Starting i386 with Arguments: -display none -machine accel=qtest, -m 512M -machine q35 -device e1000 -qtest /dev/null
        Matching objects by name e1000
        Matching objects by name virtio*
          * e1000-mmio[0] (size 0x20000)
        [I 0.000000] OPENED
        [R +0.050637] outl 0xcf8 0x80001800
        [S +0.050658] [R +0.050665] inw 0xcfc
        [S +0.050676] i386: GLib: g_timer_elapsed: assertion 'timer != NULL' failed
        [R +0.000000] writel 0xe0000010 0x4030201
        [DMA] [S +0.1] [R +0.000000] write 0x1000 0x2 0xaabb
        [S +0.2] [DMA] [R +0.000000] write 0x1002 0x1 0xcc
        [S +0.2] [DMA] [DOUBLE-FETCH] i386: GLib: g_timer_elapsed: assertion 'timer != NULL' failed
        [R +0.0] write 0x1000 0x1 0xdd
        [at pci-configuration+0x10 virtio-blk-pci] [R +0.000000] outb 0xcfc 0x1
        [at pic+0x1 isa-i8259] [R +0.000000] inb 0x21
        [R +0.000000] clock_step
        [R +0.000000] endianness
        qemu: ../hw/x.c:1: f: Assertion `x' failed.
        [R +0.0
        """.utf8

    @Test func commandsFillsAndPlacesAreFound() {
        let trace = QTestLog.parse(Array(Self.log))
        #expect(
            trace.entries == [
                TraceEntry(.portWrite(size: 4, address: 0xcf8, value: 0x8000_1800)), TraceEntry(.portRead(size: 2, address: 0xcfc)),
                TraceEntry(.memoryWrite(size: 4, address: 0xe000_0010, value: 0x403_0201)),
                TraceEntry(.bytesWrite(address: 0x1000, bytes: [0xaa, 0xbb]), origin: .fill),
                TraceEntry(.bytesWrite(address: 0x1002, bytes: [0xcc]), origin: .fill),
                TraceEntry(.bytesWrite(address: 0x1000, bytes: [0xdd]), origin: .doubleFetch),
                TraceEntry(
                    .portWrite(size: 1, address: 0xcfc, value: 1),
                    place: AccessPlace(region: "pci-configuration", offset: 0x10, owner: "virtio-blk-pci")),
                TraceEntry(.portRead(size: 1, address: 0x21), place: AccessPlace(region: "pic", offset: 1, owner: "isa-i8259")),
                TraceEntry(.clockStep(nanoseconds: nil)),
            ])
        #expect(trace.hasDoubleFetch)
        #expect(QTestLog.objects(Array(Self.log)) == ["e1000", "virtio*"])
    }

    @Test func fillsComeBeforeTheAccessThatReadsThem() {
        let trace = QTestLog.parse(Array(Self.log)).reordered()
        #expect(
            trace.commands.map(\.text) == [
                "outl 0xcf8 0x80001800", "inw 0xcfc", "write 0x1000 0x3 0xaabbcc", "write 0x1000 0x1 0xdd",
                "writel 0xe0000010 0x4030201", "outb 0xcfc 0x1", "inb 0x21", "clock_step",
            ])
        #expect(trace.reordered().commands.count == trace.commands.count)
    }

    @Test func theMachineIsWhatTheTargetSays() throws {
        let line = try #require(QTestLog.commandLine(Array(Self.log)))
        #expect(line.program == "qemu-system-i386")
        #expect(
            line.standardInputArguments.joined(separator: " ")
                == "-display none -machine accel=qtest -m 512M -machine q35 -device e1000 -qtest stdio")
        #expect(line.libqtestArguments.joined(separator: " ") == "-m 512M -machine q35 -device e1000")
        #expect(
            line.withoutQTestAccelerator.arguments.joined(separator: " ")
                == "-display none -m 512M -machine q35 -device e1000 -accel tcg -S")
        let inOne = QEMUCommandLine(arguments: ["-M", "pc,accel=qtest,usb=on", "-accel", "qtest"])
        #expect(inOne.libqtestArguments == ["-M", "pc,usb=on"])
        #expect(QTestLog.commandLine(Array("no QEMU\n".utf8)) == nil)
    }

    @Test func regionsAreThoseOfTheLastMemoryTree() {
        let text = """
            FlatView #0
             AS "I/O", root: io
             Root memory region: io
              0000000000000020-0000000000000021 (prio 0, i/o): pic

            FlatView #1
             AS "memory", root: system
             AS "cpu-memory-0", root: system
             Root memory region: system
              0000000000000000-000000000009ffff (prio 0, ram): pc.ram
              00000000e0000000-00000000e000001f (prio 0, i/o): msix-table
              00000000e0000020-00000000e00007ff (prio 0, i/o): a name @0000000000000020

            FlatView #0
             AS "I/O", root: io
              0000000000000040-0000000000000043 (prio 0, i/o): pit
            """
        let map = RegionMap(memoryTree: text.replacing("\n", with: "\r\n"))
        #expect(map.place(ofPort: 0x43) == AccessPlace(region: "pit", offset: 3))
        #expect(map.place(ofPort: 0x20) == nil)
        #expect(map.place(ofAddress: 0xe000_0024) == AccessPlace(region: "a name", offset: 0x24))
        #expect(RegionMap(memoryTree: "") == RegionMap(memoryTree: "garbage (prio\n0-1 (prio x"))
    }

    @Test func commentsNameRegionAndRegister() {
        let lines = TraceText().lines(QTestLog.parse(Array(Self.log)).reordered())
        #expect(lines[0] == "outl 0xcf8 0x80001800                   # select pci 00:03.0 vendor")
        #expect(lines[1] == "inw 0xcfc                               # pci 00:03.0 vendor")
        #expect(lines[2].hasSuffix("# guest memory that the next access reads"))
        #expect(lines[3].contains("second time"))
        #expect(lines[4] == "writel 0xe0000010 0x4030201")
        #expect(lines[6].hasSuffix("# isa-i8259: pic+0x1 data"))
    }
}
