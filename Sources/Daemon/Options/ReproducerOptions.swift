@_exported import enum Reproducers.ExportFormat

/// What `fuzzd trace` was asked to do.
package struct TraceOptions: Sendable, Equatable {
    package var artifactPath: String
    /// `nil`: the campaign that the artifact's record names.
    package var configPath: String?

    package init(artifactPath: String, configPath: String?) {
        self.artifactPath = artifactPath
        self.configPath = configPath
    }
}

/// What `fuzzd export` was asked to do.
package struct ExportOptions: Sendable, Equatable {
    package var artifactPath: String
    package var configPath: String?
    package var format: ExportFormat
    /// `nil`: standard output.
    package var outputPath: String?

    package init(artifactPath: String, configPath: String?, format: ExportFormat, outputPath: String?) {
        self.artifactPath = artifactPath
        self.configPath = configPath
        self.format = format
        self.outputPath = outputPath
    }
}

/// What `fuzzd confirm` was asked to do.
package struct ConfirmOptions: Sendable, Equatable {
    package static let defaultProgram = "qemu-system-i386"
    package static let defaultRuns = 5
    package static let defaultSilenceSeconds = 5

    package var artifactPath: String
    package var configPath: String?
    /// A name is looked up in `PATH`, then beside `fuzzd`.
    package var program: String
    /// Instead of the arguments that the target's machine needs.
    package var programArguments: [String]?
    package var runs: Int
    /// Seconds without an answer that are a hang.
    package var silenceSeconds: Double
    package var minimizes: Bool
    package var format: ExportFormat
    /// Where the shortest script goes; `nil`: standard output.
    package var outputPath: String?

    package init(
        artifactPath: String, configPath: String?, program: String, programArguments: [String]?, runs: Int,
        silenceSeconds: Double, minimizes: Bool, format: ExportFormat, outputPath: String?
    ) {
        self.artifactPath = artifactPath
        self.configPath = configPath
        self.program = program
        self.programArguments = programArguments
        self.runs = runs
        self.silenceSeconds = silenceSeconds
        self.minimizes = minimizes
        self.format = format
        self.outputPath = outputPath
    }
}

/// What `fuzzd import` was asked to do.
package struct ImportOptions: Sendable, Equatable {
    package var filePath: String
    package var outputDirectory: String
    /// `nil`: a machine is made as the file's tests say.
    package var configPath: String?
    /// QEMU's fuzz program for machines that the file describes.
    package var program: String
    /// What of such a machine inputs reach.
    package var objects: String
    /// Leave out what cannot be expressed instead of writing nothing.
    package var skipsRefused: Bool

    package init(
        filePath: String, outputDirectory: String, configPath: String?, program: String, objects: String, skipsRefused: Bool
    ) {
        self.filePath = filePath
        self.outputDirectory = outputDirectory
        self.configPath = configPath
        self.program = program
        self.objects = objects
        self.skipsRefused = skipsRefused
    }
}
