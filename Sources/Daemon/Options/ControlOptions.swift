/// What `fuzzd status`, `stop`, `pause` and `resume` ask of a running daemon.
package struct ControlOptions: Sendable, Equatable {
    package enum Verb: String, Sendable, CaseIterable {
        case status
        case stop
        case pause
        case resume
    }

    package var verb: Verb
    /// Name of the campaign; `nil` means all for `status` and the only one for the others.
    package var campaignName: String?
    /// Print JSON instead of text.
    package var json: Bool

    package init(verb: Verb, campaignName: String? = nil, json: Bool = false) {
        self.verb = verb
        self.campaignName = campaignName
        self.json = json
    }
}
