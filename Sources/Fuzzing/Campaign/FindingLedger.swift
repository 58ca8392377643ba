/// Which failures are known, so that each is announced once. Owned by `Fuzzer`.
///
/// Crashes and leaks are one when their signatures are equal. Hangs and memory exhaustion have no stack worth
/// comparing: two are one when they covered the same edges; after the first few of a kind another one must
/// also reach an edge that none of them reached, or an endless loop behind a hundred different beginnings
/// would fill the disk.
struct FindingLedger {
    enum Kind: Int, CaseIterable {
        case crash, leak, timeout, outOfMemory
    }

    enum Key: Hashable {
        case crash(String)
        case leak(String)
        case timeout(UInt64)
        case outOfMemory(UInt64)
    }

    /// A failure that did not happen again may be tried anew that often.
    static let maxAttempts = 3
    /// Hangs of one kind that are taken for distinct edges alone.
    static let freeSilentFindings = 16

    private enum Status {
        case pending(attempts: Int)
        case unverified(attempts: Int)
        case announced
    }

    private var known: [Key: Status] = [:]
    private var counts = [Int](repeating: 0, count: Kind.allCases.count)
    private var reachedEdges = [[Bool]](repeating: [], count: Kind.allCases.count)
    private let maxPerKind: Int
    private let maxEdges: Int

    init(maxPerKind: Int, maxEdges: Int) {
        self.maxPerKind = maxPerKind
        self.maxEdges = maxEdges
    }

    static func kind(of outcome: Outcome) -> Kind? {
        switch outcome {
        case .crashed: .crash
        case .leaked: .leak
        case .timedOut: .timeout
        case .outOfMemory: .outOfMemory
        case .passed, .rejected, .lost: nil
        }
    }

    static func key(of outcome: Outcome, counters: UnsafeBufferPointer<UInt32>) -> Key? {
        switch outcome {
        case .crashed(let signature): .crash(signature)
        case .leaked(let signature): .leak(signature)
        case .timedOut: .timeout(edgeHash(counters))
        case .outOfMemory: .outOfMemory(edgeHash(counters))
        case .passed, .rejected, .lost: nil
        }
    }

    /// Whether this failure is to be run again and announced; it is pending from now on.
    mutating func admit(_ key: Key, kind: Kind, counters: UnsafeBufferPointer<UInt32>) -> Bool {
        var attempts = 0
        switch known[key] {
        case .pending, .announced: return false
        case .unverified(let earlier):
            if earlier >= Self.maxAttempts { return false }
            attempts = earlier
        case nil:
            if counts[kind.rawValue] >= maxPerKind { return false }
            if kind == .timeout || kind == .outOfMemory {
                let reachesNew = noteEdges(counters, kind: kind)
                if counts[kind.rawValue] >= Self.freeSilentFindings && !reachesNew { return false }
            }
            counts[kind.rawValue] += 1
        }
        known[key] = .pending(attempts: attempts + 1)
        return true
    }

    /// The re-run of `key` is done. `repeatedKey` is what it failed with this time: another stack of the same
    /// bytes is not announced again.
    mutating func settle(_ key: Key, isVerified: Bool, repeatedKey: Key?) {
        if isVerified {
            known[key] = .announced
        } else if case .pending(let attempts) = known[key] {
            known[key] = .unverified(attempts: attempts)
        }
        if isVerified, let repeatedKey, known[repeatedKey] == nil { known[repeatedKey] = .announced }
    }

    private mutating func noteEdges(_ counters: UnsafeBufferPointer<UInt32>, kind: Kind) -> Bool {
        var reachesNew = false
        for counter in counters {
            let edge = Int(counter >> 8)
            if edge >= maxEdges { continue }
            if edge >= reachedEdges[kind.rawValue].count {
                let missing = max(edge + 1, 2 * edge) - reachedEdges[kind.rawValue].count
                reachedEdges[kind.rawValue].append(contentsOf: repeatElement(false, count: missing))
            }
            if !reachedEdges[kind.rawValue][edge] {
                reachedEdges[kind.rawValue][edge] = true
                reachesNew = true
            }
        }
        return reachesNew
    }

    /// Hit counts are left out: where a timer fires decides them.
    private static func edgeHash(_ counters: UnsafeBufferPointer<UInt32>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for counter in counters {
            hash = (hash ^ UInt64(counter >> 8)) &* 0x0000_0100_0000_01B3
            hash ^= hash >> 29
        }
        return hash
    }
}
