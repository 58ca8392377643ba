/// Takes each byte for a number of bytes that follow it: removes what it counts, with the bytes in front that belong to it, or a part
/// of what it counts and makes it smaller by as much.
///
/// Records, chunks and counted strings give way to this where no removal alone works, as it would move every field behind it.
struct LengthFieldReduction: ReductionPass {
    let name = "length fields"
    /// Bytes in front of the number, and between it and what it counts: those of wider numbers and a type.
    private static let frames: [(before: Int, gap: Int)] = [(1, 0), (0, 0), (2, 0), (1, 1), (2, 1)]
    private static let gaps = [0, 1]
    /// Parts get no smaller than this share of what is counted; once it is less, they do.
    private static let finestShare = 16
    /// Numbers here are taken seriously whatever they are; further behind, those that cleansing could write only as a whole record.
    private static let headerBytes = 4

    private let meaningless: [UInt8]
    private var index = 0
    private var choice = 0

    /// - Parameter meaningless: what cleansing writes: such a byte hardly counts anything.
    init(meaningless: [UInt8]) {
        self.meaningless = meaningless
    }

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        while index < input.count {
            let choices = choices(at: index, in: input)
            while choice < choices {
                if let candidate = candidate(of: input, choice: choice) { return candidate }
                choice += 1
            }
            index += 1
            choice = 0
        }
        return nil
    }

    mutating func advance(isAccepted: Bool) { choice = isAccepted ? 0 : choice + 1 }

    private func choices(at index: Int, in input: [UInt8]) -> Int {
        if input[index] == 0 { return 0 }
        if index >= Self.headerBytes, meaningless.contains(input[index]) { return 1 }
        return Self.frames.count + Self.gaps.count * Self.parts(of: Int(input[index])).count
    }

    private func candidate(of input: [UInt8], choice: Int) -> [UInt8]? {
        let length = Int(input[index])
        var candidate = input
        if choice < Self.frames.count {
            let (before, gap) = Self.frames[choice]
            let end = index + 1 + gap + length
            guard before <= index, end <= input.count else { return nil }
            candidate.removeSubrange((index - before)..<end)
            return candidate
        }
        let parts = Self.parts(of: length)
        let part = parts[(choice - Self.frames.count) % parts.count]
        let start = index + 1 + Self.gaps[(choice - Self.frames.count) / parts.count]
        guard start + length <= input.count else { return nil }
        candidate.removeSubrange((start + part.lowerBound)..<(start + part.upperBound))
        candidate[index] -= UInt8(part.count)
        return candidate
    }

    /// All of it, halves, quarters …, each from the end.
    private static func parts(of length: Int) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var size = length
        while size >= max(1, length / finestShare) {
            var end = length
            while end > 0 {
                parts.append(max(0, end - size)..<end)
                end -= size
            }
            size /= 2
        }
        return parts
    }
}

/// Takes a few neighbouring bytes away wherever they begin, and in what is short any two bytes.
struct ByteGroupRemoval: ReductionPass {
    let name = "groups of bytes"
    private static let sizes = [4, 3, 2]
    /// In longer inputs groups are too many, and pairs even in these.
    private static let maxGroupedBytes = 128
    static let maxPairedBytes = 16
    private var size = 0
    private var start = 0
    private var second = 2

    mutating func candidate(of input: [UInt8]) -> [UInt8]? {
        var candidate = input
        while size < Self.sizes.count, input.count <= Self.maxGroupedBytes {
            if start + Self.sizes[size] <= input.count {
                candidate.removeSubrange(start..<(start + Self.sizes[size]))
                return candidate
            }
            size += 1
            start = 0
        }
        guard input.count <= Self.maxPairedBytes else { return nil }
        if second >= input.count {
            start += 1
            second = start + 2
        }
        guard second < input.count else { return nil }
        candidate.remove(at: second)
        candidate.remove(at: start)
        return candidate
    }

    mutating func advance(isAccepted: Bool) {
        if size < Self.sizes.count {
            if !isAccepted { start += 1 }
        } else if isAccepted {
            start = 0
            second = 2
        } else {
            second += 1
        }
    }
}
