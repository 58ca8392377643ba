/// The page's plots as inline SVG. Units are pixels of a phone that is 360 pixels wide; larger screens
/// scale it up a little.
enum ComparisonPlot {
    private static let width = 360.0
    private static let rowHeight = 44.0
    private static let barHeight = 16.0
    /// Room for the label at the end of the longest bar.
    private static let labelRoom = 96.0

    /// Horizontal bars from zero, the fastest across the width, each with the line of its spread.
    static func speed(_ rows: [ComparisonPage.Row]) -> String {
        let largest = max(rows.map(\.speed.maximum).max() ?? 0, .leastNonzeroMagnitude)
        let scale = (width - labelRoom) / largest
        let shapes = rows.enumerated().map { index, row in
            let top = Double(index) * rowHeight
            let middle = top + 18 + barHeight / 2
            let end = max(row.speed.median, row.speed.maximum) * scale
            return """
                <text x="0" y="\(number(top + 13))">\(HTMLText.escaped(row.name))</text>
                <rect class="bar" x="0" y="\(number(top + 18))" width="\(number(row.speed.median * scale))" \
                height="\(number(barHeight))" rx="2"/>
                <line class="spread" x1="\(number(row.speed.minimum * scale))" \
                x2="\(number(row.speed.maximum * scale))" y1="\(number(middle))" y2="\(number(middle))"/>
                <text x="\(number(end + 6))" y="\(number(middle + 4))">\
                \(HTMLText.escaped(row.speed.label))</text>
                """
        }
        return drawing(shapes, rows: rows.count, description: "Inputs a second under each strategy")
    }

    /// Stacked bars: the length is the time of an input, the parts are its phases.
    static func phases(_ rows: [ComparisonPage.Row]) -> String {
        let totals = rows.map { row in row.phases.reduce(0) { $0 + $1.nanoseconds } }
        let scale = width / max(totals.max() ?? 0, .leastNonzeroMagnitude)
        let shapes = rows.enumerated().map { index, row in
            let top = Double(index) * rowHeight
            var left = 0.0
            var parts = ["<text x=\"0\" y=\"\(number(top + 13))\">\(HTMLText.escaped(row.name))</text>"]
            for (phaseIndex, phase) in row.phases.enumerated() {
                let length = phase.nanoseconds * scale
                // A gap of one pixel keeps neighbouring colours apart for everybody.
                parts.append(
                    """
                    <rect class="phase\(phaseIndex)" x="\(number(left))" y="\(number(top + 18))" \
                    width="\(number(max(0, length - 1)))" height="\(number(barHeight))">\
                    <title>\(HTMLText.escaped("\(phase.name): \(phase.label)"))</title></rect>
                    """)
                left += length
            }
            return parts.joined(separator: "\n")
        }
        return drawing(shapes, rows: rows.count, description: "Time of an input by phase")
    }

    /// Colour and name of each phase.
    static func legend(_ rows: [ComparisonPage.Row]) -> String {
        let items = (rows.first?.phases ?? []).enumerated().map { index, phase in
            "<li><i class=\"phase\(index)\"></i>\(HTMLText.escaped(phase.name))</li>"
        }
        return "<ul class=\"legend\">\(items.joined())</ul>"
    }

    private static func drawing(_ shapes: [String], rows: Int, description: String) -> String {
        let height = Double(rows) * rowHeight
        return """
            <svg viewBox="0 0 \(number(width)) \(number(height))" role="img" aria-label="\(description)">
            \(shapes.joined(separator: "\n"))
            <line class="axis" x1="0" x2="0" y1="0" y2="\(number(height))"/>
            </svg>
            """
    }

    private static func number(_ value: Double) -> String {
        HTMLText.coordinate(value)
    }
}
