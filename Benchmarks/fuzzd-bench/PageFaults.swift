import Foundation

/// Page faults of a process and of the children that it reaped, from /proc/PID/stat (proc(5)).
struct PageFaults {
    var own = 0
    var ofChildren = 0

    static func of(_ process: Int32) -> PageFaults {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let close = text.lastIndex(of: ")")
        else { return PageFaults() }
        // Behind the name: field 3, the state, comes first; minflt is field 10, cminflt 11.
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 8 else { return PageFaults() }
        return PageFaults(own: Int(fields[7]) ?? 0, ofChildren: Int(fields[8]) ?? 0)
    }

    /// Faults an input (or turn) while `body` runs `count` of them.
    static func each(of count: Int, in process: Int32, _ body: () throws -> Void) rethrows -> (own: Double, child: Double) {
        let before = of(process)
        try body()
        let after = of(process)
        let turns = Double(max(1, count))
        return (Double(after.own - before.own) / turns, Double(after.ofChildren - before.ofChildren) / turns)
    }
}
