import Dashboard
import Storage

/// The curves of a campaign's history: numbers as they stood, and speeds between samples. Pure.
package enum CampaignCurves {
    /// Points of a curve; more do not show on a screen.
    package static let pointLimit = 240

    package static func plots(_ samples: [HistorySample], findings: [HistoryFinding]) -> [CampaignPage.Plot] {
        let thinned = self.thinned(samples)
        guard thinned.count > 1 else { return [] }
        func curve(_ name: String, _ value: (HistorySample) -> UInt64) -> CampaignPage.Curve {
            CampaignPage.Curve(name: name, points: thinned.map { point($0.elapsedMilliseconds, Double(value($0))) })
        }
        func speed(_ name: String, _ value: (HistorySample) -> UInt64) -> CampaignPage.Curve {
            CampaignPage.Curve(name: name, points: speeds(thinned, value))
        }
        let marks = findings.map { Double($0.elapsedMilliseconds) / 1000 }
        let plots = [
            CampaignPage.Plot(title: "Edges", detail: "reached; dashed: a finding", curves: [curve("edges", \.edges)], marks: marks),
            CampaignPage.Plot(title: "Features", detail: "edges by hit counts", curves: [curve("features", \.features)]),
            CampaignPage.Plot(title: "Corpus", detail: "inputs", curves: [curve("inputs", \.corpus)]),
            CampaignPage.Plot(title: "Findings", detail: "unique", curves: [curve("findings", \.findings)]),
            CampaignPage.Plot(title: "Executions", detail: "a second", curves: [speed("exec/s", \.executions)]),
            CampaignPage.Plot(title: "Operations", detail: "device accesses a second", curves: [speed("operations/s", \.operations)]),
        ]
        // A line on the axis says nothing: no finding yet, or a target that does not tell its operations.
        return plots.filter { plot in plot.curves.contains { $0.points.contains { $0.value > 0 } } }
    }

    /// At most `pointLimit` samples, the first and the last among them, evenly over the time.
    package static func thinned(_ samples: [HistorySample]) -> [HistorySample] {
        guard samples.count > pointLimit, let first = samples.first, let last = samples.last else { return samples }
        let span = max(1, last.elapsedMilliseconds - first.elapsedMilliseconds)
        var chosen = [first]
        var bucket: UInt64 = 0
        for sample in samples.dropFirst().dropLast() {
            let own = (sample.elapsedMilliseconds - first.elapsedMilliseconds) * UInt64(pointLimit - 2) / span
            if own > bucket {
                bucket = own
                chosen.append(sample)
            }
        }
        return chosen + [last]
    }

    /// Speeds over less time say more of the clock than of the target.
    static let shortestMilliseconds: UInt64 = 500

    /// What was done between neighbouring samples, a second. Counters never go back, a restored database might.
    static func speeds(_ samples: [HistorySample], _ value: (HistorySample) -> UInt64) -> [CampaignPage.Point] {
        var apart = Array(samples.prefix(1))
        for sample in samples.dropFirst() {
            guard let last = apart.last, sample.elapsedMilliseconds >= last.elapsedMilliseconds + shortestMilliseconds else {
                continue
            }
            apart.append(sample)
        }
        return zip(apart, apart.dropFirst()).compactMap { before, after in
            guard value(after) >= value(before) else { return nil }
            let seconds = Double(after.elapsedMilliseconds - before.elapsedMilliseconds) / 1000
            return point(after.elapsedMilliseconds, Double(value(after) - value(before)) / seconds)
        }
    }

    private static func point(_ milliseconds: UInt64, _ value: Double) -> CampaignPage.Point {
        CampaignPage.Point(seconds: Double(milliseconds) / 1000, value: value)
    }
}
