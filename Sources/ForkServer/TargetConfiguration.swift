import CForkServerABI

/// How every input gets its machine (DESIGN: reset strategies).
package enum ResetStrategy: String, Sendable, CaseIterable, Codable {
    /// A fresh child of the machine parent for each input.
    case fork
    /// A runner whose memory is put back after each input.
    case snapshot
    /// One long-lived runner; the harness reboots the machine after each input.
    case reboot
    /// One long-lived runner and no reset at all: inputs see each other. Only for measuring.
    case none

    var abiValue: UInt32 {
        switch self {
        case .fork: FUZZD_STRATEGY_FORK.rawValue
        case .snapshot: FUZZD_STRATEGY_SNAPSHOT.rawValue
        case .reboot: FUZZD_STRATEGY_REBOOT.rawValue
        case .none: FUZZD_STRATEGY_NONE.rawValue
        }
    }
}

/// Whether a machine parent forks the next child while one runs, on a processor of its own (strategy `fork`).
package enum ForkAheadPolicy: String, Sendable, Equatable, CaseIterable {
    /// Where no worker needs the processor, and while it is measured to be faster.
    case automatic = "auto"
    case always
    case never

    var abiValue: UInt32 {
        switch self {
        case .automatic: FUZZD_FORK_AHEAD_AUTOMATIC.rawValue
        case .always: FUZZD_FORK_AHEAD_ON.rawValue
        case .never: FUZZD_FORK_AHEAD_OFF.rawValue
        }
    }
}

/// What one child may use. Zero means no limit, except where said otherwise.
package struct TargetLimits: Sendable, Equatable {
    package var inputTimeoutMicroseconds: UInt64 = 1_000_000
    package var operationTimeoutMicroseconds: UInt64 = 100_000
    package var memoryBytes: UInt64 = 2048 << 20
    /// Of a single allocation; needs a sanitizer, whose allocator tells.
    package var mallocBytes: UInt64 = 0
    package var fileSizeBytes: UInt64 = 64 << 20
    package var descriptors: UInt32 = 256
    /// Processes of one child, itself included; at least 1.
    package var processes: UInt32 = 16
    /// Output kept of one input; the rest is dropped.
    package var outputBytes: UInt32 = 64 << 10

    package init() {}
}

/// A target program and how to run it; constant for one `ForkServer`.
package struct TargetConfiguration: Sendable {
    package var program: String
    /// What the target finds in `argv[0]`; its path if `nil`.
    package var argumentZero: String?
    package var arguments: [String] = []
    /// Added to the daemon's own environment.
    package var environment: [String: String] = [:]
    package var strategy: ResetStrategy = .fork
    package var limits = TargetLimits()
    package var workers = 1
    package var maxInputBytes = 4096
    /// Inputs under way at once per worker; at most `FUZZD_MAX_SLOTS`.
    package var slotsPerWorker = 16
    package var initializationTimeoutSeconds = 60
    package var compactsParentMemory = true
    /// Under `fork`, whether the next child is forked while one runs.
    package var forkAhead = ForkAheadPolicy.automatic
    /// Under `fork` and `snapshot`, clocks stand still and randomness repeats itself for each input.
    package var freezesTime = true
    /// Under `snapshot`, compare the runner with its snapshot after every so many inputs; 0: never.
    package var verifiesResetEvery = 0
    /// Under `snapshot`, the harness reboots the machine behind each input, and `ForkServer.rebootAudit` tells what then differs
    /// from the snapshot. One input at a time.
    package var auditsReboot = false
    /// Look for leaks at the end of an input that freed less than it allocated; needs LeakSanitizer in the target.
    package var detectsLeaks = false
    /// Record distances of comparisons as further edges (libFuzzer's `-use_value_profile`).
    package var usesValueProfile = false
    /// Name of a function of the target that does nothing but reset: under `fork` an input ends when it calls it.
    package var endsInputAt: String?
    /// Signals whose handlers the runtime leaves alone (libFuzzer's `-handle_segv=0` and kin).
    package var unhandledSignals: Set<Int32> = []
    /// Where the target's source coverage goes when it stops (LLVM's raw profile); what is there is added to.
    package var profilePath: String?

    package init(program: String) {
        self.program = program
    }
}
