import Dashboard
import ForkServer
import Foundation
import Storage

/// Everything that the page of a campaign tells, gathered.
struct CampaignReport {
    var configuration: CampaignConfiguration
    var records: CampaignRecords
    /// The artifacts, triaged and grouped.
    var inventory = CrashInventory()
    /// What the corpus reaches, with the map that it refers to; `nil` without a corpus, or without PC tables.
    var coverage: (report: EdgeReport, map: CoverageMap)?
    var accesses = AccessCounts()
    /// Names of the regions that the target says it fuzzes.
    var matchedRegions: [String] = []
    /// What is not on the page, and why.
    var notes: [String] = []
    /// Places of the frontier that the page lists.
    private static let frontierRows = 25

    var page: CampaignPage {
        var page = CampaignPage(title: configuration.name, subtitle: subtitle)
        page.tiles = tiles
        page.plots = CampaignCurves.plots(records.samples, findings: records.findings)
        page.crashes = CampaignFindings.crashes(inventory)
        page.regions = HeatMap.regions(accesses)
        let names = Set(accesses.registers.keys.map(\.name))
        // QEMU tells addresses: which region one belongs to is not known, and so neither is which had none.
        let isNamed = accesses.registers.keys.contains { !$0.owner.isEmpty }
        if isNamed { page.untouchedRegions = unique(matchedRegions.filter { !names.contains($0) }) }
        page.notes = notes
        if !accesses.isEmpty, !isNamed, !matchedRegions.isEmpty {
            page.notes.append("Accesses are told by address. The config matches: \(unique(matchedRegions).joined(separator: ", ")).")
        }
        guard let (report, map) = coverage else { return page }
        let sources = SourceText(files: report.files.map(\.path))
        // Those that nothing was reached of say little here; `fuzzd coverage` lists them.
        let files = report.files.filter { $0.edges.reached > 0 }.sorted {
            ($1.edges.reached, $0.path) < ($0.edges.reached, $1.path)
        }
        page.files = files.map {
            CoveragePage.File(
                path: report.shown($0, sources), functions: PageShare($0.functions), edges: PageShare($0.edges),
                functionList: [], source: [])
        }
        page.frontier = report.frontierRows(map, sources, limit: Self.frontierRows)
        return page
    }

    private var subtitle: String {
        let target = URL(fileURLWithPath: configuration.target.program).lastPathComponent
        let arguments = configuration.target.arguments.joined(separator: " ")
        let started = records.campaign.map { ", first started \(CampaignFindings.date($0.startedAt))" } ?? ""
        return "\(target) \(arguments)\(started), config \(configuration.file)"
    }

    private var tiles: [PageTile] {
        var tiles: [PageTile] = []
        if let last = records.samples.last {
            let seconds = max(Double(last.elapsedMilliseconds) / 1000, 0.001)
            tiles += [
                PageTile(label: "time", value: HumanFormat.duration(seconds: seconds)),
                PageTile(
                    label: "executions", value: HumanFormat.count(Double(last.executions)),
                    detail: HumanFormat.rate(Double(last.executions) / seconds)),
                PageTile(
                    label: "operations", value: HumanFormat.count(Double(last.operations)),
                    detail: HumanFormat.rate(Double(last.operations) / seconds)),
                PageTile(
                    label: "edges", value: HumanFormat.grouped(last.edges),
                    detail: "\(HumanFormat.grouped(last.features)) features"),
                PageTile(label: "corpus", value: HumanFormat.grouped(last.corpus), detail: "inputs"),
            ]
        }
        let groups = inventory.groups.map(\.group)
        let artifacts = groups.reduce(0) { $0 + $1.artifacts.count }
        tiles.append(
            PageTile(
                label: "findings", value: "\(groups.count)",
                detail: "\(groups.count { $0.smallest.isStable }) stable, \(SummaryText.plural(artifacts, "artifact"))"))
        if let report = coverage?.report { tiles += report.tiles.filter { $0.label != "inputs" } .map(Self.ofCorpus) }
        return tiles
    }

    /// Shares of the whole target, beside the campaign's own numbers.
    private static func ofCorpus(_ tile: PageTile) -> PageTile {
        PageTile(label: tile.label == "frontier" ? tile.label : "\(tile.label) of the target", value: tile.value, detail: tile.detail)
    }

    private func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
