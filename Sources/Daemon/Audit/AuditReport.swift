/// What `fuzzd audit` found: what the reboot of a machine leaves behind. A value; the JSON is made of it.
package struct AuditReport: Codable, Equatable, Sendable {
    /// What was audited.
    struct Subject: Codable, Equatable, Sendable {
        var campaign: String
        var configPath: String
        var corpusDirectories: [String]
        var inputs: Int
        /// Inputs that ended their process, or changed what cannot be undone: nothing is known of those.
        var notAudited: [NotAudited]
        /// Inputs behind which more differed than could be told.
        var incomplete: [String]
    }

    package struct NotAudited: Codable, Equatable, Sendable {
        var fileName: String
        var reason: String
    }

    /// One place that a reset forgot.
    struct Row: Codable, Equatable, Sendable {
        var place: AuditPlace
        /// Bytes that differed behind any input.
        var bytes: Int
        /// Inputs that cause it.
        var inputs: Int
        var smallestInput: AuditLedger.Input?
        /// Of the block that the place is in; `nil` outside of the heap, and where it is not known.
        var allocation: AuditAllocation?
    }

    var subject: Subject
    /// Objects of known types first, most inputs first.
    var leftBehind: [Row]
    /// Differs after the empty input too.
    var noise: [Row]
    /// What a reset does not mean to touch or nobody's device keeps: memory mapped by itself, the clock, the C library, fuzzd's own.
    /// One row an owner.
    var keptApart: [Row]
}
