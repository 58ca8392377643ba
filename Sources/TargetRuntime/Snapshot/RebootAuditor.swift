import CForkServerABI
import CTargetRuntime

/// Writes down where a runner, rebooted by its harness, differs from its snapshot (`fuzzd audit`).
///
/// Owned by one runner. Who reads it looks at this process's memory, which therefore stays as it is until the next input.
struct RebootAuditor {
    private let audit: UnsafeMutablePointer<fuzzd_audit>
    private let ranges: UnsafeMutablePointer<fuzzd_audit_range>
    private let regions: UnsafeMutablePointer<fuzzd_page_region>
    /// An input was audited, and the process not put back yet.
    var isResetDue = false

    /// Equal bytes between two differences that do not part them.
    private static var joinedWithinBytes: UInt64 { 8 }
    /// QEMU frees what readers may still use in a thread of its own, some milliseconds later.
    private static var settlingNanoseconds: Int64 { 20_000_000 }

    /// `nil` when the daemon left no room for it.
    init?(file: WorkerFile, regions: UnsafeMutablePointer<fuzzd_page_region>) {
        let offset = Int(file.header.pointee.audit_offset)
        guard offset != 0 else { return nil }
        audit = UnsafeMutableRawPointer(file.header).advanced(by: offset).assumingMemoryBound(to: fuzzd_audit.self)
        guard let ranges = fuzzd_audit_ranges(audit) else { return nil }
        self.ranges = ranges
        self.regions = regions
        audit.pointee.allocations = UInt64(UInt(bitPattern: fuzzd_noted_allocations()))
    }

    static func letThreadsSettle() { _ = fuzzd_ppoll(nil, 0, settlingNanoseconds) }

    mutating func write(_ memory: TrackedMemory, sequence: UInt64) {
        audit.pointee.sequence = 0
        audit.pointee.runner_id = UInt32(bitPattern: getpid())
        audit.pointee.range_count = 0
        audit.pointee.dropped_ranges = 0
        isResetDue = true
        let everything = memory.groups.everything
        for index in 0..<everything.count {
            guard write(everything.groups[index], memory) else { return }
        }
        audit.pointee.sequence = sequence &+ 1
    }

    /// What an input mapped between the mappings of a group is not undone yet, and the kernel does not scan across it: then each of
    /// them is scanned by itself.
    private func write(_ group: ScanGroups.Group, _ memory: TrackedMemory) -> Bool {
        let count = audit.pointee.range_count
        if write(from: UInt64(group.start), to: UInt64(group.end), memory) { return true }
        audit.pointee.range_count = count
        var index = memory.stretch(at: UInt(group.start))
        while index < memory.stretchCount, memory.stretches[index].start < UInt(group.end) {
            let stretch = memory.stretches[index]
            guard write(from: UInt64(stretch.start), to: UInt64(stretch.end), memory) else { return false }
            index += 1
        }
        return true
    }

    private func write(from start: UInt64, to end: UInt64, _ memory: TrackedMemory) -> Bool {
        var from = start
        while from < end {
            var walkedTo: UInt64 = 0
            let found = fuzzd_scan_written(
                memory.pageMap.descriptor, from, end, regions, PageMap.regionCapacity, &walkedTo)
            guard found >= 0 else { return false }
            for index in 0..<Int(found) { compare(regions[index], memory) }
            guard walkedTo > from else { break }
            from = walkedTo
        }
        return true
    }

    private func compare(_ region: fuzzd_page_region, _ memory: TrackedMemory) {
        var address = UInt(region.start)
        while address < UInt(region.end) {
            let index = memory.stretch(at: address)
            guard index < memory.stretchCount, memory.stretches[index].start < UInt(region.end) else { return }
            let stretch = memory.stretches[index]
            address = max(address, stretch.start)
            let stop = min(UInt(region.end), stretch.end)
            if stretch.isEmpty {
                // All of it is named, whether it was written to or not.
                _ = memory.pageMap.visitRuns(from: address, to: stop) { first, end, _ in add(UInt64(first), UInt64(end - first)) }
                address = stop
            } else {
                compare(&address, to: stop, of: stretch, memory)
            }
        }
    }

    private func compare(
        _ address: inout UInt, to stop: UInt, of stretch: TrackedMemory.Stretch, _ memory: TrackedMemory
    ) {
        let page = UInt(FUZZD_PAGE_BYTES)
        while address < stop {
            let copy = memory.pages[stretch.firstPage + Int((address - stretch.start) / page)].copy
            if copy == 0 {
                // It was absent, or its file's: whoever reads this knows what was there.
                add(UInt64(address), UInt64(page))
            } else {
                compare(address, memory.copies[copy])
            }
            address += page
        }
    }

    private func compare(_ address: UInt, _ copy: UnsafeRawPointer) {
        guard let place = UnsafePointer<UInt8>(bitPattern: address) else { return }
        let expected = copy.assumingMemoryBound(to: UInt8.self)
        let pageBytes = Int(FUZZD_PAGE_BYTES)
        var offset = 0
        while true {
            offset += fuzzd_first_difference(place + offset, expected + offset, pageBytes - offset)
            guard offset < pageBytes else { return }
            add(UInt64(address) + UInt64(offset), 1)
            offset += 1
        }
    }

    private func add(_ address: UInt64, _ bytes: UInt64) {
        let count = Int(audit.pointee.range_count)
        if count > 0 {
            let last = ranges.advanced(by: count - 1)
            let end = last.pointee.address &+ last.pointee.bytes
            if address &- end <= Self.joinedWithinBytes {
                last.pointee.bytes = address &+ bytes &- last.pointee.address
                return
            }
        }
        guard count < Int(FUZZD_MAX_AUDIT_RANGES) else {
            audit.pointee.dropped_ranges &+= 1
            return
        }
        ranges[count] = fuzzd_audit_range(address: address, bytes: bytes)
        audit.pointee.range_count = UInt32(count + 1)
    }
}
