import Foundation

/// Numbers about the seeds before any was run: libFuzzer prints them, and the longest decides `-max_len`.
struct CorpusSurvey {
    private(set) var counts: [(directory: String, files: Int)] = []
    private(set) var fileCount = 0
    private(set) var smallestBytes = 0
    private(set) var largestBytes = 0
    private(set) var totalBytes = 0

    /// Looks at sizes only.
    init(directories: [String], files: [String]) {
        for directory in directories {
            let sizes = Self.sizes(below: directory)
            counts.append((directory, sizes.count))
            sizes.forEach { add($0) }
        }
        for file in files {
            if let size = Self.size(file) { add(size) }
        }
    }

    private mutating func add(_ size: Int) {
        smallestBytes = fileCount == 0 ? size : min(smallestBytes, size)
        largestBytes = max(largestBytes, size)
        totalBytes += size
        fileCount += 1
    }

    private static func sizes(below directory: String) -> [Int] {
        guard let walk = FileManager.default.enumerator(atPath: directory) else { return [] }
        var sizes: [Int] = []
        while let name = walk.nextObject() as? String {
            // Hidden folders are nobody's inputs; see CorpusReader.
            if name.hasPrefix(".") || name.contains("/.") { continue }
            if let size = size(directory + "/" + name) { sizes.append(size) }
        }
        return sizes
    }

    /// Size of a regular file, also behind a symbolic link.
    private static func size(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }
}
