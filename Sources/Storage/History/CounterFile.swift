import Glibc

/// Numbers that survive `kill -9` at any instant, at the price of a store.
///
/// A file of one page, mapped shared: what is stored in it is the kernel's at once and outlives the process. (A loss
/// of power may cost the last seconds; `History` has the samples.) Each number is whole; two that were about to
/// change together may differ by one execution. Owned by the campaign loop; one thread writes, others may read.
package final class CounterFile {
    /// What is counted. Raw values are places in the file: append, never reorder.
    package enum Counter: Int, CaseIterable, Sendable {
        case executions = 0
        case operations
        case crashes
        case timeouts
        case outOfMemory
        case leaks
        /// Children that the daemon or the machine parent killed for other reasons (output, processes, …).
        case killedOther
        /// Inputs added to the corpus.
        case newInputs
        /// Inputs replaced by shorter ones.
        case reducedInputs
        /// Time that the campaign has run, over all starts.
        case elapsedMilliseconds
        /// Starts of the daemon on this corpus.
        case starts
        /// Machine parents that were lost and started anew.
        case restarts
        /// Time of the last new input, on the campaign's own clock (`elapsedMilliseconds`).
        case lastFindMilliseconds
        /// State of the campaign's random numbers at the last start, so that a restart goes on with new ones.
        case seed
    }

    /// Magic and version: "fuzzdcnt" little-endian, then the format's number.
    private static let magic: UInt64 = 0x746e_6364_7a7a_7566
    private static let formatVersion: UInt64 = 1
    private static let headerWords = 8
    private static let sizeBytes = 4096

    private let words: UnsafeMutablePointer<UInt64>
    package let path: String

    /// Opens the file, or creates it with all counters 0.
    ///
    /// - Throws: with room missing, when the file is of another kind, or of another version.
    package init(path: String) throws(StorageError) {
        self.path = path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw StorageError(step: .counters, path: path, code: errno) }
        defer { close(descriptor) }
        // Allocated in advance: storing into a hole on a full disk would end the daemon by SIGBUS.
        let failure = posix_fallocate(descriptor, 0, Self.sizeBytes)
        guard failure == 0 else { throw StorageError(step: .counters, path: path, code: failure) }
        guard
            let page = mmap(nil, Self.sizeBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            page != MAP_FAILED
        else { throw StorageError(step: .counters, path: path, code: errno) }
        words = page.bindMemory(to: UInt64.self, capacity: Self.sizeBytes / 8)
        switch (words[0], words[1]) {
        case (Self.magic, Self.formatVersion): break
        case (0, 0), (0, Self.formatVersion):
            // The version first: a daemon killed in between starts again from (0, version).
            words[1] = Self.formatVersion
            words[0] = Self.magic
        case (Self.magic, let version):
            munmap(page, Self.sizeBytes)
            throw StorageError(
                step: .counters, path: path,
                detail:
                    "format \(version), this fuzzd knows \(Self.formatVersion); move it away to count anew")
        default:
            munmap(page, Self.sizeBytes)
            throw StorageError(
                step: .counters, path: path, detail: "not a counter file of fuzzd; move it away to count anew"
            )
        }
    }

    deinit { munmap(words, Self.sizeBytes) }

    package subscript(counter: Counter) -> UInt64 {
        get { words[Self.headerWords + counter.rawValue] }
        set { words[Self.headerWords + counter.rawValue] = newValue }
    }

    package func add(_ amount: UInt64, to counter: Counter) {
        words[Self.headerWords + counter.rawValue] &+= amount
    }
}
