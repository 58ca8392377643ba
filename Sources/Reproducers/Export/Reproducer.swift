/// A script for people without fuzzd, in the form that `fuzzd export --format` names.
package enum ExportFormat: String, CaseIterable, Sendable {
    /// qtest commands, nothing else.
    case qtest
    /// One shell command, no line of it longer than mail programs leave alone.
    case bash
    /// A test for QEMU's tests/qtest.
    case c
}

/// What is exported: commands in an order that needs no harness, and the machine they are for.
package struct Reproducer: Equatable, Sendable {
    package var commands: [QTestCommand]
    package var commandLine: QEMUCommandLine
    /// For names: letters, digits and underscores.
    package var name: String
    /// One line that says what happens, for the comment of a C test.
    package var summary: String

    package init(commands: [QTestCommand], commandLine: QEMUCommandLine, name: String, summary: String) {
        self.commands = commands
        self.commandLine = commandLine
        let usable = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        self.name = String(usable)
        self.summary = summary
    }

    package func text(_ format: ExportFormat) -> String {
        switch format {
        case .qtest: QTestScript.text(commands)
        case .bash: ShellReproducer.text(self)
        case .c: CReproducer.text(self)
        }
    }
}
