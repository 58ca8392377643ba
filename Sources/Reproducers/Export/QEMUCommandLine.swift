/// The arguments of the `qemu-system-*` that a script is for.
package struct QEMUCommandLine: Equatable, Sendable {
    /// Without what says how qtest is spoken.
    package var arguments: [String]
    /// `i386`: the end of the program's name.
    package var architecture: String

    package init(arguments: [String], architecture: String = "i386") {
        self.arguments = arguments
        self.architecture = architecture
    }

    /// From what a fuzz target says that it started QEMU with: its own qtest channel is taken out.
    package init(targetArguments: [String], architecture: String = "i386") {
        var kept: [String] = []
        var index = 0
        while index < targetArguments.count {
            let word = targetArguments[index]
            if ["-qtest", "-qtest-log"].contains(word) {
                index += 2
            } else {
                kept.append(word == "accel=qtest," ? "accel=qtest" : word)
                index += 1
            }
        }
        self.init(arguments: kept, architecture: architecture)
    }

    package var program: String { "qemu-system-\(architecture)" }

    /// For scripts on standard input.
    package var standardInputArguments: [String] { arguments + ["-qtest", "stdio"] }

    /// For a QEMU that was built without the accelerator: its processor is stopped, and its clock cannot be stepped.
    package var withoutQTestAccelerator: QEMUCommandLine {
        QEMUCommandLine(arguments: withoutAccelerator + ["-accel", "tcg", "-S"], architecture: architecture)
    }

    /// libqtest chooses accelerator, display and channel itself.
    package var libqtestArguments: [String] {
        var result: [String] = []
        var words = withoutAccelerator[...]
        while let word = words.popFirst() {
            if word == "-display", words.first == "none" { words.removeFirst() } else { result.append(word) }
        }
        return result
    }

    private var withoutAccelerator: [String] {
        var result: [String] = []
        for word in arguments {
            let previous = result.last ?? ""
            if word == "accel=qtest" && ["-machine", "-M"].contains(previous) || word == "qtest" && previous == "-accel" {
                result.removeLast()
            } else {
                let parts = word.split(separator: ",", omittingEmptySubsequences: false)
                result.append(parts.filter { $0 != "accel=qtest" }.joined(separator: ","))
            }
        }
        return result
    }
}
