import CForkServerABI
import CTargetRuntime
import Glibc
import Testing

private let page = 4096

/// Private anonymous memory of whole pages, unmapped at the end of the test.
private final class Pages {
    let memory: UnsafeMutableRawPointer
    let count: Int

    init(_ count: Int) throws {
        let memory = mmap(nil, count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        self.memory = try #require(memory)
        self.count = count
        try #require(self.memory != UnsafeMutableRawPointer(bitPattern: -1))
        // Huge pages would be reported whole.
        madvise(self.memory, count * page, MADV_NOHUGEPAGE)
    }

    deinit { munmap(memory, count * page) }

    var start: UInt64 { UInt64(UInt(bitPattern: memory)) }
    func touch(_ index: Int) { memory.storeBytes(of: 1, toByteOffset: index * page + 17, as: UInt8.self) }
}

@Suite("Written pages are found") struct WrittenPageTests {
    /// The numbers of the pages that the kernel reports as written.
    private func written(_ pages: Pages, _ pagemap: Int32, capacity: Int = 64) -> [Int] {
        var regions = [fuzzd_page_region](repeating: fuzzd_page_region(), count: capacity)
        var found: [Int] = []
        var from = pages.start
        let end = pages.start + UInt64(pages.count * page)
        while from < end {
            var walkedTo: UInt64 = 0
            let count = fuzzd_scan_written(pagemap, from, end, &regions, capacity, &walkedTo)
            guard count >= 0 else { return [-1] }
            for region in regions.prefix(Int(count)) {
                found += Int((region.start - pages.start) / 4096)..<Int((region.end - pages.start) / 4096)
            }
            guard walkedTo > from else { break }
            from = walkedTo
        }
        return found
    }

    @Test(arguments: [64, 1]) func onlyThoseThatWereWritten(capacity: Int) throws {
        let pages = try Pages(40)
        for index in stride(from: 0, to: 40, by: 2) { pages.touch(index) }
        let userfault = fuzzd_userfault_open()
        let pagemap = open("/proc/self/pagemap", O_RDONLY)
        defer {
            close(userfault)
            close(pagemap)
        }
        try #require(userfault >= 0 && pagemap >= 0)
        #expect(fuzzd_userfault_register(userfault, pages.start, UInt64(40 * page)) == 0)
        #expect(fuzzd_userfault_protect(userfault, pages.start, UInt64(40 * page)) == 0)
        #expect(written(pages, pagemap, capacity: capacity) == [])
        // Pages that exist and one that does not.
        for index in [4, 5, 6, 30] { pages.touch(index) }
        #expect(written(pages, pagemap, capacity: capacity) == [4, 5, 6, 30])
        #expect(fuzzd_userfault_protect(userfault, pages.start + UInt64(5 * page), UInt64(page)) == 0)
        #expect(written(pages, pagemap, capacity: capacity) == [4, 6, 30])
        fuzzd_touch_page(pages.memory.advanced(by: 7 * page).assumingMemoryBound(to: UInt64.self))
        #expect(written(pages, pagemap, capacity: capacity) == [4, 6, 7, 30])
    }

    @Test func memoryThatIsNotRegisteredIsRefused() throws {
        let pages = try Pages(2)
        let userfault = fuzzd_userfault_open()
        defer { close(userfault) }
        #expect(fuzzd_userfault_protect(userfault, pages.start, UInt64(page)) == -1)
        #expect(errno == ENOENT)
    }

    @Test func pagesAreCopiedAndNoMore() throws {
        let pages = try Pages(3)
        for offset in 0..<page { pages.memory.storeBytes(of: UInt8(truncatingIfNeeded: offset * 7), toByteOffset: offset, as: UInt8.self) }
        let second = pages.memory.advanced(by: page)
        fuzzd_copy_pages(second, pages.memory, 1)
        #expect(memcmp(pages.memory, second, page) == 0)
        #expect(second.load(fromByteOffset: page, as: UInt8.self) == 0, "nothing behind the page")
    }
}

@Suite("Calls that Swift cannot make") struct CallTests {
    @Test func aCallOnAnotherStackComesBack() throws {
        let stack = try Pages(64)
        var seen: UInt = 0
        var left: UInt64 = 0
        withUnsafeMutablePointer(to: &seen) { place in
            fuzzd_call_on_stack(
                stack.memory.advanced(by: 64 * page),
                { argument in
                    var local = 0
                    withUnsafeMutablePointer(to: &local) {
                        argument?.storeBytes(of: UInt(bitPattern: $0), as: UInt.self)
                    }
                }, place, &left)
        }
        let start = UInt(stack.start)
        #expect((start..<start + UInt(64 * page)).contains(seen), "the body ran on the other stack")
        #expect(left != 0 && !(start..<start + UInt(64 * page)).contains(UInt(left)))
    }

    @Test func waitStatusesAreTakenApart() {
        #expect(fuzzd_status_signal(SIGSEGV) == SIGSEGV && fuzzd_status_exit_code(SIGSEGV) == 0)
        #expect(fuzzd_status_signal(7 << 8) == 0 && fuzzd_status_exit_code(7 << 8) == 7)
    }

    @Test func descriptorsMoveUp() {
        let descriptor = open("/dev/null", O_RDONLY)
        let moved = fuzzd_move_descriptor(descriptor, 500)
        defer { close(moved) }
        #expect(moved >= 500)
        #expect(fcntl(descriptor, F_GETFD) == -1, "the old number is free")
        #expect(fcntl(moved, F_GETFD) == FD_CLOEXEC)
    }

    @Test func aWaitEndsByTimeOrEvent() {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        var polled = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
        #expect(fuzzd_ppoll(&polled, 1, 1000) == 0)
        #expect(write(ends[1], "x", 1) == 1)
        #expect(fuzzd_ppoll(&polled, 1, -1) == 1)
        #expect(polled.revents == Int16(POLLIN))
    }
}
