import Foundation

/// What a process and the children that it reaped have used, from /proc/PID/stat (proc(5)).
struct ProcessUse {
    var faults = 0
    var childFaults = 0
    /// User and system time of both, in ticks of 10 ms.
    var ticks = 0

    static func of(_ process: Int32) -> ProcessUse {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let close = text.lastIndex(of: ")")
        else { return ProcessUse() }
        // Behind the name comes field 3, the state: minflt is field 10, cminflt 11, the four times 14 to 17.
        let fields = text[text.index(after: close)...].split(separator: " ").map { Int($0) ?? 0 }
        guard fields.count > 14 else { return ProcessUse() }
        return ProcessUse(faults: fields[7], childFaults: fields[8], ticks: fields[11...14].reduce(0, +))
    }

    static func - (after: ProcessUse, before: ProcessUse) -> ProcessUse {
        ProcessUse(
            faults: after.faults - before.faults, childFaults: after.childFaults - before.childFaults,
            ticks: after.ticks - before.ticks)
    }

    static func + (one: ProcessUse, other: ProcessUse) -> ProcessUse {
        ProcessUse(
            faults: one.faults + other.faults, childFaults: one.childFaults + other.childFaults,
            ticks: one.ticks + other.ticks)
    }
}
