import CForkServerABI
import CTargetRuntime

// What is done after each input.
extension TrackedMemory {
    /// Where the time of a reset goes, in cycles of the time stamp counter, and the number of pages put back.
    struct Cost {
        var scanCycles: UInt64 = 0
        var protectCycles: UInt64 = 0
        var pages = 0
        /// Of all memory.
        var scans = 0
    }

    /// A page is hot that at least every so many inputs write to: a fault and protecting it again cost as much as some
    /// thirty copies, but not every input is like those before.
    private static var inputsPerHotWrite: UInt32 { 16 }
    /// After so many resets it is learnt anew which pages are hot.
    private static var resetsOfAnEpoch: UInt32 { 2048 }

    /// Puts every page back that was written to since the last call; false with errno set when the kernel refused a step: the
    /// runner is not to be used again then.
    mutating func restore(_ regions: UnsafeMutablePointer<fuzzd_page_region>, _ cost: inout Cost) -> Bool {
        resetCount &+= 1
        touched.clear()
        let started = fuzzd_cycles()
        let faulted = faults.take()
        cost.scanCycles &+= fuzzd_cycles() &- started
        if let faulted {
            guard restoreFaulted(faulted, regions, &cost), touched.count == 0 || noteTouched() else { return false }
        } else {
            guard restoreScanned(regions, &cost) else { return false }
        }
        guard resetCount % Self.resetsOfAnEpoch != 0 || coolDown() else { return false }
        faults.begin()
        return true
    }

    /// All that a scan names.
    private mutating func restoreScanned(_ regions: UnsafeMutablePointer<fuzzd_page_region>, _ cost: inout Cost) -> Bool {
        cost.scans += 1
        let scanned = groups.current
        for index in 0..<scanned.count {
            guard restore(scanned.groups[index], regions, &cost) else { return false }
        }
        if touched.count > 0 { return noteTouched() }
        groups.noteNothingTouched(scannedWhole: scanned.isWhole)
        return true
    }

    /// After everything was put back: a chunk that becomes a tracked stretch moves others in the table.
    private mutating func noteTouched() -> Bool {
        let before = stretchCount
        if touched.isFull { groups.giveUpSparse() }
        for index in 0..<touched.count {
            guard noteWriteToEmpty(touched[index]) else { return false }
        }
        if stretchCount != before || groups.isSparse { groups.settle(stretches, count: stretchCount) }
        return true
    }

    mutating func restore(
        _ group: ScanGroups.Group, _ regions: UnsafeMutablePointer<fuzzd_page_region>, _ cost: inout Cost
    ) -> Bool {
        var from = UInt64(group.start)
        while from < UInt64(group.end) {
            var walkedTo: UInt64 = 0
            let started = fuzzd_cycles()
            let found = fuzzd_scan_written(
                pageMap.descriptor, from, UInt64(group.end), regions, PageMap.regionCapacity, &walkedTo)
            cost.scanCycles &+= fuzzd_cycles() &- started
            guard found >= 0 else { return false }
            guard restore(regions, count: Int(found), &cost) else { return false }
            guard walkedTo > from else { break }
            from = walkedTo
        }
        return true
    }

    /// Puts regions that the kernel named, ascending, back.
    private mutating func restore(
        _ regions: UnsafeMutablePointer<fuzzd_page_region>, count: Int, _ cost: inout Cost
    ) -> Bool {
        guard count > 0 else { return true }
        var index = stretch(at: UInt(regions[0].start))
        // What is named of an empty stretch is looked at with one call: a scan names all of it whether it was written to or not.
        var given = (start: UInt(0), end: UInt(0), stretch: -1)
        for region in 0..<count {
            var address = UInt(regions[region].start)
            let end = UInt(regions[region].end)
            while address < end {
                while index < stretchCount, stretches[index].end <= address { index += 1 }
                guard index < stretchCount, stretches[index].start < end else { break }
                let stretch = stretches[index]
                let start = max(address, stretch.start)
                let stop = min(end, stretch.end)
                if stretch.isEmpty {
                    if given.stretch != index {
                        guard clear(given.start, given.end, &cost) else { return false }
                        given = (start, stop, index)
                    }
                    given.end = stop
                } else {
                    guard restorePages(from: start, to: stop, of: stretch, &cost) else { return false }
                }
                address = stop
            }
        }
        return clear(given.start, given.end, &cost)
    }

    /// Gives the chunks of an empty range back that have pages.
    private mutating func clear(_ start: UInt, _ end: UInt, _ cost: inout Cost) -> Bool {
        guard start < end else { return true }
        let started = fuzzd_cycles()
        defer { cost.protectCycles &+= fuzzd_cycles() &- started }
        let chunk = Self.chunkBytes
        var found = touched
        var isGiven = true
        let isRead = pageMap.visitRuns(from: start, to: end) { first, last, _ in
            let from = max(first & ~(chunk - 1), start)
            let to = min((last + chunk - 1) & ~(chunk - 1), end)
            isGiven = isGiven && fuzzd_give_back(UInt64(from), UInt64(to - from)) == 0
            found.add(from, to)
        }
        touched = found
        return isRead && isGiven
    }

    func giveBack(_ start: UInt, _ end: UInt, _ cost: inout Cost) -> Bool {
        guard start < end else { return true }
        let started = fuzzd_cycles()
        defer { cost.protectCycles &+= fuzzd_cycles() &- started }
        return fuzzd_give_back(UInt64(start), UInt64(end - start)) == 0
    }

    /// Puts one run of written pages back, in runs that are treated alike.
    mutating func restorePages(from: UInt, to end: UInt, of stretch: Stretch, _ cost: inout Cost) -> Bool {
        let page = UInt(FUZZD_PAGE_BYTES)
        var address = from
        while address < end {
            let first = pages.advanced(by: stretch.firstPage + Int((address - stretch.start) / page))
            let copy = first.pointee.copy
            let isHot = first.pointee.isHot
            let count = runLength(first, atMost: Int((end - address) / page))
            if copy != 0 {
                copies.putBack(copy, count: count, to: address)
            } else if !giveBack(address, address + UInt(count) * page, &cost) {
                return false
            }
            cost.pages += count
            if !isHot {
                let started = fuzzd_cycles()
                guard settle(first, count: count, at: address, mayHeat: !stretch.isReservation) else { return false }
                cost.protectCycles &+= fuzzd_cycles() &- started
            }
            address += UInt(count) * page
        }
        return true
    }

    /// Pages from `first` on that are all hot or all not, and all without a copy or with copies in a row.
    func runLength(_ first: UnsafeMutablePointer<Page>, atMost limit: Int) -> Int {
        var count = 1
        let step: UInt32 = first.pointee.copy == 0 ? 0 : 1
        while count < limit, first[count].copy == first.pointee.copy &+ UInt32(count) &* step,
            first[count].isHot == first.pointee.isHot
        {
            count += 1
        }
        return count
    }

    /// After pages that are not hot were put back: protects them again, or makes them hot.
    private mutating func settle(
        _ first: UnsafeMutablePointer<Page>, count: Int, at address: UInt, mayHeat: Bool
    ) -> Bool {
        let page = UInt(FUZZD_PAGE_BYTES)
        guard fuzzd_userfault_protect(userfault, UInt64(address), UInt64(count) * UInt64(page)) == 0 else { return false }
        for index in 0..<count {
            let entry = first.advanced(by: index)
            entry.pointee.writes &+= 1
            let writes = entry.pointee.writes
            if mayHeat, writes >= 2, writes &* Self.inputsPerHotWrite >= resetCount % Self.resetsOfAnEpoch {
                heat(entry, at: address + UInt(index) * page)
            }
        }
        return true
    }

    /// Leaves the page, which has just been put back, without protection. One without a copy gets one of what it is now.
    private mutating func heat(_ entry: UnsafeMutablePointer<Page>, at address: UInt) {
        guard !hotPages.isFull, let place = UnsafeMutablePointer<UInt64>(bitPattern: address) else { return }
        if entry.pointee.copy == 0 {
            entry.pointee.copy = copies.add(address)
            guard entry.pointee.copy != 0 else { return }
        }
        entry.pointee.isHot = true
        hotPages.add(address, copy: entry.pointee.copy)
        // Written once now, so that it stays without protection.
        fuzzd_touch_page(place)
    }

    /// Protects all pages again. Hot ones have just been put back.
    private mutating func coolDown() -> Bool {
        let page = UInt(FUZZD_PAGE_BYTES)
        for index in 0..<stretchCount where !stretches[index].isEmpty {
            let stretch = stretches[index]
            var hasHot = false
            for offset in 0..<Int((stretch.end - stretch.start) / page) {
                let entry = pages.advanced(by: stretch.firstPage + offset)
                entry.pointee.writes = 0
                hasHot = hasHot || entry.pointee.isHot
                entry.pointee.isHot = false
            }
            guard !hasHot || fuzzd_userfault_protect(userfault, UInt64(stretch.start), UInt64(stretch.end - stretch.start)) == 0
            else { return false }
        }
        hotPages.clear()
        return true
    }
}
