import Devices
import Machine
import MachineHarness

/// One access as the probe saw it.
struct ProbeAccess: Equatable, CustomStringConvertible {
    var isPort: Bool
    var offset: UInt64
    var size: Int
    /// nil: a read.
    var value: UInt64?

    var description: String {
        let text = String(offset, radix: 16)
        return "\(isPort ? "port" : "mem")[\(text)]/\(size)"
            + (value.map { " = \(String($0, radix: 16))" } ?? "")
    }
}

/// A PCI function that writes down every access. Its memory BAR, written at 0x00 with an address and at 0x08
/// with a length, makes it read guest memory.
final class ProbeDevice: PCIDevice, MemoryRegionOps {
    var accesses: [ProbeAccess] = []
    var dmaBytes: [[UInt8]] = []
    var dmaAddress: UInt64 = 0
    /// More reads of the same operation, as (address, length), made before the one asked for.
    var extraReads: [(UInt64, Int)] = []

    static func make(_ machine: Machine) -> ProbeDevice {
        let probe = ProbeDevice(
            machine: machine, typeName: "Probe-pci",
            identity: PCIIdentity(vendor: 0x1234, device: 0x5678, classCode: 0xff00))
        let rules = AccessRules(valid: 1...8, implemented: 1...8)
        probe.addBAR(
            0, kind: .memory32,
            region: .io(name: "registers", owner: probe, size: 0x100, ops: probe, tag: 0, access: rules))
        probe.addBAR(
            1, kind: .io, region: .io(name: "doorbells", owner: probe, size: 0x20, ops: probe, tag: 1))
        return probe
    }

    func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        accesses.append(ProbeAccess(isPort: tag == 1, offset: offset, size: size, value: nil))
        return 0
    }

    func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        accesses.append(ProbeAccess(isPort: tag == 1, offset: offset, size: size, value: value))
        guard tag == 0 else { return }
        if offset == 0 { dmaAddress = value }
        if offset == 8 {
            for (address, length) in extraReads { readGuest(address, length) }
            readGuest(dmaAddress, Int(value & 0xff_ffff))
        }
    }

    private func readGuest(_ address: UInt64, _ length: Int) {
        var bytes = [UInt8](repeating: 0xee, count: length)
        bytes.withUnsafeMutableBytes { _ = dma.read(address: address, into: $0) }
        dmaBytes.append(bytes)
    }
}

/// A machine of a probe and, if wanted, a virtio-blk device, with 4 MiB of RAM. Frees its RAM at the end.
final class ProbeMachine {
    let machine: Machine
    let probe: ProbeDevice
    let ram: UnsafeMutableRawBufferPointer

    init(withBlockDevice: Bool = false, secondProbe: Bool = false) {
        ram = .allocate(byteCount: 4 << 20, alignment: 4096)
        ram.initializeMemory(as: UInt8.self, repeating: 0)
        machine = Machine(ram: ram)
        machine.memory.root.add(machine.ramRegion, at: 0)
        let host = BareHost(machine: machine)
        probe = ProbeDevice.make(machine)
        host.bus.add(probe, slot: 3)
        if secondProbe { host.bus.add(ProbeDevice.make(machine), slot: 5) }
        if withBlockDevice { host.bus.add(VirtIOBlockPCI(machine: machine, sectorCount: 256), slot: 4) }
        machine.reset()
    }

    deinit { ram.deallocate() }

    func generic(_ globs: String = "probe*", avoidsDoubleFetches: Bool = true) throws -> GenericHarness {
        let harness = GenericHarness(machine: machine, globs: globs, avoidsDoubleFetches: avoidsDoubleFetches)
        try harness.prepare()
        probe.accesses = []
        return harness
    }
}

extension Harness {
    @discardableResult
    func run(_ bytes: [UInt8]) -> InputVerdict { bytes.withUnsafeBytes { run($0) } }
}

/// Generic-fuzz operations as bytes, for readable inputs.
enum Encode {
    static func operations(_ pieces: [[UInt8]]) -> [UInt8] {
        Array(pieces.joined(separator: Array("FUZZ".utf8)))
    }

    static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func portRead(_ size: UInt8, base: UInt8, _ offset: UInt16) -> [UInt8] {
        [0, size, base] + little(offset)
    }

    static func portWrite(_ size: UInt8, base: UInt8, _ offset: UInt16, _ value: UInt32) -> [UInt8] {
        [1, size, base] + little(offset) + little(value)
    }

    static func read(_ size: UInt8, base: UInt8, _ offset: UInt32) -> [UInt8] {
        [2, size, base, 0, 0] + little(offset)
    }

    static func write(_ size: UInt8, base: UInt8, _ offset: UInt32, _ value: UInt64) -> [UInt8] {
        [3, size, base, 0, 0] + little(offset) + little(value)
    }

    static func configurationRead(_ size: UInt8, base: UInt8, _ offset: UInt8) -> [UInt8] {
        [4, size, base, offset]
    }

    static func configurationWrite(_ size: UInt8, base: UInt8, _ offset: UInt8, _ value: UInt32) -> [UInt8] {
        [5, size, base, offset, 0] + little(value)
    }

    static func pattern(index: UInt8 = 0, stride: UInt8 = 0, _ bytes: [UInt8]) -> [UInt8] {
        [7, index, stride] + bytes
    }

    /// The two operations that make the probe read guest memory.
    static func probeReads(_ address: UInt64, _ length: UInt64) -> [[UInt8]] {
        [write(3, base: 0, 0, address), write(3, base: 0, 8, length)]
    }
}

/// SplitMix64: the seed is the whole state and is printed by the tests that use it.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
