import CForkServerABI
import CTargetRuntime

/// Chunks of empty stretches that a scan named, to be looked at once all is put back. Owned by one runner.
struct TouchedChunks {
    private let chunks: UnsafeMutablePointer<UInt>
    private(set) var count = 0

    private static var capacity: Int { 4096 }

    static func map() -> TouchedChunks? {
        mapUntracked(bytes: capacity * MemoryLayout<UInt>.stride).map {
            TouchedChunks(chunks: $0.assumingMemoryBound(to: UInt.self))
        }
    }

    private init(chunks: UnsafeMutablePointer<UInt>) { self.chunks = chunks }

    /// Some may be missing.
    var isFull: Bool { count == Self.capacity }

    subscript(index: Int) -> UInt { chunks[index] }

    /// Adds the chunks of a range; those beyond the capacity are named again by a later scan.
    mutating func add(_ start: UInt, _ end: UInt) {
        var address = start
        while address < end, count < Self.capacity {
            chunks[count] = address
            count += 1
            address = (address | (TrackedMemory.chunkBytes - 1)) &+ 1
        }
    }

    mutating func clear() { count = 0 }
}
