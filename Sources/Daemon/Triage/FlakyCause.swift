import Foundation
import ForkServer
import Storage

/// Why a failure does not happen each time, where it can be known.
package struct FlakyCause: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable {
        /// It needs what earlier inputs left behind.
        case state
        /// It depends on how long something takes.
        case time
        /// The target has threads, whose order nobody fixes.
        case threads
        case unknown
    }

    package var kind: Kind
    /// One line.
    package var explanation: String
    /// The strategy under which the inputs below show it (`state` only).
    package var reset: String?
    /// The earlier inputs that it needs, in their order; base64 in JSON (`state` only).
    package var inputs: [Data]?

    package init(kind: Kind, explanation: String, reset: String? = nil, inputs: [Data]? = nil) {
        self.kind = kind
        self.explanation = explanation
        self.reset = reset
        self.inputs = inputs
    }
}

/// What is looked at for the cause: nothing is run here but the inputs that the campaign kept.
struct FlakyDiagnosis {
    let target: TargetConfiguration
    let entry: ArtifactFolder.Entry
    /// What the runner took before; `nil` where the campaign kept nothing.
    let recent: RecentInputs?
    let runs: [ObservedRun]
    let threadCount: Int

    func cause() throws -> FlakyCause {
        if let cause = try state() { return cause }
        if !entry.isWhole, isGone {
            return FlakyCause(
                kind: .unknown, explanation: "its bytes are not those that failed: the file was cut or changed since it was saved")
        }
        if let cause = time() { return cause }
        if runs.contains(where: { $0.signature?.errorType == "data race" }) {
            return FlakyCause(kind: .threads, explanation: "a data race was reported: the order of threads decides")
        }
        if threadCount > 0 {
            return FlakyCause(
                kind: .threads, explanation: "perhaps threads: the target has \(threadCount) of them, whose order nobody fixes")
        }
        if let recent, !recent.inputs.isEmpty {
            return FlakyCause(
                kind: .unknown,
                explanation: "not known: behind the \(recent.inputs.count) inputs that its runner took before, it did not happen either")
        }
        if isGone {
            return FlakyCause(
                kind: .unknown,
                explanation: "it happened in none of \(runs.count) runs: the bug was fixed, or something outside the input decided")
        }
        return FlakyCause(
            kind: .unknown,
            explanation: "not known: the target has no threads, and no inputs before it were kept; memory that nobody wrote to, and chance "
                + "from outside the input, are left")
    }

    private var isGone: Bool { !runs.contains(where: \.isFailure) }

    private func state() throws -> FlakyCause? {
        guard let recent, let signature = entry.record?.signature,
            let replay = try StateReplay(target: target, artifact: entry.input, recent: recent, signature: signature)
        else { return nil }
        defer { replay.stop() }
        guard let needed = try replay.neededInputs(of: recent) else { return nil }
        guard !needed.isEmpty else {
            return FlakyCause(
                kind: .state, explanation: "it happens under the strategy \(recent.reset) without any earlier input",
                reset: recent.reset, inputs: [])
        }
        let count = needed.count == 1 ? "1 earlier input" : "\(needed.count) earlier inputs"
        return FlakyCause(
            kind: .state, explanation: "it needs the state that \(count) left behind under the strategy \(recent.reset)",
            reset: recent.reset, inputs: needed.map { Data($0) })
    }

    /// A timeout that was none this time, or a failure that came close to the limit.
    private func time() -> FlakyCause? {
        let limit = Double(target.limits.inputTimeoutMicroseconds) / 1000
        let longest = runs.map(\.milliseconds).max() ?? 0
        let hadTimeout = entry.kind == .timeout || runs.contains { $0.signature?.kind == .timeout }
        guard hadTimeout else { return nil }
        return FlakyCause(
            kind: .time,
            explanation: "the time decides: the longest run took \(HumanFormat.fixed(longest, decimals: 0)) ms, the limits are "
                + "\(HumanFormat.fixed(limit, decimals: 0)) ms for an input and "
                + "\(target.limits.operationTimeoutMicroseconds / 1000) ms for an operation")
    }
}
