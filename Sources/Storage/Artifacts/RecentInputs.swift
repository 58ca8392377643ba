import Foundation

/// The inputs that a runner took before one that failed, oldest first: what a failure may need that does not happen with its
/// input alone. Kept beside the artifact (`crash-….before.json`).
package struct RecentInputs: Codable, Sendable, Equatable {
    /// Ending of the file's name, behind the artifact's.
    package static let suffix = ".before.json"
    /// Inputs that a runner is remembered for. Older ones are forgotten: the state that they left is hardly ever what matters.
    package static let countLimit = 1024
    package static let bytesLimit = 4 << 20

    /// How inputs got their machine: `none`, `reboot` or `snapshot`.
    package var reset: String
    /// Base64 in the file.
    package private(set) var inputs: [Data] = []
    private var totalBytes = 0

    private enum CodingKeys: String, CodingKey { case reset, inputs }

    package init(reset: String) {
        self.reset = reset
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        reset = try container.decode(String.self, forKey: .reset)
        for input in try container.decode([Data].self, forKey: .inputs) { append(Array(input)) }
    }

    package mutating func append(_ input: [UInt8]) {
        inputs.append(Data(input))
        totalBytes += input.count
        guard inputs.count >= 2 * Self.countLimit || totalBytes > 2 * Self.bytesLimit else { return }
        trim()
    }

    /// The runner is gone, and what its inputs left with it.
    package mutating func removeAll() {
        inputs.removeAll(keepingCapacity: true)
        totalBytes = 0
    }

    /// Down to the limits. Twice as much is let grow, so that a campaign does not move the list for each input.
    package mutating func trim() {
        var dropped = max(0, inputs.count - Self.countLimit)
        var rest = inputs[dropped...].reduce(0) { $0 + $1.count }
        while rest > Self.bytesLimit {
            rest -= inputs[dropped].count
            dropped += 1
        }
        inputs.removeFirst(dropped)
        totalBytes = rest
    }

    package func encoded() -> [UInt8] {
        var list = self
        list.trim()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do { return Array(try encoder.encode(list)) + [10] } catch { preconditionFailure("recent inputs: \(error)") }
    }

    /// `nil` where the bytes are not such a list.
    package init?(decoding bytes: [UInt8]) {
        guard let list = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = list
    }
}
