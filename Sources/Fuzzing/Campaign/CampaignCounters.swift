/// What a campaign counts. Every execution is counted once, when it is observed.
package struct CampaignCounters: Sendable, Equatable {
    /// Executions observed (`#N`), re-runs included, lost ones not.
    package internal(set) var executions: UInt64 = 0
    /// Device accesses inside them.
    package internal(set) var operations: UInt64 = 0
    /// Edges and features seen (`cov:`, `ft:`).
    package internal(set) var edgesCovered = 0
    package internal(set) var features = 0
    /// Entries and their bytes (`corp:`).
    package internal(set) var corpusCount = 0
    package internal(set) var corpusBytes = 0
    /// Longest mutant now (`lim:`).
    package internal(set) var lengthLimit = 0
    /// Executions when something new was last found.
    package internal(set) var lastNewAtExecution: UInt64 = 0
    /// Executions by outcome.
    package internal(set) var rejected: UInt64 = 0
    package internal(set) var crashes: UInt64 = 0
    package internal(set) var timeouts: UInt64 = 0
    package internal(set) var outOfMemory: UInt64 = 0
    package internal(set) var leaks: UInt64 = 0
    package internal(set) var lost: UInt64 = 0
    /// Findings announced.
    package internal(set) var verifiedFindings = 0
    package internal(set) var unverifiedFindings = 0
    /// Executions by what they were for.
    package internal(set) var seedExecutions: UInt64 = 0
    package internal(set) var comparisonExecutions: UInt64 = 0
    package internal(set) var verificationExecutions: UInt64 = 0
    package internal(set) var trialExecutions: UInt64 = 0
    /// Entries that trials led to.
    package internal(set) var trialSuccesses: UInt64 = 0

    mutating func count(_ outcome: Outcome) {
        switch outcome {
        case .passed: break
        case .rejected: rejected += 1
        case .crashed: crashes += 1
        case .timedOut: timeouts += 1
        case .outOfMemory: outOfMemory += 1
        case .leaked: leaks += 1
        case .lost: lost += 1
        }
    }
}

/// How often a family was applied to executed mutants, and how often the result entered the corpus.
package struct MutationFamilyCount: Sendable, Equatable {
    package let family: MutationFamily
    package internal(set) var uses: UInt64 = 0
    package internal(set) var successes: UInt64 = 0
}
