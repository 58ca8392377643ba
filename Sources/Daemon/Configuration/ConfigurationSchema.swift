import ForkServer

/// The type that a configuration key takes.
package enum ConfigurationType: Sendable, Equatable {
    case text
    case integer(ClosedRange<Int>)
    /// 0 ... 2^64 - 1.
    case seed
    case boolean
    case list
    case map
    case choice([String])
    /// Has keys of its own.
    case section
}

/// One key of the configuration file.
package struct ConfigurationKey: Sendable, Equatable {
    /// Dotted from the top, for example `limits.memory_mib`.
    package var path: String
    package var type: ConfigurationType
}

/// All keys there are. The reader refuses every other, and a test holds them against `docs/configuration.md`.
package enum ConfigurationSchema {
    package static let keys: [ConfigurationKey] = [
        .init(path: "name", type: .text),
        .init(path: "target", type: .section),
        .init(path: "target.program", type: .text),
        .init(path: "target.arguments", type: .list),
        .init(path: "target.environment", type: .map),
        .init(path: "target.initialization_timeout_seconds", type: .integer(1...3600)),
        .init(path: "target.end_of_input", type: .text),
        .init(path: "reset", type: .choice(ResetStrategy.allCases.map(\.rawValue))),
        .init(path: "workers", type: .integer(1...64)),
        .init(path: "limits", type: .section),
        .init(path: "limits.input_timeout_microseconds", type: .integer(100...3_600_000_000)),
        .init(path: "limits.operation_timeout_microseconds", type: .integer(0...3_600_000_000)),
        .init(path: "limits.memory_mib", type: .integer(16...1_048_576)),
        .init(path: "limits.file_size_mib", type: .integer(0...1_048_576)),
        .init(path: "limits.descriptors", type: .integer(16...1_048_576)),
        .init(path: "limits.processes", type: .integer(1...65_536)),
        .init(path: "limits.output_kib", type: .integer(0...1_048_576)),
        .init(path: "fuzzing", type: .section),
        .init(path: "fuzzing.max_len", type: .integer(1...1_048_576)),
        .init(path: "fuzzing.dictionary", type: .text),
        .init(path: "fuzzing.seeds", type: .text),
        .init(path: "fuzzing.seed", type: .seed),
        .init(path: "fuzzing.use_comparisons", type: .boolean),
        .init(path: "fuzzing.comparison_trials", type: .boolean),
        .init(path: "fuzzing.custom_cross_over", type: .boolean),
        .init(path: "fuzzing.len_control", type: .integer(0...1_000_000)),
        .init(path: "fuzzing.only_ascii", type: .boolean),
        .init(path: "fuzzing.reload", type: .integer(0...86_400)),
        .init(path: "parent_memory", type: .choice(ParentMemoryPolicy.allCases.map(\.rawValue))),
        .init(path: "fork_ahead", type: .choice(ForkAheadPolicy.allCases.map(\.rawValue))),
        .init(path: "time", type: .choice(TimePolicy.allCases.map(\.rawValue))),
        .init(path: "verify_reset", type: .integer(0...1_000_000_000)),
        .init(path: "artifacts", type: .text),
    ]

    package static func key(_ path: String) -> ConfigurationKey? { keys.first { $0.path == path } }

    /// Last components of the keys directly below a section; the empty path is the top.
    static func names(below section: String) -> [String] {
        keys.compactMap { key in
            let parts = key.path.split(separator: ".")
            return parts.dropLast().joined(separator: ".") == section ? parts.last.map(String.init) : nil
        }
    }

    /// The known name that is most likely meant; `nil` where none is near.
    static func nearest(to wrong: String, among names: [String]) -> String? {
        let best = names.map { (name: $0, distance: editDistance(wrong, $0)) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let best, best.distance <= max(2, wrong.count / 3) else { return nil }
        return best.name
    }

    /// Levenshtein's distance, with `-` and `_` and letter case taken as equal.
    static func editDistance(_ left: String, _ right: String) -> Int {
        // Unknown keys come from a file: what is longer than any key is far from all of them.
        let left = Array(left.lowercased().replacing("-", with: "_").utf8.prefix(64))
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let substitution = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substitution, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
