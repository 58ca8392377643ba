import CForkServerABI
import CTargetRuntime

/// How often chunks that were empty at the snapshot have been written to: a small table in which a chunk may push another out.
/// Owned by one runner.
struct ChunkCounts {
    private struct Entry {
        var chunk: UInt
        var count: Int
    }

    private let entries: UnsafeMutablePointer<Entry>
    private static var capacity: Int { 4096 }
    /// Writes to a chunk after which it is worth its page tables.
    static var frequent: Int { 4 }

    static func map() -> ChunkCounts? {
        mapUntracked(bytes: capacity * MemoryLayout<Entry>.stride).map {
            ChunkCounts(entries: $0.assumingMemoryBound(to: Entry.self))
        }
    }

    /// Counts one more write to the chunk; returns the number so far.
    mutating func count(_ chunk: UInt) -> Int {
        let entry = entries.advanced(by: Int((chunk >> 21) % UInt(Self.capacity)))
        if entry.pointee.chunk != chunk { entry.pointee = Entry(chunk: chunk, count: 0) }
        entry.pointee.count += 1
        return entry.pointee.count
    }
}
