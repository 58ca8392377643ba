import CTargetRuntime
import Glibc
import Testing

import TargetRuntime

@Suite("Parts of forking ahead")
struct ForkAheadPartsTests {
    @Test func pagesAreCountedAndComeByAddress() throws {
        let counts = try #require(PageCounts.map())
        var random: UInt64 = 7
        var expected: [UInt: Int] = [:]
        for _ in 0..<20_000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let page = UInt(1 + random >> 33 % 5000) << 12
            counts.count(page)
            expected[page, default: 0] += 1
        }
        var seen: [UInt: Int] = [:]
        var last: UInt = 0
        counts.forEachSorted { page, count in
            #expect(page > last)
            last = page
            seen[page] = count
        }
        #expect(seen == expected)
        counts.clear()
        counts.forEachSorted { _, _ in Issue.record("a cleared table has no pages") }
    }

    @Test func anOpenGateLetsThroughAndSaysSo() throws {
        let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
        let gate = try #require(memory).assumingMemoryBound(to: fuzzd_gate.self)
        defer { munmap(memory, 4096) }
        fuzzd_close_gate(gate)
        #expect(fuzzd_is_gate_far(gate) != 0 && fuzzd_has_passed_gate(gate) == 0)
        fuzzd_approach_gate(gate)
        #expect(fuzzd_is_gate_far(gate) == 0 && fuzzd_has_passed_gate(gate) == 0)
        fuzzd_open_gate(gate)
        #expect(fuzzd_has_passed_gate(gate) == 0)
        fuzzd_wait_at_gate(gate)
        #expect(fuzzd_has_passed_gate(gate) != 0)
    }
}
