/// How the machine gets back to its initial state between two inputs.
package enum ResetStrategy: String, Sendable, Equatable, CaseIterable {
    case fork
    case reboot
    case none
}

/// What is done about memory of the machine parent that makes `fork` slow.
package enum ParentMemoryPolicy: String, Sendable, Equatable, CaseIterable {
    /// Page tables are kept small.
    case compact
    /// Memory is left as the target made it.
    case keep
}

/// One campaign, as its YAML file describes it; every default is filled in.
///
/// Read once by the daemon at start; command-line flags are laid over it by the caller. The keys and their
/// ranges stand in `ConfigurationSchema`, their documentation in `docs/configuration.md`.
package struct CampaignConfiguration: Sendable, Equatable {
    /// The program that is fuzzed.
    package struct Target: Sendable, Equatable {
        /// As written; see `resolvedProgram`.
        package var program: String
        package var arguments: [String] = []
        /// Added to the daemon's own environment; sorted by name.
        package var environment: [EnvironmentVariable] = []
        package var initializationTimeoutSeconds = 60
    }

    package struct EnvironmentVariable: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    /// Limits of every child. 0 switches the operation timer off; all others are always on.
    package struct Limits: Sendable, Equatable {
        package var inputTimeoutMicroseconds = 1_000_000
        package var operationTimeoutMicroseconds = 100_000
        package var memoryMebibytes = 2048
        package var fileSizeMebibytes = 64
        package var descriptors = 256
        package var processes = 16
        package var outputKibibytes = 64
    }

    package struct Fuzzing: Sendable, Equatable {
        package var maxInputBytes = 4096
        /// Path, resolved against the configuration file's directory.
        package var dictionary: String?
        /// 0: chosen at start and printed.
        package var seed: UInt64 = 0
        package var usesComparisons = true
        package var usesCustomCrossOver = true
        /// libFuzzer's `-len_control`: how slowly the length limit grows; 0: it starts at its maximum.
        package var lengthControl = 100
        package var isOnlyASCII = false
    }

    /// Path of the file that was read.
    package var file: String
    package var name: String
    package var target: Target
    package var reset: ResetStrategy = .fork
    package var workers = 1
    package var limits = Limits()
    package var fuzzing = Fuzzing()
    package var parentMemory: ParentMemoryPolicy = .compact
    /// Directory for artifacts; a relative path is relative to the current directory.
    package var artifacts: String
    /// Line of `target.program`, for errors that show only when the target is started.
    package var programLine: Int
}
