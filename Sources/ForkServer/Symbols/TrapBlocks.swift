import Glibc

/// Tells which edges of an ELF file are blocks that do nothing but trap: Swift's checks of overflow, bounds and
/// preconditions, `__builtin_trap`, UBSan's traps. Nobody wants to reach those for coverage's sake.
///
/// x86-64: a counter's increment and right behind it `ud2`. Elsewhere none is recognised.
package struct TrapBlocks {
    /// A loadable part of the file.
    private struct Segment {
        var address: UInt64
        var fileOffset: Int
        var count: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var segments: [Segment] = []

    /// Maps the file; nothing is recognised where that fails or where it is no 64-bit ELF file of x86-64.
    package init(path: String) {
        bytes = Self.mapped(path)
        // Machine 62 is x86-64 (System V ABI, chapter 4, "ELF Header").
        guard bytes.count > 64, bytes[0..<6].elementsEqual([0x7F, 0x45, 0x4C, 0x46, 2, 1]), load(18, UInt16.self) == 62 else {
            return
        }
        let table = Int(clamping: load(32, UInt64.self))
        let entryBytes = Int(load(54, UInt16.self))
        for index in 0..<Int(load(56, UInt16.self)) {
            let entry = table + index * entryBytes
            guard load(entry, UInt32.self) == 1 else { continue }
            segments.append(
                Segment(
                    address: load(entry + 16, UInt64.self), fileOffset: Int(clamping: load(entry + 8, UInt64.self)),
                    count: Int(clamping: load(entry + 32, UInt64.self))))
        }
    }

    /// Gives the mapping back; the value is of no use afterwards.
    package func close() {
        if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }

    /// Whether the block at an address relative to the load bias only counts and traps.
    package func contains(_ offset: UInt64) -> Bool {
        // incb and addb $1 of a counter addressed relative to the instruction, then ud2.
        let code = code(at: offset, count: 9)
        if code.starts(with: [0xFE, 0x05]) { return code.count >= 8 && code[6] == 0x0F && code[7] == 0x0B }
        return code.starts(with: [0x80, 0x05]) && code.count == 9 && code[6] == 1 && code[7] == 0x0F && code[8] == 0x0B
    }

    private func code(at offset: UInt64, count: Int) -> [UInt8] {
        for segment in segments where offset >= segment.address && offset - segment.address < UInt64(segment.count) {
            let start = segment.fileOffset + Int(offset - segment.address)
            guard start >= 0, start < bytes.count else { return [] }
            return Array(bytes[start..<min(start + count, bytes.count)])
        }
        return []
    }

    /// Little-endian; zero outside the file.
    private func load<Value: FixedWidthInteger>(_ offset: Int, _ type: Value.Type) -> Value {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<Value>.size else { return 0 }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }

    private static func mapped(_ path: String) -> UnsafeRawBufferPointer {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nothing }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0,
            let memory = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED
        else { return nothing }
        return UnsafeRawBufferPointer(start: memory, count: Int(status.st_size))
    }
}
