/// Curves over time as inline SVG: an axis from zero, three or four lines across, the last value at the end.
enum LinePlot {
    private static let width = 360.0
    private static let height = 170.0
    private static let left = 44.0
    private static let right = 8.0
    private static let top = 10.0
    private static let bottom = 22.0

    /// Nothing where there are no two points.
    static func figure(_ plot: CampaignPage.Plot) -> String {
        let points = plot.curves.flatMap(\.points)
        guard let first = plot.curves.first, first.points.count > 1 else { return "" }
        let start = points.map(\.seconds).min() ?? 0
        let end = max(points.map(\.seconds).max() ?? 0, start + 0.001)
        let steps = ticks(upTo: points.map(\.value).max() ?? 0)
        let largest = steps.last ?? 1
        let x = { (seconds: Double) in left + (seconds - start) / (end - start) * (width - left - right) }
        let y = { (value: Double) in height - bottom - value / largest * (height - top - bottom) }
        var shapes = steps.map { value in
            """
            <line class="grid" x1="\(n(left))" x2="\(n(width - right))" y1="\(n(y(value)))" y2="\(n(y(value)))"/>\
            <text x="\(n(left - 6))" y="\(n(y(value) + 4))" text-anchor="end">\(short(value))</text>
            """
        }
        shapes += plot.marks.filter { $0 >= start && $0 <= end }.map {
            "<line class=\"mark\" x1=\"\(n(x($0)))\" x2=\"\(n(x($0)))\" y1=\"\(n(top))\" y2=\"\(n(height - bottom))\"/>"
        }
        for (index, curve) in plot.curves.enumerated() {
            let path = curve.points.map { "\(n(x($0.seconds))),\(n(y($0.value)))" }.joined(separator: " ")
            if index == 0, let head = curve.points.first, let tail = curve.points.last {
                let base = n(y(0))
                shapes.append(
                    "<polygon class=\"area\" points=\"\(n(x(head.seconds))),\(base) \(path) \(n(x(tail.seconds))),\(base)\"/>")
            }
            shapes.append("<polyline class=\"curve\(index > 0 ? " second" : "")\" points=\"\(path)\"/>")
        }
        shapes.append(timeAxis(start, end))
        return document(plot, shapes, last: first.points.last?.value ?? 0)
    }

    private static func document(_ plot: CampaignPage.Plot, _ shapes: [String], last: Double) -> String {
        let title = HTMLText.escaped(plot.title)
        return """
            <figure><figcaption>\(title) <span>\(HTMLText.escaped(plot.detail)); now \(short(last))</span></figcaption>
            <svg viewBox="0 0 \(n(width)) \(n(height))" role="img" aria-label="\(title) over time">
            \(shapes.joined(separator: "\n"))
            </svg></figure>
            """
    }

    private static func timeAxis(_ start: Double, _ end: Double) -> String {
        """
        <line class="axis" x1="\(n(left))" x2="\(n(width - right))" y1="\(n(height - bottom))" y2="\(n(height - bottom))"/>\
        <text x="\(n(left))" y="\(n(height - 6))">\(time(start))</text>\
        <text x="\(n(width - right))" y="\(n(height - 6))" text-anchor="end">\(time(end))</text>
        """
    }

    /// From zero in steps of 1, 2 or 5 times a power of ten; the last is at or above the largest value.
    static func ticks(upTo largest: Double) -> [Double] {
        guard largest.isFinite, largest > 0 else { return [0, 1] }
        var decade = 1.0
        var step = 1.0
        while step * 4 < min(largest, 1e15) {
            guard let next = [2.0, 5.0, 10.0].map({ $0 * decade }).first(where: { $0 > step }) else { break }
            step = next
            if step >= decade * 10 { decade *= 10 }
        }
        var values = [0.0]
        while let last = values.last, last < largest { values.append(last + step) }
        return values
    }

    /// `950`, `1.2k`, `34k`, `5.6M`.
    static func short(_ value: Double) -> String {
        for (factor, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= factor {
            let tenths = Int((value / factor * 10).rounded())
            return tenths % 10 == 0 || tenths >= 1000 ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
        }
        return String(Int(value.rounded()))
    }

    /// `12 s`, `34 min`, `5 h 06`, `7 d`.
    static func time(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9).rounded())
        switch whole {
        case ..<120: return "\(whole) s"
        case ..<7200: return "\(whole / 60) min"
        case ..<172_800: return "\(whole / 3600) h" + (whole % 3600 >= 60 ? " \(whole % 3600 / 60) min" : "")
        default: return "\(whole / 86400) d" + (whole % 86400 >= 3600 ? " \(whole % 86400 / 3600) h" : "")
        }
    }

    private static func n(_ value: Double) -> String { HTMLText.coordinate(value) }
}
