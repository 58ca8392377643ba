/// What a script has written to guest memory so far, and whether a device has read it since.
struct GuestMemoryModel {
    /// Bytes that one write may have; a model of more helps nobody.
    static let maximumWriteBytes = 1 << 20

    private var bytes: [UInt64: UInt8] = [:]
    /// The line that wrote a byte that no device has read yet.
    private var unread: [UInt64: Int] = [:]
    /// Lines of which no device has read any byte.
    private var pending: Set<Int> = []

    var isEmpty: Bool { bytes.isEmpty }

    mutating func write(_ data: [UInt8], at address: UInt64, line: Int) {
        for (index, byte) in data.enumerated() {
            bytes[address &+ UInt64(index)] = byte
            unread[address &+ UInt64(index)] = line
        }
        pending.insert(line)
    }

    /// Whether the script wrote any byte of the range.
    func overlaps(_ address: UInt64, _ count: Int) -> Bool {
        (0..<count).contains { bytes[address &+ UInt64($0)] != nil }
    }

    /// What is there as far as the script is concerned: zeros where it wrote nothing.
    func contents(_ address: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { bytes[address &+ UInt64($0)] ?? 0 }
    }

    /// A device reads the range: the lines that wrote there have had an effect.
    mutating func noteRead(_ address: UInt64, _ count: Int) {
        for index in 0..<count {
            if let line = unread.removeValue(forKey: address &+ UInt64(index)) { pending.remove(line) }
        }
    }

    /// Lines whose writes no device has read any byte of, in order.
    var unreadLines: [Int] { pending.sorted() }
}
