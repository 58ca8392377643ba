/// The order in which seeds run.
package enum SeedOrder: Sendable {
    /// Smaller first, equal sizes in the order they were added.
    case smallFirst
    /// Drawn from the campaign's seed.
    case random
    case asAdded
}

/// Loaded inputs that were not run yet. Owned by `Fuzzer`.
struct SeedQueue {
    private struct Seed {
        var bytes: [UInt8]
        var name: String
        var order: Int
        /// What comes first in a random order.
        var rank: UInt64
    }

    private let order: SeedOrder
    private var random: RandomSource
    /// The next one is taken from the end.
    private var seeds: [Seed] = []
    private var isSorted = true
    private var added = 0
    /// Seeds added and not observed yet, taken or not.
    private(set) var outstandingCount = 0

    init(order: SeedOrder, seed: UInt64) {
        self.order = order
        random = RandomSource(seed: seed)
    }

    var wasEverFilled: Bool { added > 0 }

    mutating func add(_ bytes: [UInt8], name: String) {
        seeds.append(Seed(bytes: bytes, name: name, order: added, rank: order == .random ? random.next() : 0))
        added += 1
        outstandingCount += 1
        isSorted = false
    }

    mutating func popFirst() -> (bytes: [UInt8], name: String)? {
        if !isSorted {
            switch order {
            case .smallFirst: seeds.sort { ($0.bytes.count, $0.order) > ($1.bytes.count, $1.order) }
            case .random: seeds.sort { ($0.rank, $0.order) > ($1.rank, $1.order) }
            case .asAdded: seeds.sort { $0.order > $1.order }
            }
            isSorted = true
        }
        guard let seed = seeds.popLast() else { return nil }
        return (seed.bytes, seed.name)
    }

    /// A seed was observed for good. True when it was the last.
    mutating func finishOne() -> Bool {
        outstandingCount -= 1
        return outstandingCount == 0
    }
}
