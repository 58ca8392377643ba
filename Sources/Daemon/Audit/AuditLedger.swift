/// Adds up what the reboots behind many inputs left behind. A value; knows nothing of processes.
package struct AuditLedger {
    package struct Input: Codable, Equatable, Sendable {
        package var fileName: String
        package var bytes: Int

        package init(fileName: String, bytes: Int) {
            self.fileName = fileName
            self.bytes = bytes
        }
    }

    /// One place that differs: neighbouring words of one owner.
    package struct Entry: Equatable {
        package var address: UInt64
        /// That differed behind any input.
        package var bytes: Int
        /// Indices of the inputs.
        package var inputs: Set<Int>
        package var isNoise: Bool
    }

    package init() {}

    private(set) var inputs: [Input] = []
    private var words: [UInt64: (mask: UInt8, inputs: Set<Int>)] = [:]
    private var noise: [UInt64: UInt8] = [:]
    /// By how much a word grew, input by input.
    private var growth: [UInt64: [Int: UInt64]] = [:]

    /// Words that differ after the empty input too.
    package mutating func addNoise(_ differences: [UInt64: UInt8]) {
        for (address, mask) in differences { noise[address, default: 0] |= mask }
    }

    /// - Parameter growth: by how much the words grew, taken as numbers.
    package mutating func add(_ input: Input, _ differences: [UInt64: UInt8], growth grown: [UInt64: UInt64] = [:]) {
        let index = inputs.count
        inputs.append(input)
        for (address, mask) in differences {
            words[address, default: (0, [])].mask |= mask
            words[address, default: (0, [])].inputs.insert(index)
            growth[address, default: [:]][index] = grown[address]
        }
    }

    /// Clocks, and words that grew by as much as one of them behind every input behind which they differ: moments, such as that of
    /// the reset itself.
    package func moments(ofClocks isClock: (UInt64) -> Bool) -> Set<UInt64> {
        let clocks = words.keys.filter(isClock).compactMap { growth[$0] }
        guard !clocks.isEmpty else { return [] }
        return Set(
            words.keys.filter { address in
                guard let grown = growth[address] else { return false }
                return clocks.contains { clock in grown.allSatisfy { clock[$0.key] == $0.value } }
            })
    }

    /// The smallest input among some; the first by name where there are several.
    package func smallest(_ indices: Set<Int>) -> Input? {
        indices.map { inputs[$0] }.min { ($0.bytes, $0.fileName) < ($1.bytes, $1.fileName) }
    }

    /// Ascending by address. Words next to each other are one entry if `isSame` says that they belong together.
    package func entries(_ isSame: (UInt64, UInt64) -> Bool) -> [Entry] {
        var entries: [Entry] = []
        var last: UInt64 = 0
        for address in Set(words.keys).union(noise.keys).sorted() {
            let isNoise = noise[address] != nil
            let mask = (words[address]?.mask ?? 0) | (noise[address] ?? 0)
            let entry = Entry(
                address: address + UInt64(mask.trailingZeroBitCount), bytes: mask.nonzeroBitCount,
                inputs: words[address]?.inputs ?? [], isNoise: isNoise)
            if let previous = entries.last, previous.isNoise == isNoise, address - last == 8, isSame(last, address) {
                entries[entries.count - 1].bytes += entry.bytes
                entries[entries.count - 1].inputs.formUnion(entry.inputs)
            } else {
                entries.append(entry)
            }
            last = address
        }
        return entries
    }
}
