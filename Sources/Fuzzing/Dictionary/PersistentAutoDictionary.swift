/// Words that were part of a mutation which found something new; used again ever after. Owned by
/// `MutationContext`.
package struct PersistentAutoDictionary: Sendable {
    /// Words beyond this are not taken; libFuzzer's bound.
    package static let capacity = 1 << 14
    /// In the order of discovery.
    package private(set) var words: [[UInt8]] = []
    private var known: Set<[UInt8]> = []

    package init() {}

    /// Adds a word unless it is known or the dictionary is full.
    package mutating func add(_ word: [UInt8]) {
        if words.count < Self.capacity && !word.isEmpty && known.insert(word).inserted {
            words.append(word)
        }
    }
}
