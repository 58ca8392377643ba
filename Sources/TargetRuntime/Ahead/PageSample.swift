import CForkServerABI
import CTargetRuntime

/// The pages that one child wrote to, as it found them at the end of its input: in memory that it shares with the machine parent.
struct PageSample {
    static var capacity: Int { 4096 }

    private let memory: UnsafeMutablePointer<UInt>

    static func map() -> PageSample? {
        mapUntracked(bytes: (1 + capacity) * MemoryLayout<UInt>.stride).map {
            PageSample(memory: $0.assumingMemoryBound(to: UInt.self))
        }
    }

    private init(memory: UnsafeMutablePointer<UInt>) { self.memory = memory }

    /// 0 as long as the child has not come to its end, and where it had more pages than there is room.
    var count: Int { Int(memory[0]) }
    subscript(index: Int) -> UInt { memory[1 + index] }

    func clear() { memory[0] = 0 }

    /// In a child: fills the sample in. Of pages that processes share the kernel tells no owner, so a page that nobody else has
    /// (bit 56 of `/proc/self/pagemap`) and no file has (bit 61) was copied or made by this child.
    func take(_ mappings: MappingList) {
        guard let pageMap = PageMap.open(), let entries = mapUntracked(bytes: Int(FUZZD_PAGE_BYTES)) else { return }
        let room = entries.assumingMemoryBound(to: UInt64.self)
        var found = 0
        for index in 0..<mappings.count {
            let mapping = mappings[index]
            // Of the pages that children share on purpose all that are there at all were touched: fork does not hand them down.
            let isOwn = mapping.start == UInt(bitPattern: memory)
            guard mapping.isWritable, !mapping.isKernels, !isOwn else { continue }
            _ = pageMap.visitRuns(from: mapping.start, to: mapping.end) { start, end, kind in
                if kind == .own {
                    addOwn(from: start, to: end, pageMap, room, &found)
                } else if mapping.isShared {
                    for page in stride(from: start, to: end, by: Int(FUZZD_PAGE_BYTES)) { add(page, &found) }
                }
            }
        }
        memory[0] = found <= Self.capacity ? UInt(found) : 0
    }

    private func addOwn(
        from start: UInt, to end: UInt, _ pageMap: PageMap, _ entries: UnsafeMutablePointer<UInt64>, _ found: inout Int
    ) {
        let page = UInt(FUZZD_PAGE_BYTES)
        var address = start
        while address < end {
            let count = min(Int((end - address) / page), Int(page) / MemoryLayout<UInt64>.stride)
            let bytes = count * MemoryLayout<UInt64>.stride
            guard fuzzd_raw_pread(pageMap.descriptor, entries, bytes, Int64(address / page) * 8) == bytes else { return }
            for index in 0..<count where entries[index] >> 56 & 0b100001 == 1 {
                add(address + UInt(index) * page, &found)
            }
            address += UInt(count) * page
        }
    }

    private func add(_ page: UInt, _ found: inout Int) {
        if found < Self.capacity { memory[1 + found] = page }
        found += 1
    }
}
