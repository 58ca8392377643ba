import Foundation

/// One printed line: what was measured, and whether it reached its target.
struct Figure: Codable {
    var section: String
    var name: String
    var unit: String
    var spread: Spread
    var target: String?
    var isReached: Bool?
}

/// Collects figures and prints them as they come. Owned by the main thread.
final class Report {
    private(set) var figures: [Figure] = []
    private(set) var notes: [String] = []
    private var section = ""

    var missed: [Figure] { figures.filter { $0.isReached == false } }

    func begin(_ title: String, section: Options.Section) {
        self.section = section.rawValue
        print("\n\(title)")
    }

    func note(_ text: String) {
        notes.append("\(section): \(text)")
        print("  \(text)")
        fflush(nil)
    }

    func add(_ name: String, _ values: [Double], unit: String, target: Target? = nil) {
        let spread = Spread(values)
        var figure = Figure(section: section, name: name, unit: unit, spread: spread)
        var verdict = ""
        if let target {
            let isReached = target.isReached(by: spread.median)
            figure.target = Self.text(target, unit)
            figure.isReached = isReached
            verdict = "   target \(Self.text(target, unit)): \(isReached ? "reached" : "MISSED")"
        }
        figures.append(figure)
        let digits = Self.digits(spread.median)
        let range =
            spread.rounds < 2
            ? "" : "  (\(Self.text(spread.lowerQuartile, digits)) to \(Self.text(spread.upperQuartile, digits)))"
        let label = name.padding(toLength: max(name.count, 58), withPad: " ", startingAt: 0)
        print("  \(label) \(Self.text(spread.median, digits)) \(unit)\(range)\(verdict)")
        fflush(nil)
    }

    func write(to path: String, host: HostNoise) throws {
        struct Document: Codable {
            var host: HostNoise
            var figures: [Figure]
            var notes: [String]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let document = Document(host: host, figures: figures, notes: notes)
        try encoder.encode(document).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func text(_ target: Target, _ unit: String) -> String {
        switch target {
        case .atLeast(let limit): "at least \(limit) \(unit)"
        case .atMost(let limit): "at most \(limit) \(unit)"
        }
    }

    private static func digits(_ value: Double) -> Int {
        value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3
    }

    private static func text(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
