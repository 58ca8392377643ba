/// What a process had in some of its memory at one moment: segments of bytes by address. A value.
package struct MemoryImage {
    package struct Segment {
        package var start: UInt64
        package var bytes: [UInt8]
        /// Whether pointers in it keep blocks of the heap alive: variables of the program, not the heap itself.
        package var isRoot: Bool

        package init(start: UInt64, bytes: [UInt8], isRoot: Bool) {
            self.start = start
            self.bytes = bytes
            self.isRoot = isRoot
        }

        var end: UInt64 { start + UInt64(bytes.count) }
    }

    /// Ascending, without overlap.
    private(set) var segments: [Segment] = []
    /// `glibc`'s main heap, block by block; empty where there is none, as with a sanitizer's allocator.
    package var heap = HeapBlocks()

    package init(segments: [Segment]) {
        self.segments = segments.sorted { $0.start < $1.start }
    }

    func segment(at address: UInt64) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].end <= address { low = middle + 1 } else { high = middle }
        }
        return low < segments.count && segments[low].start <= address ? low : nil
    }

    /// The eight bytes at an address, little-endian; `nil` where nothing is known.
    func word(_ address: UInt64) -> UInt64? {
        guard let index = segment(at: address) else { return nil }
        return segments[index].word(address)
    }

    /// A string of printable characters that ends with a zero; `nil` if there is none of at most `limit` bytes.
    func string(at address: UInt64, limit: Int = 64) -> String? {
        guard let index = segment(at: address) else { return nil }
        let offset = Int(address - segments[index].start)
        let bytes = segments[index].bytes[offset...].prefix(limit + 1).prefix { $0 != 0 }
        guard !bytes.isEmpty, bytes.count <= limit, bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension MemoryImage.Segment {
    func word(_ address: UInt64) -> UInt64? {
        let offset = Int(address - start)
        guard offset + 8 <= bytes.count else { return nil }
        return bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }
}
