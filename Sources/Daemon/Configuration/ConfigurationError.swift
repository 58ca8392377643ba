/// A mistake in a campaign's configuration file.
///
/// `description` is one line in the form compilers use: file, line, key, what was expected and what was found.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package var file: String
    /// Counted from 1; `nil` where the mistake has no place, as in a file that cannot be read.
    package var line: Int?
    /// Dotted, for example `limits.memory_mib`; empty where no key is concerned.
    package var key: String
    /// What is wrong and what was expected.
    package var problem: String

    package init(file: String, line: Int? = nil, key: String = "", problem: String) {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
    }

    package var description: String {
        var place = file
        if let line { place += ":\(line)" }
        let line = key.isEmpty ? "\(place): \(problem)" : "\(place): \(key): \(problem)"
        // Keys and values are quoted from the file: no line break or terminal sequence of theirs gets out.
        return String(
            String.UnicodeScalarView(line.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }
}
