import CForkServerABI
import CTargetRuntime
import Glibc
import TargetRuntime
import Testing

private let page = 4096

@Suite("Counters that are not zero are listed") struct CounterScanTests {
    private struct Entry: Equatable {
        var edge: Int
        var hits: UInt8
    }

    /// Lists the counters of a range that begins `shift` bytes behind a word's boundary.
    private static func list(_ counters: [UInt8], shift: Int = 0, firstEdge: Int = 0) -> (entries: [Entry], rest: [UInt8]) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: counters.count + 16, alignment: 8)
        let result = UnsafeMutablePointer<UInt32>.allocate(capacity: counters.count + 1)
        defer {
            memory.deallocate()
            result.deallocate()
        }
        // What lies beside the range is no counter.
        memset(memory, 0xEE, counters.count + 16)
        let start = memory.advanced(by: shift).assumingMemoryBound(to: UInt8.self)
        for (index, value) in counters.enumerated() { start[index] = value }
        var found = 0
        CounterScan.collect(start, counters.count, firstEdge: firstEdge, into: result, &found)
        let neighbours = (0..<(counters.count + 16)).filter { $0 < shift || $0 >= shift + counters.count }
        for index in neighbours {
            #expect(memory.load(fromByteOffset: index, as: UInt8.self) == 0xEE, "byte \(index) is not the range's")
        }
        let entries = (0..<found).map { Entry(edge: Int(result[$0] >> 8), hits: UInt8(result[$0] & 0xFF)) }
        return (entries, (0..<counters.count).map { start[$0] })
    }

    @Test func nothingIsListedWhereNothingWasCounted() {
        for count in [0, 1, 7, 8, 9, 4096] {
            #expect(Self.list([UInt8](repeating: 0, count: count)).entries.isEmpty, "\(count)")
        }
    }

    /// Against a plain loop, for every place and length of a range.
    @Test func listsWhatAPlainLoopLists() {
        var state: UInt64 = 20_240_607
        for count in 0..<40 {
            for shift in 0..<8 {
                let counters = (0..<count).map { _ -> UInt8 in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return state >> 62 == 0 ? UInt8(truncatingIfNeeded: state >> 40) : 0
                }
                let wanted = counters.enumerated().filter { $0.element != 0 }
                    .map { Entry(edge: 1000 + $0.offset, hits: $0.element) }
                let listed = Self.list(counters, shift: shift, firstEdge: 1000)
                #expect(listed.entries == wanted, "\(count) counters, shift \(shift), state \(state)")
                #expect(listed.rest.allSatisfy { $0 == 0 }, "listed counters are cleared")
            }
        }
    }

    @Test func extremesOfHitsAndEdges() {
        #expect(Self.list([255, 0, 1]).entries == [Entry(edge: 0, hits: 255), Entry(edge: 2, hits: 1)])
        // 24 bits hold an edge's number.
        #expect(Self.list([9], firstEdge: (1 << 24) - 1).entries == [Entry(edge: (1 << 24) - 1, hits: 9)])
    }
}

@Suite("Pages that counters share with others") struct CounterPageTests {
    /// Four pages with ranges of counters; what is not theirs holds a pattern.
    private final class Memory {
        let start: UnsafeMutablePointer<UInt8>
        private let whole: UnsafeMutableRawPointer

        init() throws {
            whole = try #require(
                mmap(nil, 6 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
            start = whole.advanced(by: page).assumingMemoryBound(to: UInt8.self)
            for index in 0..<(4 * page) { start[index] = UInt8(truncatingIfNeeded: index * 13 + 5) }
        }

        deinit { munmap(whole, 6 * page) }
    }

    /// Two ranges that share a page, and one alone, added out of order.
    private static let ranges: [(offset: Int, count: Int)] = [(3 * page + 16, 8), (100, 50), (page - 10, 200), (300, 1)]

    private static func pages(_ memory: Memory) throws -> CounterPages {
        var pages = try CounterPages(capacity: ranges.count)
        for range in ranges { pages.add(memory.start.advanced(by: range.offset), range.count) }
        try pages.settle()
        return pages
    }

    @Test func pagesAreCountedOnce() throws {
        let memory = try Memory()
        let pages = try Self.pages(memory)
        // Pages 0, 1 and 3.
        #expect(pages.bytes == 3 * page)
        #expect(pages.fileOffset(of: memory.start.advanced(by: 100)) == 100)
        #expect(pages.fileOffset(of: memory.start.advanced(by: page + 5)) == page + 5)
        // The page between is not in the file.
        #expect(pages.fileOffset(of: memory.start.advanced(by: 3 * page + 16)) == 2 * page + 16)
    }

    @Test func neighboursAreRestoredAndCountersAreNot() throws {
        let memory = try Memory()
        let pages = try Self.pages(memory)
        pages.rememberNeighbours()
        let before = (0..<(4 * page)).map { memory.start[$0] }
        for index in 0..<(4 * page) { memory.start[index] ^= 0xFF }
        pages.restoreNeighbours()
        for index in 0..<(4 * page) {
            let isCounter = Self.ranges.contains { ($0.offset..<$0.offset + $0.count).contains(index) }
            let isOnPageWithout = index / page == 2
            let wanted = isCounter || isOnPageWithout ? before[index] ^ 0xFF : before[index]
            guard memory.start[index] != wanted else { continue }
            Issue.record("byte \(index) is \(memory.start[index]), not \(wanted)")
            return
        }
    }

    @Test func whatIsCountedAfterwardsIsInTheFile() throws {
        let memory = try Memory()
        let pages = try Self.pages(memory)
        let file = fuzzd_memfd_create("counters")
        defer { close(file) }
        let offset = 2 * page
        try #require(ftruncate(file, off_t(offset + pages.bytes)) == 0)
        try pages.remap(onto: file, offset: offset)
        #expect(memory.start[0] == 5 && memory.start[3 * page + 40] == UInt8(truncatingIfNeeded: (3 * page + 40) * 13 + 5))
        memory.start[120] = 77
        memory.start[3 * page + 16] = 78
        var byte: UInt8 = 0
        #expect(pread(file, &byte, 1, off_t(offset + 120)) == 1 && byte == 77)
        #expect(pread(file, &byte, 1, off_t(offset + 2 * page + 16)) == 1 && byte == 78)
    }

    @Test func pagesOfZeroesTakeNoMemory() throws {
        let bytes = 64 * page
        let memory = try #require(mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(memory, bytes) }
        let counters = memory.assumingMemoryBound(to: UInt8.self)
        counters[5 * page + 7] = 1
        var pages = try CounterPages(capacity: 1)
        pages.add(counters, bytes)
        try pages.settle()
        let file = fuzzd_memfd_create("counters")
        defer { close(file) }
        try #require(ftruncate(file, off_t(bytes)) == 0)
        try pages.remap(onto: file, offset: 0)
        var status = stat()
        #expect(fstat(file, &status) == 0 && Int(status.st_blocks) * 512 == page)
        #expect((0..<bytes).allSatisfy { counters[$0] == ($0 == 5 * page + 7 ? 1 : 0) })
    }

    @Test func aFileThatCannotBeWrittenIsAnError() throws {
        let memory = try Memory()
        let pages = try Self.pages(memory)
        let error = #expect(throws: RuntimeError.self) { try pages.remap(onto: -1, offset: 0) }
        #expect(error?.step == FUZZD_STEP_REMAP_COUNTERS && error?.detail == UInt32(EBADF))
        #expect(memory.start[0] == 5, "nothing was mapped")
    }

    @Test func moreThanThereIsMemoryForIsAnError() {
        let error = #expect(throws: RuntimeError.self) { try CounterPages(capacity: 1 << 44) }
        #expect(error?.step == FUZZD_STEP_REMAP_COUNTERS && error?.detail == UInt32(ENOMEM))
    }
}
