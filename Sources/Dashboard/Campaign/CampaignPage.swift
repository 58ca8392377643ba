/// The web page of `fuzzd report`: a campaign over time, what it reached, where it accessed the machine, and what it found.
/// A value; made by `Daemon`.
package struct CampaignPage: Sendable {
    package struct Point: Sendable, Equatable {
        /// Time that the campaign had run.
        package var seconds: Double
        package var value: Double

        package init(seconds: Double, value: Double) {
            self.seconds = seconds
            self.value = value
        }
    }

    package struct Curve: Sendable, Equatable {
        package var name: String
        /// Ascending in time.
        package var points: [Point]

        package init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    package struct Plot: Sendable, Equatable {
        package var title: String
        package var detail: String
        package var curves: [Curve]
        /// Moments to mark, in seconds.
        package var marks: [Double]

        package init(title: String, detail: String, curves: [Curve], marks: [Double] = []) {
            self.title = title
            self.detail = detail
            self.curves = curves
            self.marks = marks
        }
    }

    /// A register, or neighbouring ones.
    package struct HeatCell: Sendable, Equatable {
        package var offset: String
        package var count: String
        package var detail: String
        /// 0 to 1000.
        package var heat: Int

        package init(offset: String, count: String, detail: String, heat: Int) {
            self.offset = offset
            self.count = count
            self.detail = detail
            self.heat = heat
        }
    }

    package struct HeatRegion: Sendable, Equatable {
        package var name: String
        package var detail: String
        package var cells: [HeatCell]

        package init(name: String, detail: String, cells: [HeatCell]) {
            self.name = name
            self.detail = detail
            self.cells = cells
        }
    }

    /// A group of artifacts that are one bug, as far as stacks can tell.
    package struct Crash: Sendable {
        /// Where else the group has this name: `fuzzd crashes`.
        package var identifier: String
        package var summary: String
        /// `stable`, `flaky 3/10`.
        package var label: String
        package var isStable: Bool
        /// How often it was seen; may be empty.
        package var count: String
        /// When it was seen, the smallest input, why it is flaky.
        package var facts: [String]
        /// Innermost first, as `function file:line`.
        package var stack: [String]
        /// What a sanitizer printed, line by line; the stack is in it.
        package var report: [String]
        /// Shell commands, and what each is for.
        package var commands: [(purpose: String, command: String)]
        /// Artifacts, the one to work with first.
        package var artifacts: [String]

        package init(
            identifier: String, summary: String, label: String, isStable: Bool, count: String = "", facts: [String] = [],
            stack: [String] = [], report: [String] = [], commands: [(purpose: String, command: String)] = [],
            artifacts: [String] = []
        ) {
            self.identifier = identifier
            self.summary = summary
            self.label = label
            self.isStable = isStable
            self.count = count
            self.facts = facts
            self.stack = stack
            self.report = report
            self.commands = commands
            self.artifacts = artifacts
        }
    }

    package var title: String
    package var subtitle: String
    package var tiles: [PageTile]
    package var plots: [Plot]
    package var crashes: [Crash]
    package var files: [CoveragePage.File]
    package var frontier: [CoveragePage.FrontierRow]
    package var frontierRest: Int
    package var regions: [HeatRegion]
    /// Names of regions that the config matches and no input reached.
    package var untouchedRegions: [String]
    /// What is not on the page, and why.
    package var notes: [String]

    package init(title: String, subtitle: String) {
        self.title = title
        self.subtitle = subtitle
        tiles = []
        plots = []
        crashes = []
        files = []
        frontier = []
        frontierRest = 0
        regions = []
        untouchedRegions = []
        notes = []
    }

    /// The whole document.
    package var html: String {
        let plots = plots.map(LinePlot.figure).filter { !$0.isEmpty }
        return PageFrame.document(
            title: title, subtitle: subtitle,
            body: [
                PageFrame.tiles(tiles), notes.map(PageFrame.paragraph).joined(separator: "\n"),
                PageFrame.section(
                    "Over time", id: "time",
                    plots.isEmpty ? [] : ["<div class=\"plots\">\n\(plots.joined(separator: "\n"))\n</div>"]),
                PageFrame.section("Findings", id: "findings", [CampaignChapters.crashes(crashes)]),
                PageFrame.section("Accesses", id: "accesses", CampaignChapters.heat(regions, untouched: untouchedRegions)),
                PageFrame.section("Coverage", id: "coverage", CampaignChapters.coverage(files)),
                PageFrame.section(
                    "Frontier", id: "frontier",
                    frontier.isEmpty
                        ? []
                        : [
                            PageFrame.paragraph("Unreached edges beside those that the corpus hits most often."),
                            CoverageChapters.frontier(frontier, rest: frontierRest),
                        ]),
            ])
    }
}
