import Glibc

extension FileSystem {
    /// The first `maxBytes` of a regular file.
    package func contents(of path: String, maxBytes: Int) throws(SystemCallError) -> [UInt8] {
        // O_NONBLOCK: what was a file when it was listed may have become a pipe that nobody writes to.
        let descriptor = try open(path, flags: O_RDONLY | O_NONBLOCK, mode: 0)
        defer { try? close(descriptor) }
        let status = try status(of: descriptor)
        guard status.kind == .regular else {
            throw SystemCallError(call: "open", code: status.kind == .directory ? EISDIR : EINVAL)
        }
        return try contents(of: descriptor, maxBytes: min(status.sizeBytes, maxBytes))
    }

    /// Up to `maxBytes` from the current position; fewer where the file ends earlier.
    package func contents(of descriptor: Int32, maxBytes: Int) throws(SystemCallError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: maxBytes)
        var filled = 0
        while filled < bytes.count {
            let offset = filled
            let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(SystemCallError) -> Int in
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[offset...])
                return try read(descriptor, into: UnsafeMutableRawBufferPointer(rest))
            }
            guard count > 0 else { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }
}
