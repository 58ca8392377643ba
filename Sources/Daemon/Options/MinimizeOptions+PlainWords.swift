extension MinimizeOptions {
    /// What the words behind `minimize` say in their plainest form: flags with their value as the next word, and one artifact.
    ///
    /// `nil` for all other forms, and for all that is wrong: these are for the command line's parser, whose reflection takes 1.3
    /// milliseconds, about as long as five candidates.
    package init?(plainWords words: [String]) {
        var values: [String: String] = [:]
        var artifact: String?
        var rest = words[...]
        while let word = rest.popFirst() {
            if Self.plainFlags.contains(word) {
                guard let value = rest.popFirst(), !value.isEmpty, !value.hasPrefix("-") else { return nil }
                values[word == "-o" ? "--output" : word] = value
            } else {
                guard artifact == nil, !word.isEmpty, !word.hasPrefix("-") else { return nil }
                artifact = word
            }
        }
        guard let artifact, let config = values["--config"],
            let workers = Self.number(values["--workers"], Self.workerNumbers),
            let repeats = Self.number(values["--repeat"], Self.repeatNumbers),
            let runs = Self.number(values["--runs"], 0...UInt64.max),
            let seconds = Self.number(values["--max-total-time"], 0...UInt64.max),
            let seed = Self.number(values["--seed"], 0...UInt64.max)
        else { return nil }
        let format = values["--format"].map(InputFormat.init(rawValue:))
        if case .some(.none) = format { return nil }
        self.init(
            configPath: config, artifactPath: artifact, outputPath: values["--output"], workers: workers.value, runs: runs.value,
            maxTotalTimeSeconds: seconds.value, seed: seed.value ?? 1, format: format ?? nil, repeats: repeats.value)
    }

    /// Numbers that `--workers` and `--repeat` take.
    package static let workerNumbers = 1...64
    package static let repeatNumbers = 1...1000

    /// Flags that are read here; `--help` tells them all.
    package static let plainFlags = [
        "--config", "-o", "--output", "--workers", "--runs", "--max-total-time", "--seed", "--format", "--repeat",
    ]

    /// The number of a flag, or none where the flag is not there; `nil` for what is no number of the range.
    private static func number<Number: FixedWidthInteger>(
        _ text: String?, _ range: ClosedRange<Number>
    ) -> (value: Number?, isPresent: Bool)? {
        guard let text else { return (nil, false) }
        guard let value = Number(text), range.contains(value) else { return nil }
        return (value, true)
    }
}
