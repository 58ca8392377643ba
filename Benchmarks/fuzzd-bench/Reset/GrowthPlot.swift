import Foundation

/// Curves over guest memory as SVG, both axes logarithmic; legible on light and dark ground.
struct GrowthPlot {
    struct Curve {
        var name: String
        /// Microseconds, one for each size of memory.
        var values: [Double]
    }

    var title: String
    /// Ascending.
    var mebibytes: [Int]
    var curves: [Curve]

    private static let width = 764.0
    private static let height = 380.0
    private static let left = 76.0
    /// Room for the names at the ends of the curves.
    private static let right = 240.0
    private static let top = 44.0
    private static let bottom = 44.0
    private static let colours = ["#c9372c", "#b87700", "#1a8f63", "#2a78d6"]
    /// Names closer to each other than this would overlap.
    private static let lineHeight = 17.0

    var svg: String {
        let values = curves.flatMap(\.values).filter { $0 > 0 }
        guard let smallest = values.min(), let largest = values.max(), let first = mebibytes.first, let last = mebibytes.last,
            first < last
        else { return "" }
        let decades = Int(floor(log10(smallest)))...max(Int(ceil(log10(largest))), Int(floor(log10(smallest))) + 1)
        let x = { (size: Int) in
            Self.left + log2(Double(size) / Double(first)) / log2(Double(last) / Double(first))
                * (Self.width - Self.left - Self.right)
        }
        let y = { (value: Double) in
            Self.height - Self.bottom - (log10(value) - Double(decades.lowerBound)) / Double(decades.count - 1)
                * (Self.height - Self.top - Self.bottom)
        }
        return document(gridLines(decades, x, y) + curveLines(x, y))
    }

    private func gridLines(_ decades: ClosedRange<Int>, _ x: (Int) -> Double, _ y: (Double) -> Double) -> [String] {
        let end = Self.width - Self.right
        let across = decades.map { decade in
            let place = y(pow(10, Double(decade)))
            return """
                <path class="grid" d="M\(n(Self.left)) \(n(place))H\(n(end))"/>\
                <text x="\(n(Self.left - 8))" y="\(n(place + 4))" text-anchor="end">\(Self.time(pow(10, Double(decade))))</text>
                """
        }
        let down = mebibytes.map { size in
            let name = size >= 1024 ? "\(size / 1024) GiB" : "\(size) MiB"
            return """
                <path class="grid" d="M\(n(x(size))) \(n(Self.top))V\(n(Self.height - Self.bottom))"/>\
                <text x="\(n(x(size)))" y="\(n(Self.height - Self.bottom + 20))" text-anchor="middle">\(name)</text>
                """
        }
        return across + down
    }

    private func curveLines(_ x: (Int) -> Double, _ y: (Double) -> Double) -> [String] {
        var lines: [String] = []
        var lowestName = -Double.infinity
        let byEnd = curves.enumerated().sorted { ($0.element.values.last ?? 0) > ($1.element.values.last ?? 0) }
        for (index, curve) in byEnd {
            let colour = Self.colours[index % Self.colours.count]
            let points = zip(mebibytes, curve.values).map { (x($0), y(max($1, .leastNonzeroMagnitude))) }
            guard let end = points.last, let value = curve.values.last else { continue }
            let path = points.map { "\(n($0.0)),\(n($0.1))" }.joined(separator: " ")
            lines.append("<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>")
            lines += points.map { "<circle cx=\"\(n($0.0))\" cy=\"\(n($0.1))\" r=\"3\" fill=\"\(colour)\"/>" }
            lowestName = max(end.1 + 4, lowestName + Self.lineHeight)
            lines.append(
                "<text x=\"\(n(end.0 + 10))\" y=\"\(n(lowestName))\" style=\"fill:\(colour)\">\(curve.name), \(Self.time(value))</text>")
        }
        return lines
    }

    private func document(_ shapes: [String]) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(Self.width)) \(n(Self.height))" width="\(n(Self.width))" \
        height="\(n(Self.height))" role="img">
        <title>\(title)</title>
        <style>
        text { fill: #1b1b1a; font: 13px system-ui, sans-serif; }
        .title { font-weight: 600; font-size: 15px; }
        .grid { stroke: #dddcd6; fill: none; }
        .ground { fill: #fcfcfb; }
        @media (prefers-color-scheme: dark) { text { fill: #f4f3ef; } .grid { stroke: #3b3a37; } .ground { fill: #1a1a19; } }
        </style>
        <rect class="ground" width="100%" height="100%" rx="8"/>
        <text class="title" x="\(n(Self.left))" y="24">\(title)</text>
        \(shapes.joined(separator: "\n"))
        </svg>

        """
    }

    /// `35 us`, `1.2 ms`.
    private static func time(_ microseconds: Double) -> String {
        if microseconds >= 1_000_000 { return String(format: "%.3g s", microseconds / 1_000_000) }
        if microseconds >= 1000 { return String(format: "%.3g ms", microseconds / 1000) }
        return String(format: "%.3g us", microseconds)
    }

    private func n(_ value: Double) -> String { String(format: "%.1f", value) }
}
