import CForkServerABI
import CTargetRuntime

/// A mapping of this process, as a line of `/proc/self/maps` tells (proc(5)).
package struct Mapping {
    enum Name {
        case none
        /// The break heap.
        case heap
        /// The main stack, which grows by itself.
        case stack
        /// The kernel's own pages (`[vvar]`, `[vdso]`, …), which nobody may register or replace.
        case kernels
        case file
        /// As prctl(2) with `PR_SET_VMA_ANON_NAME` gives them, among others.
        case other
    }

    package var start: UInt
    package var end: UInt
    var isReadable: Bool
    var isWritable: Bool
    var isExecutable: Bool
    var isShared: Bool
    /// No file's: zeroes until something is written.
    var isAnonymous: Bool
    var name: Name

    var bytes: Int { Int(end - start) }
    var isStack: Bool { name == .stack }
    var isKernels: Bool { name == .kernels }
    /// Address space that is kept for later: an allocator's, as a rule, which makes it accessible bit by bit.
    var isReservation: Bool { !isReadable && !isWritable && !isExecutable && !isShared && isAnonymous }
    /// Code or constants of a loaded object's file.
    var isConstant: Bool {
        // A segment may begin anywhere in its first page.
        name == .file && isReadable && !isWritable && !isShared
            && fuzzd_identity(UnsafeRawPointer(bitPattern: start + UInt(FUZZD_PAGE_BYTES) - 1)) != 0
    }
    /// Writable memory of an allocator's or the target's own making, with the break heap or without.
    func isPrivateMemory(orHeap isHeapToo: Bool) -> Bool {
        isReadable && isWritable && !isExecutable && !isShared && isAnonymous && (name == .none || (isHeapToo && name == .heap))
    }

    /// Parses "start-end rwxp offset device inode   name", which a line feed or a NUL ends; `nil` for other lines.
    static func parse(_ line: UnsafeMutablePointer<CChar>) -> Mapping? {
        var rest: UnsafeMutablePointer<CChar>?
        let start = strtoull(line, &rest, 16)
        guard let dash = rest, dash != line, dash.pointee == 45 else { return nil }
        let end = strtoull(dash + 1, &rest, 16)
        guard let flags = rest, flags != dash + 1, flags.pointee == 32 else { return nil }
        // Offset, device (two numbers), inode.
        _ = strtoull(flags + 5, &rest, 16)
        if let device = rest { _ = strtoull(device, &rest, 16) }
        if let colon = rest, colon.pointee == 58 { _ = strtoull(colon + 1, &rest, 16) }
        guard let place = rest else { return nil }
        let inode = strtoull(place, &rest, 10)
        guard let name = rest else { return nil }
        return Mapping(
            start: UInt(start), end: UInt(end), isReadable: flags[1] == 114, isWritable: flags[2] == 119,
            isExecutable: flags[3] == 120, isShared: flags[4] == 115, isAnonymous: inode == 0, name: parseName(name))
    }

    private static func parseName(_ text: UnsafeMutablePointer<CChar>) -> Name {
        var name = text
        while name.pointee == 32 { name += 1 }
        switch name.pointee {
        case 0, 10: return .none
        case 47: return .file
        case 91:
            if name[1] == 118 { return .kernels }
            if strncmp(name, cString("[heap]"), 6) == 0 { return .heap }
            return strncmp(name, cString("[stack]"), 7) == 0 ? .stack : .other
        default: return .other
        }
    }
}
