/// Loaded inputs that were not run yet, smaller first, equal sizes in the order they were added. Owned by
/// `Fuzzer`.
struct SeedQueue {
    private struct Seed {
        var bytes: [UInt8]
        var name: String
        var order: Int
    }

    /// Largest first, so that the next one is taken from the end.
    private var seeds: [Seed] = []
    private var isSorted = true
    private var added = 0
    /// Seeds added and not observed yet, taken or not.
    private(set) var outstandingCount = 0

    var wasEverFilled: Bool { added > 0 }

    mutating func add(_ bytes: [UInt8], name: String) {
        seeds.append(Seed(bytes: bytes, name: name, order: added))
        added += 1
        outstandingCount += 1
        isSorted = false
    }

    mutating func popFirst() -> (bytes: [UInt8], name: String)? {
        if !isSorted {
            seeds.sort { ($0.bytes.count, $0.order) > ($1.bytes.count, $1.order) }
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
