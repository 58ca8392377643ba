/// What can go wrong between a command and a running daemon. `description` is one line that says what to do.
package enum ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The directory for sockets cannot be made, or is open to others.
    case directory(path: String, problem: String)
    case cannotListen(path: String, problem: String)
    /// Another daemon already answers under this name.
    case nameInUse(campaign: String)
    /// No daemon answers; `nil`: none at all.
    case notRunning(campaign: String?)
    /// More than one runs and none was named.
    case ambiguous(campaigns: [String])
    case noAnswer(campaign: String, problem: String)
    /// The daemon answered with an error.
    case refused(status: Int, message: String)

    package var description: String {
        switch self {
        case .directory(let path, let problem):
            "control directory '\(path)': \(problem)"
        case .cannotListen(let path, let problem):
            "cannot listen on control socket '\(path)': \(problem)"
        case .nameInUse(let campaign):
            "a campaign named '\(campaign)' is running already; stop it (fuzzd stop \(campaign)) or rename this one"
        case .notRunning(let campaign?):
            "no campaign named '\(campaign)' is running"
        case .notRunning(nil):
            "no campaign is running"
        case .ambiguous(let campaigns):
            "several campaigns are running, name one of them: \(campaigns.joined(separator: ", "))"
        case .noAnswer(let campaign, let problem):
            "the daemon of campaign '\(campaign)' does not answer: \(problem)"
        case .refused(let status, let message):
            "the daemon refused (\(status)): \(message)"
        }
    }
}
