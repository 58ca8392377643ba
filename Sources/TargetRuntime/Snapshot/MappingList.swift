import CForkServerABI
import CTargetRuntime

/// A mapping of this process as `/proc/self/maps` tells (proc(5)).
struct Mapping {
    var start: UInt
    var end: UInt
    var isReadable: Bool
    var isWritable: Bool
    var isExecutable: Bool
    var isShared: Bool
    /// The main stack, which grows by itself.
    var isStack: Bool
    /// The kernel's own pages (`[vvar]`, `[vdso]`, …), which nobody may register or replace.
    var isKernels: Bool

    var bytes: Int { Int(end - start) }
}

/// The mappings of this process at one moment, in memory of the runtime's own. Call `release` when done.
struct MappingList {
    private let storage: UnsafeMutableRawPointer
    private let storageBytes: Int
    private let mappings: UnsafeMutablePointer<Mapping>
    let count: Int

    private static var textBytes: Int { 4 << 20 }
    private static var capacity: Int { 16384 }

    subscript(index: Int) -> Mapping { mappings[index] }

    /// Whether the list itself is kept at that address.
    func isStored(at address: UInt) -> Bool { UInt(bitPattern: storage) == address }

    /// Reads the list; `nil` with errno set when it cannot.
    static func read() -> MappingList? {
        let bytes = capacity * MemoryLayout<Mapping>.stride
        guard let text = mapUntracked(bytes: textBytes) else { return nil }
        defer { munmap(text, textBytes) }
        guard let length = readText(into: text) else { return nil }
        guard let storage = mapUntracked(bytes: bytes) else { return nil }
        let mappings = storage.assumingMemoryBound(to: Mapping.self)
        var cursor = text.assumingMemoryBound(to: CChar.self)
        let end = cursor.advanced(by: length)
        var count = 0
        while cursor < end, count < capacity {
            if let mapping = parse(&cursor) {
                mappings[count] = mapping
                count += 1
            }
            while cursor < end, cursor.pointee != 10 { cursor += 1 }
            cursor += 1
        }
        return MappingList(storage: storage, storageBytes: bytes, mappings: mappings, count: count)
    }

    func release() {
        munmap(storage, roundedUpToPage(storageBytes))
    }

    /// The file ends with a NUL, so that parsing stops there.
    private static func readText(into text: UnsafeMutableRawPointer) -> Int? {
        let descriptor = fuzzd_open_for_reading(cString("/proc/self/maps"))
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var length = 0
        while length < textBytes - 1 {
            let count = CTargetRuntime.read(descriptor, text.advanced(by: length), textBytes - 1 - length)
            guard count > 0 else { break }
            length += count
        }
        return length
    }

    /// "start-end rwxp offset device inode   name"
    private static func parse(_ cursor: inout UnsafeMutablePointer<CChar>) -> Mapping? {
        var rest: UnsafeMutablePointer<CChar>?
        let start = strtoull(cursor, &rest, 16)
        guard let dash = rest, dash.pointee == CChar(45) else { return nil }
        let end = strtoull(dash + 1, &rest, 16)
        guard let flags = rest else { return nil }
        var name = flags + 6
        while name.pointee != 10, name.pointee != CChar(91), name.pointee != 0 { name += 1 }
        let isBracketed = name.pointee == CChar(91)
        let isKernels = isBracketed && (name[1] == CChar(118))
        return Mapping(
            start: UInt(start), end: UInt(end), isReadable: flags[1] == CChar(114), isWritable: flags[2] == CChar(119),
            isExecutable: flags[3] == CChar(120), isShared: flags[4] == CChar(115),
            isStack: isBracketed && strncmp(name, cString("[stack]"), 7) == 0, isKernels: isKernels)
    }
}
