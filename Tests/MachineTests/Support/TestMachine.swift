import Machine

/// Registers that note what reaches them and read as their own offset, so that every byte is known.
final class NotingDevice: Device, MemoryRegionOps {
    enum Access: Equatable {
        case read(tag: Int, offset: UInt64, size: Int)
        case write(tag: Int, offset: UInt64, size: Int, value: UInt64)
    }

    var accesses: [Access] = []
    /// Called inside every write, for what a device does then.
    var onWrite: (UInt64) -> Void = { _ in }

    init() { super.init(typeName: "noting") }

    func read(tag: Int, offset: UInt64, size: Int) -> UInt64 {
        accesses.append(.read(tag: tag, offset: offset, size: size))
        // Wider than asked on purpose: the address space has to cut it.
        return (0..<8).reduce(0) { $0 | ((offset &+ UInt64($1)) & 0xff) << UInt64($1 * 8) }
    }

    func write(tag: Int, offset: UInt64, size: Int, value: UInt64) {
        accesses.append(.write(tag: tag, offset: offset, size: size, value: value))
        onWrite(value)
    }

    func region(_ size: UInt64, tag: Int = 0, _ access: AccessRules = .standard) -> MemoryRegion {
        .io(name: "noting", owner: self, size: size, ops: self, tag: tag, access: access)
    }
}

/// A machine with 64 KiB of RAM at 0.
final class TestMachine {
    static let ramBytes = 0x10000
    let ram: UnsafeMutableRawBufferPointer
    let machine: Machine

    init() {
        ram = .allocate(byteCount: Self.ramBytes, alignment: 4096)
        ram.initializeMemory(as: UInt8.self, repeating: 0)
        machine = Machine(ram: ram)
        machine.memory.root.add(machine.ramRegion, at: 0)
    }

    deinit { ram.deallocate() }
}

/// Deterministic random numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
