import Foundation

/// The memory of another process of ours, read through `/proc`.
///
/// Owned by one thread. The process must not run meanwhile; what cannot be read is missing.
struct ProcessMemory {
    /// One line of `/proc/PID/maps`.
    struct Mapping: Equatable {
        var start: UInt64
        var end: UInt64
        var isWritable: Bool
        var isPrivate: Bool
        /// Path of the file, a name in brackets, or empty.
        var name: String

        var bytes: UInt64 { end - start }

        init?(_ line: Substring) {
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count >= 5 else { return nil }
            let bounds = fields[0].split(separator: "-")
            guard bounds.count == 2, let start = UInt64(bounds[0], radix: 16), let end = UInt64(bounds[1], radix: 16),
                fields[1].count == 4
            else { return nil }
            self.start = start
            self.end = end
            isWritable = fields[1].dropFirst().first == "w"
            isPrivate = fields[1].last == "p"
            name = fields.count > 5 ? fields[5].trimmingCharacters(in: .whitespaces) : ""
        }
    }

    private let file: FileHandle
    let mappings: [Mapping]

    /// `nil` when the process is gone, or may not be looked at.
    init?(process: Int32) {
        guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/mem"),
            let maps = FileManager.default.contents(atPath: "/proc/\(process)/maps")
        else { return nil }
        self.file = file
        mappings = String(decoding: maps, as: UTF8.self).split(separator: "\n").compactMap(Mapping.init)
    }

    func bytes(at address: UInt64, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { pread(file.fileDescriptor, $0.baseAddress, count, off_t(address)) }
        return got == count ? bytes : nil
    }
}
