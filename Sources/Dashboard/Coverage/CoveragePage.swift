/// The web page of `fuzzd coverage` for a target without source coverage: what of it a corpus reaches, by file, function
/// and line, and what lies next to that. A value; made by `Daemon`.
package struct CoveragePage: Sendable, Equatable {
    package struct Function: Sendable, Equatable {
        package var name: String
        package var line: Int?
        package var edges: PageShare
        /// Of its entry.
        package var hits: String

        package init(name: String, line: Int?, edges: PageShare, hits: String) {
            self.name = name
            self.line = line
            self.edges = edges
            self.hits = hits
        }
    }

    /// A line of source with what is known of the edges on it.
    package struct SourceLine: Sendable, Equatable {
        package enum State: String, Sendable {
            case none, reached, missed, partly
        }

        package var number: Int
        package var text: String
        package var state: State
        /// Empty where no edge stands on the line.
        package var hits: String

        package init(number: Int, text: String, state: State, hits: String) {
            self.number = number
            self.text = text
            self.state = state
            self.hits = hits
        }
    }

    package struct File: Sendable, Equatable {
        package var path: String
        package var functions: PageShare
        package var edges: PageShare
        package var functionList: [Function]
        /// Ascending; a gap in the numbers is shown as one. Empty where the file cannot be read or is left out.
        package var source: [SourceLine]

        package init(
            path: String, functions: PageShare, edges: PageShare, functionList: [Function], source: [SourceLine]
        ) {
            self.path = path
            self.functions = functions
            self.edges = edges
            self.functionList = functionList
            self.source = source
        }
    }

    /// Unreached edges beside a reached one.
    package struct FrontierRow: Sendable, Equatable {
        package var neighbourHits: String
        package var edges: Int
        package var place: String
        package var function: String
        /// Text of the source line; may be empty.
        package var source: String

        package init(neighbourHits: String, edges: Int, place: String, function: String, source: String) {
            self.neighbourHits = neighbourHits
            self.edges = edges
            self.place = place
            self.function = function
            self.source = source
        }
    }

    package var title: String
    package var subtitle: String
    package var tiles: [PageTile]
    package var files: [File]
    package var frontier: [FrontierRow]
    /// Runs of the frontier that are not listed.
    package var frontierRest: Int

    package init(
        title: String, subtitle: String, tiles: [PageTile], files: [File], frontier: [FrontierRow], frontierRest: Int = 0
    ) {
        self.title = title
        self.subtitle = subtitle
        self.tiles = tiles
        self.files = files
        self.frontier = frontier
        self.frontierRest = frontierRest
    }

    /// The whole document.
    package var html: String {
        PageFrame.document(
            title: title, subtitle: subtitle,
            body: [
                PageFrame.tiles(tiles),
                PageFrame.section(
                    "Frontier", id: "frontier",
                    [
                        PageFrame.paragraph(
                            "Unreached edges of reached functions. Hits are those of the reached edge beside them, summed over the "
                                + "inputs: the branch that is passed most often and never taken comes first."),
                        CoverageChapters.frontier(frontier, rest: frontierRest),
                    ]),
                PageFrame.section("Files", id: "files", [CoverageChapters.key, CoverageChapters.files(files)]),
            ])
    }
}
