import CTargetRuntime
import Glibc
import TargetRuntime
import Testing

private let page = 4096

@Suite("Mappings of this process") struct MemoryMapTests {
    /// Fresh private pages between two that nobody may touch, so that no neighbour is merged with them.
    private static func withPages(_ count: Int, _ body: (UnsafeMutableRawPointer) throws -> Void) throws {
        let whole = try #require(mmap(nil, (count + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(whole, (count + 2) * page) }
        let pages = whole.advanced(by: page)
        try #require(mprotect(pages, count * page, PROT_READ | PROT_WRITE) == 0)
        try body(pages)
    }

    @Test func theMappingOfAnAddressIsFound() throws {
        try Self.withPages(3) { pages in
            let start = UInt(bitPattern: pages)
            let end = start + UInt(3 * page)
            for address in [start, start + 1, end - 1] {
                let mapping = try #require(MemoryMap.mapping(at: address))
                #expect(mapping.start == start && mapping.end == end)
            }
            // The neighbours are mappings of their own.
            #expect(MemoryMap.mapping(at: start - 1)?.end == start)
            #expect(MemoryMap.mapping(at: end)?.start == end)
        }
    }

    @Test(arguments: [0, 1, UInt.max]) func whereNothingIsMappedThereIsNone(address: UInt) {
        #expect(MemoryMap.mapping(at: address) == nil)
    }

    @Test func aListLongerThanTheBufferIsReadWhole() throws {
        // Alternating protections cannot be merged: some 2,000 lines, more than 64 KiB of text.
        let count = 2000
        let memory = try #require(
            mmap(nil, count * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(memory, count * page) }
        for index in stride(from: 0, to: count, by: 2) {
            try #require(mprotect(memory.advanced(by: index * page), page, PROT_NONE) == 0)
        }
        for index in [1, count / 2, count - 2] {
            let address = UInt(bitPattern: memory) + UInt(index * page)
            let mapping = try #require(MemoryMap.mapping(at: address))
            #expect(mapping.start == address && mapping.end == address + UInt(page), "page \(index)")
        }
    }

    /// In a process of its own: the flag is looked for in all its memory.
    @Test func memoryKeptFromChildrenIsGivenBack() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let memory = mmap(nil, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let memory, madvise(memory, 2 * 4096, Int32(MADV_DONTFORK)) == 0 else { _exit(1) }
            guard MemoryMap.giveBackToChildren() == 1, MemoryMap.giveBackToChildren() == 0 else { _exit(2) }
            _exit(7)
        }
    }

    @Test func wordsAreFoundBetweenSpacesOnly() {
        #expect(fuzzd_has_word("VmFlags: rd wr dc ac", "dc") != 0)
        #expect(fuzzd_has_word("VmFlags: rd wr dc", "dc") != 0)
        #expect(fuzzd_has_word("VmFlags: rd wr dcx xdc", "dc") == 0)
        #expect(fuzzd_has_word("", "dc") == 0)
    }
}
