/// What `-help=1` prints, in libFuzzer's columns: scripts look flags up there.
package enum LibFuzzerHelp {
    /// - Parameter program: the name that the harness was called by.
    package static func lines(program: String) -> [String] {
        var lines = [
            "Usage:", "",
            "To fuzz, give any number of directories:",
            "\(program) [-flag1=val1 [-flag2=val2 ...] ] [dir1 [dir2 ...] ]", "",
            "To run single inputs without fuzzing, give one or more files:",
            "\(program) [-flag1=val1 [-flag2=val2 ...] ] file1 [file2 ...]", "",
            "Flags: (strictly in form -flag=value)",
        ]
        for flag in LibFuzzerFlagTable.flags where !flag.isHidden {
            guard flag.value != .deprecated else { continue }
            lines.append(" \(padded(flag.name))\t\(standard(flag))\t\(flag.help)")
        }
        lines += ["", "Arguments that start with '--' are the harness's own; it gets all arguments as they are."]
        return lines
    }

    private static func padded(_ name: String) -> String {
        name + String(repeating: " ", count: max(0, 36 - name.utf8.count))
    }

    private static func standard(_ flag: LibFuzzerFlag) -> String {
        guard case .integer(let value) = flag.value else { return "0" }
        return String(value)
    }
}
