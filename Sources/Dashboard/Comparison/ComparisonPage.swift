/// The web page of `fuzzd compare`: one file without scripts, that needs no network.
///
/// A value with the numbers for the plots and, beside them, the texts that people read; made by `Daemon`.
package struct ComparisonPage: Sendable, Equatable {
    /// A speed with its spread.
    package struct Bar: Sendable, Equatable {
        package var median: Double
        package var minimum: Double
        package var maximum: Double
        /// What stands at the bar's end.
        package var label: String

        package init(median: Double, minimum: Double, maximum: Double, label: String) {
            self.median = median
            self.minimum = minimum
            self.maximum = maximum
            self.label = label
        }
    }

    /// A part of the time of an input.
    package struct Phase: Sendable, Equatable {
        package var name: String
        package var nanoseconds: Double
        /// Such as `12.3 us, 40.1 %`.
        package var label: String

        package init(name: String, nanoseconds: Double, label: String) {
            self.name = name
            self.nanoseconds = nanoseconds
            self.label = label
        }
    }

    /// One strategy.
    package struct Row: Sendable, Equatable {
        package var name: String
        package var speed: Bar
        package var operationsLabel: String
        package var ratioLabel: String
        /// The same phases in the same order in every row.
        package var phases: [Phase]

        package init(
            name: String, speed: Bar, operationsLabel: String, ratioLabel: String, phases: [Phase]
        ) {
            self.name = name
            self.speed = speed
            self.operationsLabel = operationsLabel
            self.ratioLabel = ratioLabel
            self.phases = phases
        }
    }

    /// An input that behaves otherwise than under fork.
    package struct Difference: Sendable, Equatable {
        package var strategy: String
        package var fileName: String
        package var edgesOnlyInFork: Int
        package var edgesOnlyInOther: Int
        package var outcome: String

        package init(
            strategy: String, fileName: String, edgesOnlyInFork: Int, edgesOnlyInOther: Int, outcome: String
        ) {
            self.strategy = strategy
            self.fileName = fileName
            self.edgesOnlyInFork = edgesOnlyInFork
            self.edgesOnlyInOther = edgesOnlyInOther
            self.outcome = outcome
        }
    }

    package var title: String
    package var subtitle: String
    package var rows: [Row]
    package var differences: [Difference]
    /// Lines below the differences.
    package var notes: [String]

    package init(title: String, subtitle: String, rows: [Row], differences: [Difference], notes: [String] = []) {
        self.title = title
        self.subtitle = subtitle
        self.rows = rows
        self.differences = differences
        self.notes = notes
    }

    /// The whole document.
    package var html: String {
        PageFrame.document(
            title: title, subtitle: subtitle, style: ComparisonStyle.sheet,
            body: [
                PageFrame.section(
                    "Inputs a second", id: "speed",
                    [
                        PageFrame.paragraph("Bars are medians over the rounds; the line shows the slowest and the fastest round."),
                        ComparisonPlot.speed(rows), ComparisonTables.speed(rows),
                    ]),
                PageFrame.section(
                    "Where the time of an input goes", id: "time",
                    [ComparisonPlot.legend(rows), ComparisonPlot.phases(rows), ComparisonTables.phases(rows)]),
                PageFrame.section(
                    "Inputs that behave otherwise than under fork", id: "differences",
                    [ComparisonTables.differences(differences)] + notes.map(PageFrame.paragraph)),
            ])
    }
}
