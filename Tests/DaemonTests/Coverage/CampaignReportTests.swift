import Daemon
import Dashboard
import Storage
import Testing

/// The pure parts of `fuzzd report`.
@Suite struct CampaignReportTests {
    /// Inputs choose addresses: the last cell may end where the address space does.
    @Test func accessesAtTheEndOfTheAddressSpaceHaveACell() throws {
        var counts = AccessCounts()
        let memory = AccessCounts.Region(space: .memory, name: "memory", owner: "")
        for offset in [0, 1, UInt64.max - 1, .max] + (0..<200).map({ UInt64.max / 201 * $0 }) {
            counts.add(memory, offset: offset, isWrite: true)
        }
        let cells = try #require(HeatMap.regions(counts).first).cells
        #expect(cells.first?.offset.hasPrefix("+0x0…") == true)
        #expect(cells.last?.offset.hasSuffix("…ffffffffffffffff") == true)
    }

    private func counts(_ text: String) -> AccessCounts {
        var counts = AccessCounts()
        var reader = AccessLogReader()
        reader.read(Array(text.utf8), into: &counts)
        return counts
    }

    @Test func linesOfTheBuiltInMachineAreCounted() {
        let counts = counts(
            """
            access\twrite\tport\tserial\tisa-serial\t0x3\t1
            access\tread\tport\tserial\tisa-serial\t0x3\t1
            access\tread\tport\tserial\tisa-serial\t0x3\t1
            the target prints other things too
            access\tread\tnowhere\tserial\tisa-serial\t0x3\t1
            access\tread\tconfiguration\tide 1.1\tide\t0xff\t4
            access\tread\tport\tserial\tisa-ser
            """)
        let serial = AccessCounts.Region(space: .port, name: "serial", owner: "isa-serial")
        #expect(counts.registers[serial]?[3]?.reads == 2 && counts.registers[serial]?[3]?.writes == 1)
        #expect(counts.registers.count == 2 && counts.total == 4)
        #expect(counts.regions.map(\.region.name) == ["serial", "ide 1.1"], "the most accessed first")
    }

    @Test func theQTestLogOfQEMUIsCounted() {
        let counts = counts(
            """
            [I 0.000000] OPENED
            [R +0.010000] outl 0xcf8 0x80002004
            [S +0.010010] OK
            [R +0.010020] outw 0xcfe 0x7
            [R +0.010030] readl 0xe0000010
            [S +0.010040] OK 0x0000000000000000
            [R +0.010050] write 0xe0000ffc 0x4 0x01020304
            [R +0.010060] inb 0xc045
            [R +0.010070] clock_step
            [R +0.010080] inb
            """)
        let names = counts.regions.map(\.region.name)
        #expect(names == ["from 0xe0000000", "bus 0, function 4.0", "0xcf8, PCI configuration", "from 0xc040"])
        let configuration = AccessCounts.Region(space: .configuration, name: "bus 0, function 4.0", owner: "")
        #expect(counts.registers[configuration]?[6]?.writes == 1, "register 4, and 2 of the port")
        let memory = AccessCounts.Region(space: .memory, name: "from 0xe0000000", owner: "")
        #expect(counts.registers[memory]?[0x10]?.reads == 1 && counts.registers[memory]?[0xffc]?.writes == 1)
    }

    @Test func matchedRegionsAreReadFromTheGreeting() {
        let greeting = """
            Matching objects by name virtio*
            This process will try to fuzz the following MemoryRegions:
              * virtio-pci-common (size 0x1000)
              * msix table (size 0x20) owner virtio-blk-pci, memory 0x1000, io
              * no size
            """
        #expect(MatchedRegions.names(in: greeting) == ["virtio-pci-common", "msix table"])
    }

    private func sample(_ milliseconds: UInt64, _ executions: UInt64, edges: UInt64 = 10) -> HistorySample {
        HistorySample(
            elapsedMilliseconds: milliseconds, executions: executions, operations: executions * 10, edges: edges, features: edges,
            corpus: 1, findings: 0)
    }

    @Test func speedsAreThoseBetweenSamples() throws {
        let plots = CampaignCurves.plots(
            [sample(0, 0), sample(1000, 500), sample(1001, 501), sample(3000, 900), sample(4000, 100)], findings: [])
        let speeds = try #require(plots.first { $0.title == "Executions" }?.curves.first?.points)
        // The sample a millisecond later is too near; the counter that went back gives no speed.
        #expect(speeds == [CampaignPage.Point(seconds: 1, value: 500), CampaignPage.Point(seconds: 3, value: 200)])
        let operations = try #require(plots.first { $0.title == "Operations" }?.curves.first?.points)
        #expect(operations.map(\.value) == [5000, 2000])
    }

    @Test func longHistoriesAreThinned() {
        let samples = (0..<10_000).map { sample(UInt64($0) * 1000, UInt64($0)) }
        let thinned = CampaignCurves.thinned(samples)
        #expect(thinned.count <= CampaignCurves.pointLimit && thinned.count > CampaignCurves.pointLimit / 2)
        #expect(thinned.first == samples.first && thinned.last == samples.last)
        #expect(CampaignCurves.plots([sample(0, 0)], findings: []).isEmpty)
    }

    private func page() -> CampaignPage {
        var page = CampaignPage(title: "a <b>", subtitle: "s & t")
        page.tiles = [PageTile(label: "edges", value: "1,234", detail: "of 5")]
        page.plots = CampaignCurves.plots(
            [sample(0, 0), sample(60_000, 90_000, edges: 700), sample(7_200_000, 1_000_000, edges: 780)], findings: [])
        page.crashes = [
            CampaignPage.Crash(
                identifier: "0123456789", summary: "SIGSEGV in f<int>", label: "flaky 3/10", isStable: false, count: "12 times",
                facts: ["needs <state>"], stack: ["f<int>  a.c:3"], commands: [("reproduce", "fuzzd 'x'")],
                artifacts: ["crash-1, 3 bytes", "crash-2, 4 bytes"]),
            CampaignPage.Crash(
                identifier: "1123456789", summary: "leak", label: "stable", isStable: true, stack: ["g"], report: ["==1==ERROR: <x>", ""]),
        ]
        page.regions = [
            CampaignPage.HeatRegion(
                name: "serial", detail: "port",
                cells: [CampaignPage.HeatCell(offset: "+0x3", count: "12", detail: "12 reads", heat: 1000)])
        ]
        page.untouchedRegions = ["rtc"]
        return page
    }

    @Test func theCampaignPageIsOneFileWithoutNetworkOrScripts() {
        let html = page().html
        for word in ["http://", "https://", "<script", "@import", "url(", "src="] { #expect(!html.contains(word), "\(word)") }
        #expect(html.contains("<title>a &lt;b&gt;</title>") && html.contains("s &amp; t"))
        #expect(html.contains("SIGSEGV in f&lt;int&gt;") && html.contains("fuzzd &#39;x&#39;"))
        #expect(html.contains("flaky 3/10") && html.contains("class=\"label stable\"") && html.contains("12 times"))
        #expect(html.contains("needs &lt;state&gt;") && html.contains("crash-2, 4 bytes"))
        #expect(html.contains("==1==ERROR: &lt;x&gt;") && !html.contains("#0</i> g"), "a report has the stack in it")
        #expect(html.contains("--a:0.95") && html.contains("<code>+0x3</code><b>12</b>"))
        #expect(html.contains("<code>rtc</code>"))
        #expect(html.components(separatedBy: "<svg").count == 6, "five plots: there are no findings over time")
        #expect(html.components(separatedBy: "<section").count == 4, "what is not there has no heading")
    }

    @Test func axesHaveRoundNumbers() {
        let html = page().html
        for text in [">0<", ">200<", ">800<", ">0 s<", ">2 h<"] { #expect(html.contains(text), "\(text)") }
        #expect(!html.contains("nan") && !html.contains(">1000<"))
    }
}
