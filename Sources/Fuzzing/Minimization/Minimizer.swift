/// Makes a failing input smaller: proposes candidates, is told which of them still fail, and keeps the best.
///
/// No I/O, no clock, no threads; owned by whoever runs the candidates. Any number of candidates may be under way: all but the
/// first are proposed as if those before them did not fail, unless that is known by then, and are dropped when one does. The first in
/// this order that fails is taken, whichever was run first: result and number of tries depend on input, format and seed only.
package struct Minimizer: Sendable {
    /// One input to run.
    package struct Candidate: Sendable, Equatable {
        package var id: UInt64
        package var input: [UInt8]
    }

    /// How far the search is: a pass of the round, and whether the round has changed something.
    private struct Position {
        var passIndex = 0
        var pass: (any ReductionPass)?
        var hasChanged = false
        var round = 1
    }

    /// A candidate under way, with the position at which it was proposed and the input that it was made of.
    private struct Trial {
        var candidate: Candidate
        var position: Position
        var base: [UInt8]
        var stillFails: Bool?
    }

    private struct Memory {
        var stillFails: Bool
        /// Whether it was tried in the order of candidates, not only looked at ahead of it.
        var isDecided = false
    }

    /// Bytes of inputs whose outcome is remembered; beyond, they are run again.
    private static let rememberedBytes = 64 << 20

    package let format: InputFormat
    /// The smallest input that is known to fail.
    package private(set) var best: [UInt8]
    /// Candidates decided so far.
    package private(set) var tries: UInt64 = 0
    /// How often one of them became the best.
    package private(set) var acceptedCount: UInt64 = 0
    /// Tries since the last that was accepted: the more, the farther it pays to look ahead.
    package private(set) var rejectedInARow = 0

    private let plan: ReductionPlan
    private let maxTries: UInt64
    private var trials: [Trial] = []
    /// Where the next candidate comes from, and of which input it is made, if all under way pass whose outcome is not known.
    private var ahead = Position()
    private var base: [UInt8]
    private var isExhausted = false
    private var memories: [[UInt8]: Memory] = [:]
    private var rememberedBytes = 0
    private var nextID: UInt64 = 0

    /// - Parameters:
    ///   - input: fails.
    ///   - seed: of the random passes.
    ///   - maxTries: candidates to decide; `nil` for no limit.
    package init(input: [UInt8], format: InputFormat, seed: UInt64 = 1, maxTries: UInt64? = nil) {
        best = input
        base = input
        self.format = format
        plan = ReductionPlan(format: format, seed: seed)
        self.maxTries = maxTries ?? .max
    }

    /// Nothing is left to try, or the limit was reached.
    package var isDone: Bool { tries >= maxTries || (isExhausted && trials.isEmpty) }

    /// The pass that the search is in, for display.
    package var passName: String { position.pass?.name ?? plan.passes.first?.name ?? "" }
    package var round: Int { position.round }
    /// Share of this round's passes that are done.
    package var roundShare: Double { isDone ? 1 : Double(position.passIndex) / Double(max(1, plan.passes.count)) }

    private var position: Position { trials.first?.position ?? ahead }

    /// The next candidate to run, `nil` while none is to be had: until those under way are settled, or for good.
    package mutating func nextCandidate() -> Candidate? {
        while !isExhausted, tries + UInt64(trials.count) < maxTries {
            guard let input = propose() else {
                isExhausted = true
                return nil
            }
            let memory = memories[input]
            if memory?.isDecided == true || trials.contains(where: { $0.candidate.input == input }) {
                ahead.pass?.advance(isAccepted: false)
                continue
            }
            let candidate = Candidate(id: nextID, input: input)
            nextID += 1
            trials.append(Trial(candidate: candidate, position: ahead, base: base, stillFails: memory?.stillFails))
            goOn(isAccepted: memory?.stillFails ?? false, candidate)
            if memory == nil { return candidate }
            decide()
        }
        return nil
    }

    /// Whether anybody waits for what comes of a candidate: not where one before it was taken.
    package func isUnderWay(_ candidate: Candidate) -> Bool { trials.contains { $0.candidate.id == candidate.id } }

    /// Tells what came of a candidate, in any order.
    package mutating func settle(_ candidate: Candidate, stillFails: Bool) {
        if memories[candidate.input] == nil, rememberedBytes + candidate.input.count <= Self.rememberedBytes {
            memories[candidate.input] = Memory(stillFails: stillFails)
            rememberedBytes += candidate.input.count
        }
        guard let index = trials.firstIndex(where: { $0.candidate.id == candidate.id }) else { return }
        trials[index].stillFails = stillFails
        if stillFails {
            // Either this one is taken or one before it: nobody needs what was proposed as if it passed.
            trials.removeSubrange((index + 1)...)
            ahead = trials[index].position
            base = trials[index].base
            isExhausted = false
            goOn(isAccepted: true, candidate)
        }
        decide()
    }

    /// Goes on behind a candidate that `ahead` has proposed.
    private mutating func goOn(isAccepted: Bool, _ candidate: Candidate) {
        ahead.pass?.advance(isAccepted: isAccepted)
        guard isAccepted else { return }
        ahead.hasChanged = true
        base = candidate.input
    }

    /// The next candidate in order, whether or not it was seen before; `nil` after a round without a change.
    private mutating func propose() -> [UInt8]? {
        let passes = plan.passes
        while true {
            if ahead.pass == nil {
                if ahead.passIndex == passes.count {
                    guard ahead.hasChanged else { return nil }
                    ahead = Position(round: ahead.round + 1)
                }
                ahead.pass = passes[ahead.passIndex]
            }
            while let candidate = ahead.pass?.candidate(of: base) {
                if plan.admits(candidate, for: base) { return candidate }
                ahead.pass?.advance(isAccepted: false)
            }
            ahead.pass = nil
            ahead.passIndex += 1
        }
    }

    /// Takes what is known from the front of the line.
    private mutating func decide() {
        while tries < maxTries, let first = trials.first, let stillFails = first.stillFails {
            tries += 1
            memories[first.candidate.input]?.isDecided = true
            trials.removeFirst()
            guard stillFails else {
                rejectedInARow += 1
                continue
            }
            rejectedInARow = 0
            acceptedCount += 1
            best = first.candidate.input
        }
    }
}
