/// `cat << EOF | qemu-system-i386 …`: to be pasted into a shell. A here document whose word is not quoted joins lines that end
/// with a backslash, so that none has to be long (QEMU: scripts/oss-fuzz/output_reproducer.py).
enum ShellReproducer {
    private static let width = 72

    static func text(_ reproducer: Reproducer) -> String {
        let line = reproducer.commandLine
        let words = ["cat", "<<", "EOF", "|", line.program] + line.standardInputArguments.map(quoted)
        var text = wrapped(words) + "\n"
        for command in reproducer.commands { text += broken(command.text) + "\n" }
        return text + "EOF\n"
    }

    /// Broken between words: a break inside one is allowed too, but hard to read.
    private static func wrapped(_ words: [String]) -> String {
        var lines = [""]
        for word in words {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = word
            } else if last.count + 1 + word.count <= width - 2 {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines[lines.count - 1] = last + " \\"
                lines.append(word)
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func broken(_ text: String) -> String {
        var rest = Array(text.utf8)[...]
        var lines: [String] = []
        while rest.count > width {
            lines.append(String(decoding: rest.prefix(width - 1), as: UTF8.self) + "\\")
            rest = rest.dropFirst(width - 1)
        }
        return (lines + [String(decoding: rest, as: UTF8.self)]).joined(separator: "\n")
    }

    /// In single quotes where a shell would see more than a word.
    static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "-_=+,./:@%".utf8.contains($0)
        }
        return plain && !word.isEmpty ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
