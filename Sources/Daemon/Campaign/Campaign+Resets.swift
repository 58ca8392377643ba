import ForkServer
import Foundation

// What the campaign tells of resets that were compared with the snapshot (`verify_reset`).
extension Campaign {
    /// Warns once of the first difference.
    func noteResetDifference() {
        guard !hasToldOfResetDifference, let difference = server.firstResetDifference else { return }
        hasToldOfResetDifference = true
        warn("a reset left something behind: \(Self.describe(difference))")
    }

    /// Tells once that resets take longer than they could, and how to change that.
    func noteFaultLogRefusal() {
        guard !hasToldOfFaultLog, let refusal = server.faultLogRefusal else { return }
        hasToldOfFaultLog = true
        let cause = String(cString: strerror(refusal))
        let isForbidden = refusal == EACCES || refusal == EPERM
        let advice = isForbidden ? "; sysctl kernel.perf_event_paranoid=2 allows one" : ""
        display.event(
            .info("no log of page faults (\(cause)): resets scan all memory and take longer\(advice)"), status: status)
    }

    /// At the end: how many comparisons there were, and how many found something.
    func noteResetChecks() {
        noteResetDifference()
        let resets = server.resetStatistics
        guard resets.checks > 0 else { return }
        let result = resets.differingChecks == 0 ? "none found a difference" : "\(resets.differingChecks) found a difference"
        display.event(
            .info("\(resets.checks) resets were compared with the snapshot; \(result)"), status: status)
    }

    static func describe(_ difference: ResetDifference) -> String {
        let place = "0x" + String(difference.address, radix: 16)
        let symbol = difference.symbol.map { " (\($0))" } ?? ""
        return switch difference.kind {
        case .memory: "memory at \(place)\(symbol) is \(difference.found), was \(difference.expected)"
        case .page: "the page at \(place)\(symbol) was not there"
        case .mapping: "the mappings differ from \(place) on"
        case .descriptor: "descriptor \(difference.address) is another, or at another offset"
        case .thread: "there are \(difference.address) threads"
        }
    }
}
