import CForkServerABI
import CTargetRuntime

/// The pages that most children write to: one that waits for its input copies them meanwhile, where a running one would take a
/// fault for each.
///
/// Learnt from samples: now and then a child goes without, and says at its end which pages it has. What an input sees does not
/// change: a copy is made a little earlier, with the same contents. Owned by the machine parent of one worker; without
/// `PAGEMAP_SCAN` (Linux 6.7) or `MADV_POPULATE_WRITE` (5.14) there are none.
struct PagesAhead {
    private let sample: PageSample
    private let mappings: MappingList
    private let counts: PageCounts
    private let ranges: UnsafeMutablePointer<iovec>
    private var rangeCount = 0
    private var inputs: UInt64 = 0
    private var samples = 0
    private var isLearnt = false

    private static var rangeCapacity: Int { 1024 }
    private static var firstSamples: Int { 8 }
    private static var laterSamples: Int { 16 }
    /// Of so many inputs one gives a sample, once there is a first result.
    private static var sampleInterval: UInt64 { 128 }

    /// `nil` where the kernel does not tell what is needed.
    init?() {
        // What the runtime compares here is no input's, and would count in the next child's value profile.
        let tracing = fuzzd_pause_tracing()
        defer { fuzzd_resume_tracing(tracing) }
        guard let sample = PageSample.map(), let counts = PageCounts.map(), let mappings = MappingList.read(),
            let memory = mapUntracked(bytes: Self.rangeCapacity * MemoryLayout<iovec>.stride)
        else { return nil }
        mappings.closeFile()
        self.sample = sample
        self.mappings = mappings
        self.counts = counts
        ranges = memory.assumingMemoryBound(to: iovec.self)
    }

    /// Called before each fork; whether that child gives a sample.
    mutating func beginChild() -> Bool {
        inputs &+= 1
        guard isLearnt ? inputs % Self.sampleInterval == 0 : inputs > 4 else { return false }
        sample.clear()
        return true
    }

    /// In a child that waits: copies pages until its gate is about to be opened. One that gives a sample goes without.
    func beginInput(isSample: Bool, _ gate: UnsafePointer<fuzzd_gate>) {
        if isSample {
            endingSample = (sample, mappings)
            fuzzd_set_end_handler {
                fuzzd_begin_faults_if_wanted(FUZZD_FAULTS_SAMPLE)
                endingSample.map { $0.0.take($0.1) }
            }
        } else if rangeCount > 0 {
            fuzzd_populate(ranges, rangeCount, gate)
        }
    }

    /// In the machine parent, when the child that gave a sample is gone.
    mutating func endSample() {
        guard sample.count > 0 else { return }
        for index in 0..<sample.count { counts.count(sample[index]) }
        samples += 1
        guard samples == (isLearnt ? Self.laterSamples : Self.firstSamples) else { return }
        choose()
        counts.clear()
        samples = 0
        isLearnt = true
    }

    /// What two samples of three have: to copy a page costs nearly what it saves.
    private mutating func choose() {
        rangeCount = 0
        counts.forEachSorted { page, count in
            if count * 3 >= samples * 2 { add(page) }
        }
    }

    private mutating func add(_ page: UInt) {
        if rangeCount > 0 {
            let last = ranges.advanced(by: rangeCount - 1)
            if UInt(bitPattern: last.pointee.iov_base) + UInt(last.pointee.iov_len) == page {
                last.pointee.iov_len += Int(FUZZD_PAGE_BYTES)
                return
            }
        }
        guard rangeCount < Self.rangeCapacity else { return }
        ranges[rangeCount] = iovec(iov_base: UnsafeMutableRawPointer(bitPattern: page), iov_len: Int(FUZZD_PAGE_BYTES))
        rangeCount += 1
    }
}

/// For the handler at an input's end, which has no context. Set in a child that gives a sample.
nonisolated(unsafe) private var endingSample: (PageSample, MappingList)?
