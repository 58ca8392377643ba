/// A disk in memory. What was never written is zero and takes no memory: the disk is a table of chunks, and a
/// child process that writes copies one chunk, not the disk. Owned by the block device.
package struct BlockDisk {
    package static let sectorByteCount = 512
    static let sectorsPerChunk = 64
    static let chunkByteCount = sectorByteCount * sectorsPerChunk
    /// Largest disk, so that a child's memory limit has a known relation to it.
    package static let sectorCountMaximum = 1 << 21

    package let sectorCount: Int
    private var chunks: [[UInt8]]
    /// What a chunk that was never written reads as; made once, so that reading allocates nothing.
    private let emptyChunk = [UInt8](repeating: 0, count: BlockDisk.chunkByteCount)

    /// - Parameter sectorCount: capacity in sectors of 512 bytes, cut to `sectorCountMaximum`.
    package init(sectorCount: Int) {
        self.sectorCount = max(0, min(sectorCount, Self.sectorCountMaximum))
        let chunkCount = (self.sectorCount + Self.sectorsPerChunk - 1) / Self.sectorsPerChunk
        chunks = [[UInt8]](repeating: [], count: chunkCount)
    }

    /// Whether `byteCount` bytes from `sector` on are whole sectors inside the disk.
    package func contains(sector: UInt64, byteCount: Int) -> Bool {
        let count = UInt64(byteCount / Self.sectorByteCount)
        if byteCount % Self.sectorByteCount != 0 { return false }
        return sector <= UInt64(sectorCount) && count <= UInt64(sectorCount) - sector
    }

    /// Bytes of chunk `number`: the last one ends with the disk.
    private func byteCount(ofChunk number: Int) -> Int {
        min(Self.chunkByteCount, sectorCount * Self.sectorByteCount - number * Self.chunkByteCount)
    }

    /// Hands the disk's bytes from `position` on to `sink`, one chunk at a time. The caller has checked the
    /// range.
    func read(position: Int, byteCount: Int, _ sink: (_ done: Int, _ bytes: UnsafeRawBufferPointer) -> Void) {
        var done = 0
        while done < byteCount {
            let number = (position + done) / Self.chunkByteCount
            let start = (position + done) % Self.chunkByteCount
            let chunk = chunks[number].isEmpty ? emptyChunk : chunks[number]
            let length = min(byteCount - done, Self.chunkByteCount - start)
            chunk[start..<(start + length)].withUnsafeBytes { sink(done, $0) }
            done += length
        }
    }

    /// Lets `source` fill the disk's bytes from `position` on, one chunk at a time. The caller has checked
    /// the range. `source` must not reach this disk.
    mutating func write(
        position: Int, byteCount: Int, _ source: (_ done: Int, _ bytes: UnsafeMutableRawBufferPointer) -> Void
    ) {
        var done = 0
        while done < byteCount {
            let number = (position + done) / Self.chunkByteCount
            let start = (position + done) % Self.chunkByteCount
            if chunks[number].isEmpty {
                chunks[number] = [UInt8](repeating: 0, count: self.byteCount(ofChunk: number))
            }
            let length = min(byteCount - done, Self.chunkByteCount - start)
            chunks[number][start..<(start + length)].withUnsafeMutableBytes { source(done, $0) }
            done += length
        }
    }

    /// Makes sectors zero. Chunks that become empty as a whole give their memory back.
    mutating func zero(sector: Int, count: Int) {
        var current = sector
        var remaining = count
        while remaining > 0 {
            let number = current / Self.sectorsPerChunk
            let first = current % Self.sectorsPerChunk
            let length = min(remaining, Self.sectorsPerChunk - first)
            if length * Self.sectorByteCount == byteCount(ofChunk: number) {
                chunks[number] = []
            } else if !chunks[number].isEmpty {
                let start = first * Self.sectorByteCount
                let end = start + length * Self.sectorByteCount
                for index in start..<end { chunks[number][index] = 0 }
            }
            current += length
            remaining -= length
        }
    }

    /// Brings back an empty disk.
    package mutating func erase() {
        for index in chunks.indices where !chunks[index].isEmpty { chunks[index] = [] }
    }
}
