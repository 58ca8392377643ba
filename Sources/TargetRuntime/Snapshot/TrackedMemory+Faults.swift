import CForkServerABI
import CTargetRuntime

// Puts back what the log of page faults names.
extension TrackedMemory {
    /// Hot pages, and those that had a fault.
    mutating func restoreFaulted(
        _ count: Int, _ regions: UnsafeMutablePointer<fuzzd_page_region>, _ cost: inout Cost
    ) -> Bool {
        hotPages.putBack(copies)
        cost.pages += hotPages.count
        var index = 0
        while index < count {
            let address = faults[index]
            index += 1
            let place = stretch(at: address)
            guard place < stretchCount, stretches[place].start <= address else { continue }
            let stretch = stretches[place]
            let isRestored: Bool
            let end: UInt
            if stretch.isEmpty {
                end = min((address | (Self.chunkBytes - 1)) &+ 1, stretch.end)
                let start = max(address & ~(Self.chunkBytes - 1), stretch.start)
                isRestored = giveBack(start, end, &cost)
                touched.add(start, end)
            } else {
                end = endOfRun(from: address, at: index, of: count, below: stretch.end)
                isRestored = restoreFaulted(from: address, to: end, of: stretch, regions, &cost)
            }
            guard isRestored else { return false }
            while index < count, faults[index] < end { index += 1 }
        }
        return true
    }

    /// Where the run of neighbouring pages with faults ends.
    private func endOfRun(from address: UInt, at next: Int, of count: Int, below limit: UInt) -> UInt {
        var end = address + UInt(FUZZD_PAGE_BYTES)
        var index = next
        while index < count, end < limit, faults[index] == end {
            end += UInt(FUZZD_PAGE_BYTES)
            index += 1
        }
        return end
    }

    /// A page with a copy was written to; one without may just have been read for the first time, which a scan tells.
    private mutating func restoreFaulted(
        from: UInt, to end: UInt, of stretch: Stretch, _ regions: UnsafeMutablePointer<fuzzd_page_region>, _ cost: inout Cost
    ) -> Bool {
        let page = UInt(FUZZD_PAGE_BYTES)
        var address = from
        while address < end {
            let first = pages.advanced(by: stretch.firstPage + Int((address - stretch.start) / page))
            let stop = address + UInt(runLength(first, atMost: Int((end - address) / page))) * page
            let isRestored =
                first.pointee.copy == 0
                ? restore(ScanGroups.Group(start: address, end: stop), regions, &cost)
                : restorePages(from: address, to: stop, of: stretch, &cost)
            guard isRestored else { return false }
            address = stop
        }
        return true
    }
}
