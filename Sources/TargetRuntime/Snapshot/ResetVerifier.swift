import CForkServerABI
import CTargetRuntime

/// Compares a runner, just put back, with its snapshot: all memory, mappings, descriptors and threads (`verify_reset`).
///
/// Owned by one runner, in memory that is not put back; what it compares with was noted at the snapshot.
struct ResetVerifier {
    let every: UInt64
    private let mappings: MappingList
    private let descriptors: UnsafeMutablePointer<UInt64>
    private let threadCount: Int32
    private let status: Int32
    private let room: MappingList.Room
    private let regions: UnsafeMutablePointer<fuzzd_page_region>
    private let kernelsStart: UInt
    private let kernelsEnd: UInt

    private static var descriptorCount: Int { 800 }

    struct Difference {
        var kind: fuzzd_difference_kind
        var address: UInt64
        var expected: UInt8 = 0
        var found: UInt8 = 0
    }

    /// Notes what there is; `nil` with errno set when that cannot be found out. After everything else of the runner was mapped.
    init?(every: UInt64, regions: UnsafeMutablePointer<fuzzd_page_region>) {
        let opened = fuzzd_open_for_reading(cString("/proc/self/stat"))
        guard opened >= 0 else { return nil }
        status = fuzzd_move_descriptor(opened, Descriptors.firstOwn)
        guard status >= 0, let room = MappingList.Room.map(), let memory = mapUntracked(bytes: Self.descriptorCount * MemoryLayout<UInt64>.stride),
            let mappings = MappingList.read()
        else { return nil }
        self.every = every
        self.regions = regions
        self.mappings = mappings
        self.room = room
        threadCount = fuzzd_thread_count(status)
        descriptors = memory.assumingMemoryBound(to: UInt64.self)
        guard threadCount > 0 else { return nil }
        for number in 0..<Self.descriptorCount {
            descriptors[number] = fuzzd_descriptor_identity(Int32(number))
            guard descriptors[number] != UInt64.max else { return nil }
        }
        var start: UInt64 = 0
        let bytes = fuzzd_kernels_own_bytes(&start)
        kernelsStart = UInt(start)
        kernelsEnd = UInt(start + bytes)
    }

    /// After the reset behind input `sequence`; false when something differs, which is written down.
    func verify(_ memory: TrackedMemory, sequence: UInt64, _ checks: inout fuzzd_reset_checks) -> Bool {
        checks.checks &+= 1
        var bytes: UInt64 = 0
        var first = differenceOfMemory(memory, &bytes)
        first = first ?? newPage(memory) ?? differenceOfDescriptors() ?? differenceOfMappings() ?? differenceOfThreads()
        guard let first else { return true }
        checks.differing_checks &+= 1
        checks.differing_bytes &+= bytes
        if checks.kind == UInt32(FUZZD_DIFFERENCE_NONE.rawValue) {
            checks.kind = UInt32(first.kind.rawValue)
            checks.address = first.address
            checks.expected = first.expected
            checks.found = first.found
            checks.sequence = sequence
        }
        return false
    }

    private func differenceOfMemory(_ memory: TrackedMemory, _ bytes: inout UInt64) -> Difference? {
        var first: Difference?
        let page = UInt(FUZZD_PAGE_BYTES)
        for index in 0..<memory.stretchCount where !memory.stretches[index].isEmpty {
            let stretch = memory.stretches[index]
            var address = stretch.start
            while address < stretch.end {
                let copy = memory.pages[stretch.firstPage + Int((address - stretch.start) / page)].copy
                if copy != 0 { compare(address, memory.copies[copy], &first, &bytes) }
                address += page
            }
        }
        return first
    }

    private func compare(_ address: UInt, _ copy: UnsafeRawPointer, _ first: inout Difference?, _ bytes: inout UInt64) {
        guard let place = UnsafePointer<UInt8>(bitPattern: address) else { return }
        let expected = copy.assumingMemoryBound(to: UInt8.self)
        let pageBytes = Int(FUZZD_PAGE_BYTES)
        var offset = 0
        while true {
            offset += fuzzd_first_difference(place + offset, expected + offset, pageBytes - offset)
            guard offset < pageBytes else { return }
            let isKernels = address + UInt(offset) >= kernelsStart && address + UInt(offset) < kernelsEnd
            if !isKernels {
                bytes &+= 1
                first =
                    first
                    ?? Difference(
                        kind: FUZZD_DIFFERENCE_MEMORY, address: UInt64(address) + UInt64(offset), expected: expected[offset],
                        found: place[offset])
            }
            offset += 1
        }
    }

    /// A page that nobody has a copy of must not be there.
    private func newPage(_ memory: TrackedMemory) -> Difference? {
        for index in 0..<memory.stretchCount {
            let stretch = memory.stretches[index]
            var from = UInt64(stretch.start)
            while from < UInt64(stretch.end) {
                var walkedTo: UInt64 = 0
                let found = fuzzd_scan_new(
                    memory.pageMap.descriptor, from, UInt64(stretch.end), regions, PageMap.regionCapacity, &walkedTo)
                for region in 0..<max(0, Int(found)) {
                    if let address = withoutCopy(regions[region], in: stretch, memory) {
                        return Difference(kind: FUZZD_DIFFERENCE_PAGE, address: address)
                    }
                }
                guard found >= 0, walkedTo > from else { break }
                from = walkedTo
            }
        }
        return nil
    }

    private func withoutCopy(
        _ region: fuzzd_page_region, in stretch: TrackedMemory.Stretch, _ memory: TrackedMemory
    ) -> UInt64? {
        if stretch.isEmpty { return region.start }
        let page = UInt64(FUZZD_PAGE_BYTES)
        var address = region.start
        while address < region.end {
            if memory.pages[stretch.firstPage + Int((address - UInt64(stretch.start)) / page)].copy == 0 { return address }
            address += page
        }
        return nil
    }

    private func differenceOfDescriptors() -> Difference? {
        for number in 0..<Self.descriptorCount where fuzzd_descriptor_identity(Int32(number)) != descriptors[number] {
            return Difference(kind: FUZZD_DIFFERENCE_DESCRIPTOR, address: UInt64(number))
        }
        return nil
    }

    /// Shared mappings are left out: the runtime's own are among them.
    private func differenceOfMappings() -> Difference? {
        guard let now = MappingList.read(into: room) else { return Difference(kind: FUZZD_DIFFERENCE_MAPPING, address: 0) }
        var before = MappingRuns(mappings)
        var after = MappingRuns(now)
        while true {
            let expected = before.next()
            let found = after.next()
            guard let expected, let found else {
                let extra = expected ?? found
                return extra.map { Difference(kind: FUZZD_DIFFERENCE_MAPPING, address: UInt64($0.start)) }
            }
            if expected.start != found.start || expected.end != found.end || !expected.isAlike(found) {
                return Difference(kind: FUZZD_DIFFERENCE_MAPPING, address: UInt64(min(expected.start, found.start)))
            }
        }
    }

    private func differenceOfThreads() -> Difference? {
        let count = fuzzd_thread_count(status)
        return count == threadCount ? nil : Difference(kind: FUZZD_DIFFERENCE_THREAD, address: UInt64(count))
    }
}
