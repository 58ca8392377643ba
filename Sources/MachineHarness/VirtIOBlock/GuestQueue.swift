import Machine

/// The driver's side of a split virtqueue (virtio 1.2, 2.7), as careless as libqos: the head of the free
/// descriptors only ever grows, beyond the table too. That is what the fuzzers rely on to write into the
/// rings. A value that lives as long as an input, or in the machine parent as the state inputs start from.
struct GuestQueue {
    private let machine: Machine
    let descriptors: UInt64
    let available: UInt64
    let used: UInt64
    let size: UInt16
    private let index: UInt16
    private let notifyAddress: UInt64
    private let usesEventIndex: Bool
    /// Not yet used descriptors start here.
    private var freeHead: UInt32 = 0

    /// Bytes that a queue of `size` needs at most, and their alignment.
    static let footprint: UInt64 = 0x10000
    private static let alignment: UInt64 = 4096

    private enum Flag {
        static let next: UInt64 = 1
        static let write: UInt64 = 2
        static let noNotify: UInt64 = 1
    }

    init(
        machine: Machine, address: UInt64, size: UInt16, index: UInt16, notifyAddress: UInt64,
        usesEventIndex: Bool
    ) {
        self.machine = machine
        self.size = size
        self.index = index
        self.notifyAddress = notifyAddress
        self.usesEventIndex = usesEventIndex
        descriptors = address
        available = address + UInt64(size) * 16
        used = (available + 2 * (3 + UInt64(size)) + Self.alignment - 1) & ~(Self.alignment - 1)
    }

    private func store(_ address: UInt64, _ size: Int, _ value: UInt64) {
        machine.memory.write(address: address, size: size, value: value)
    }

    /// An empty queue whose descriptors are chained one after the other.
    func clear() {
        for position in 0..<(UInt64(size) - 1) {
            store(descriptors + position * 16, 8, 0)
            store(descriptors + position * 16 + 14, 2, position + 1)
        }
        store(available, 4, 0)
        store(available + 4 + 2 * UInt64(size), 2, 0)
        store(used, 4, 0)
        store(used + 4 + 8 * UInt64(size), 2, 0)
    }

    /// Fills the next descriptor and returns its number.
    mutating func add(address: UInt64, length: UInt32, isDeviceWritten: Bool, hasNext: Bool) -> UInt32 {
        let descriptor = descriptors &+ UInt64(freeHead) &* 16
        store(descriptor, 8, address)
        store(descriptor &+ 8, 4, UInt64(length))
        store(descriptor &+ 12, 2, (isDeviceWritten ? Flag.write : 0) | (hasNext ? Flag.next : 0))
        defer { freeHead &+= 1 }
        return freeHead
    }

    /// Makes the chain at `head` available and notifies the device where it wants that.
    func kick(head: UInt32) {
        let position = machine.memory.read(address: available + 2, size: 2)
        store(available + 4 + 2 * (position % UInt64(size)), 2, UInt64(head & 0xffff))
        store(available + 2, 2, (position + 1) & 0xffff)
        let flags = machine.memory.read(address: available, size: 2)
        let event = machine.memory.read(address: used + 4 + 8 * UInt64(size), size: 2)
        let isWanted = !usesEventIndex || (position &- event) & 0xffff < 1
        guard flags & Flag.noNotify == 0, isWanted else { return }
        onOperation()
        store(notifyAddress, 2, UInt64(index))
    }
}
