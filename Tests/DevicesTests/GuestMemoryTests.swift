import Devices
import Machine
import Testing

/// Where guest memory lies: below the hole for devices, and from 4 GiB on.
@Suite(.serialized) struct GuestMemoryTests {
    private static let gibibyte = 1 << 30
    /// Sizes in MiB around those at which QEMU divides memory otherwise.
    private static let sizes = [128, 3072, 3583, 3584, 4096, 5120]
    /// CMOS registers that tell of memory.
    private static let registers = [0x15, 0x16, 0x17, 0x18, 0x30, 0x31, 0x34, 0x35, 0x5b, 0x5c, 0x5d]
    /// Not where the firmware or a device may be.
    private static let places: [UInt64] = [
        0x0700_0000, 0xbfff_fff8, 0xc000_0000, 0xdfef_fff8, 0xdfff_fff8, 0x1_0000_0000, 0x1_3fff_fff8, 0x1_4000_0000,
        0x1_7fff_fff8, 0x1_8000_0000,
    ]

    private static let questions: [String] =
        registers.flatMap { ["outb 0x70 \($0)", "inb 0x71"] }
        + places.enumerated().flatMap { ["writeq \($1) \(0x1122_3344_0000 + $0)", "readq \($1)"] }
        + places.map { "readq \($0)" }

    @Test(.enabled(if: ReferenceQEMU.isInstalled), arguments: sizes)
    func memoryLiesWhereQEMUHasIt(mebibytes: Int) throws {
        let reference = try ReferenceQEMU(extra: ["-m", "\(mebibytes)"])
        let ours = TestPC(ramBytes: mebibytes << 20)
        defer {
            reference.stop()
            ours.release()
        }
        let difference = try firstDifference(Self.questions, ours: ours.qtest, reference: reference)
        #expect(difference == nil, "\(mebibytes) MiB: \(difference ?? "")")
    }

    @Test func whatIsAbove3GiBGoesOnAt4GiB() {
        let test = TestPC(ramBytes: 4 * Self.gibibyte)
        defer { test.release() }
        let memory = test.pc.machine.memory
        #expect(memory.contiguousRAM(at: 0x10_0000, length: .max) == 0xbff0_0000)
        #expect(memory.contiguousRAM(at: 0xc000_0000, length: 1) == 0)
        #expect(memory.contiguousRAM(at: 0x1_0000_0000, length: .max) == UInt64(Self.gibibyte))
        memory.write(address: 0x1_0000_0008, size: 8, value: 0x0102_0304_0506_0708)
        #expect(test.ram.load(fromByteOffset: 3 * Self.gibibyte + 8, as: UInt64.self) == 0x0102_0304_0506_0708)
        test.pc.machine.reset()
        #expect(memory.read(address: 0x1_0000_0008, size: 8) == 0x0102_0304_0506_0708, "a reset keeps memory")
    }

    /// A device's transfer ends where memory does, on both sides of the hole.
    @Test func aTransferAcrossTheHoleIsCutThere() {
        let test = TestPC(ramBytes: 4 * Self.gibibyte)
        defer { test.release() }
        let master = BusMaster(machine: test.pc.machine)
        let bytes: [UInt8] = Array(repeating: 7, count: 16)
        bytes.withUnsafeBytes { source in
            #expect(!master.write(address: 0xbfff_fff8, from: source))
            #expect(master.write(address: 0x1_0000_0000, from: source))
            #expect(!master.write(address: 0x1_3fff_fff8, from: source))
        }
        #expect(master.load(UInt64.self, at: 0xbfff_fff8) == 0x0707_0707_0707_0707)
        #expect(master.load(UInt64.self, at: 0x1_3fff_fff8) == 0x0707_0707_0707_0707)
    }
}
