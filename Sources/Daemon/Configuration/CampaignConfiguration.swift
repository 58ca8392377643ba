import ForkServer

/// What is done about memory of the machine parent that makes `fork` slow.
package enum ParentMemoryPolicy: String, Sendable, Equatable, CaseIterable {
    /// Page tables are kept small.
    case compact
    /// Memory is left as the target made it.
    case keep
}

/// What inputs see of time and randomness under `fork` and `snapshot`.
package enum TimePolicy: String, Sendable, Equatable, CaseIterable {
    /// The moment when the machine was ready, and the same random numbers, for each input.
    case frozen
    case real
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
        /// A function of the program that only resets: under `fork` an input ends where it is called.
        package var endOfInput: String?

        package init(
            program: String, arguments: [String] = [], environment: [EnvironmentVariable] = [],
            initializationTimeoutSeconds: Int = 60, endOfInput: String? = nil
        ) {
            self.program = program
            self.arguments = arguments
            self.environment = environment
            self.initializationTimeoutSeconds = initializationTimeoutSeconds
            self.endOfInput = endOfInput
        }
    }

    package struct EnvironmentVariable: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
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

        package init(
            inputTimeoutMicroseconds: Int = 1_000_000, operationTimeoutMicroseconds: Int = 100_000,
            memoryMebibytes: Int = 2048, fileSizeMebibytes: Int = 64, descriptors: Int = 256,
            processes: Int = 16,
            outputKibibytes: Int = 64
        ) {
            self.inputTimeoutMicroseconds = inputTimeoutMicroseconds
            self.operationTimeoutMicroseconds = operationTimeoutMicroseconds
            self.memoryMebibytes = memoryMebibytes
            self.fileSizeMebibytes = fileSizeMebibytes
            self.descriptors = descriptors
            self.processes = processes
            self.outputKibibytes = outputKibibytes
        }
    }

    package struct Fuzzing: Sendable, Equatable {
        package var maxInputBytes = 4096
        /// Path, resolved against the configuration file's directory.
        package var dictionary: String?
        /// Directory of inputs that every campaign begins with, resolved against the configuration file's directory.
        package var seeds: String?
        /// 0: chosen at start and printed.
        package var seed: UInt64 = 0
        package var usesComparisons = true
        package var triesComparisons = true
        package var usesCustomCrossOver = true
        /// libFuzzer's `-len_control`: how slowly the length limit grows; 0: it starts at its maximum.
        package var lengthControl = 100
        package var isOnlyASCII = false
        /// libFuzzer's `-reload`: the corpus directories are read again after so many seconds; 0: never.
        package var reloadSeconds = 1

        package init(
            maxInputBytes: Int = 4096, dictionary: String? = nil, seeds: String? = nil, seed: UInt64 = 0,
            usesComparisons: Bool = true, triesComparisons: Bool = true,
            usesCustomCrossOver: Bool = true, lengthControl: Int = 100, isOnlyASCII: Bool = false,
            reloadSeconds: Int = 1
        ) {
            self.maxInputBytes = maxInputBytes
            self.dictionary = dictionary
            self.seeds = seeds
            self.seed = seed
            self.usesComparisons = usesComparisons
            self.triesComparisons = triesComparisons
            self.usesCustomCrossOver = usesCustomCrossOver
            self.lengthControl = lengthControl
            self.isOnlyASCII = isOnlyASCII
            self.reloadSeconds = reloadSeconds
        }
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
    /// Whether the next child is forked while one runs (`fork`).
    package var forkAhead: ForkAheadPolicy = .automatic
    package var time: TimePolicy = .frozen
    /// Under `snapshot`, every so many inputs are followed by a comparison with the snapshot; 0: none.
    package var verifiesResetEvery = 0
    /// Directory for artifacts; a relative path is relative to the current directory.
    package var artifacts: String
    /// Line of `target.program`, for errors that show only when the target is started.
    package var programLine: Int
}
