import CForkServerABI
import CTargetRuntime

// `LLVMFuzzerMutate`: what a harness's own mutator calls for an ordinary mutation. libFuzzer's families that need nothing
// but the input itself; everything follows from the seed of the request.

/// Splitmix64; its state is set anew for every request.
nonisolated(unsafe) private var mutationState: UInt64 = 0

package func seedMutations(_ seed: UInt32) {
    mutationState = UInt64(seed)
}

private func randomWord() -> UInt64 {
    mutationState = mutationState &+ 0x9E37_79B9_7F4A_7C15
    var mixed = mutationState
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
}

/// 0 to `bound` - 1; 0 for a bound of 0.
private func randomNumber(below bound: Int) -> Int {
    bound <= 0 ? 0 : Int(randomWord() % UInt64(bound))
}

/// Mutates `size` bytes in place, in room for `capacity`; returns the new size, at least 1 where there is room.
@_cdecl("fuzzd_engine_mutate")
public func mutateForHarness(_ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ capacity: Int) -> Int {
    guard let data, capacity > 0 else { return size }
    let mutation = HarnessMutation(data: data, size: min(size, capacity), capacity: capacity)
    // A family may not fit an input; another is tried then.
    for _ in 0..<100 {
        if let result = mutation.attempt(randomNumber(below: 9)) { return result }
    }
    return mutation.size
}

private struct HarnessMutation {
    let data: UnsafeMutablePointer<UInt8>
    let size: Int
    let capacity: Int

    func attempt(_ family: Int) -> Int? {
        switch family {
        case 0: return eraseBytes()
        case 1: return insertByte()
        case 2: return insertRepeatedBytes()
        case 3: return changeByte()
        case 4: return changeBit()
        case 5: return shuffleBytes()
        case 6: return changeASCIIInteger()
        case 7: return changeBinaryInteger()
        default: return copyPart()
        }
    }

    private func eraseBytes() -> Int? {
        guard size > 1 else { return nil }
        let count = randomNumber(below: size / 2) + 1
        let start = randomNumber(below: size - count + 1)
        memmove(data.advanced(by: start), data.advanced(by: start + count), size - start - count)
        return size - count
    }

    private func insertByte() -> Int? {
        guard size < capacity else { return nil }
        let place = randomNumber(below: size + 1)
        memmove(data.advanced(by: place + 1), data.advanced(by: place), size - place)
        data[place] = UInt8(truncatingIfNeeded: randomWord())
        return size + 1
    }

    private func insertRepeatedBytes() -> Int? {
        guard size + 3 <= capacity else { return nil }
        let count = randomNumber(below: min(capacity - size, 128) - 2) + 3
        let place = randomNumber(below: size + 1)
        memmove(data.advanced(by: place + count), data.advanced(by: place), size - place)
        let extremes = randomNumber(below: 2) == 0
        let byte = extremes ? (randomNumber(below: 2) == 0 ? 0 : 255) : UInt8(truncatingIfNeeded: randomWord())
        memset(data.advanced(by: place), Int32(byte), count)
        return size + count
    }

    private func changeByte() -> Int? {
        guard size > 0 else { return nil }
        data[randomNumber(below: size)] = UInt8(truncatingIfNeeded: randomWord())
        return size
    }

    private func changeBit() -> Int? {
        guard size > 0 else { return nil }
        data[randomNumber(below: size)] ^= 1 << UInt8(randomNumber(below: 8))
        return size
    }

    private func shuffleBytes() -> Int? {
        guard size > 0 else { return nil }
        let count = randomNumber(below: min(size, 8)) + 1
        let start = randomNumber(below: size - count + 1)
        for index in 0..<count {
            let other = start + index + randomNumber(below: count - index)
            (data[start + index], data[other]) = (data[other], data[start + index])
        }
        return size
    }

    private func changeASCIIInteger() -> Int? {
        var start = randomNumber(below: size)
        while start < size, data[start] < 48 || data[start] > 57 { start += 1 }
        guard start < size else { return nil }
        var end = start
        var value: UInt64 = 0
        while end < size, data[end] >= 48, data[end] <= 57 {
            value = value &* 10 &+ UInt64(data[end] - 48)
            end += 1
        }
        switch randomNumber(below: 5) {
        case 0: value = value &+ 1
        case 1: value = value &- 1
        case 2: value /= 2
        case 3: value = value &* 2
        default: value = randomWord() % (value &* value | 1)
        }
        for index in (start..<end).reversed() {
            data[index] = UInt8(48 + value % 10)
            value /= 10
        }
        return size
    }

    private func changeBinaryInteger() -> Int? {
        let width = 1 << randomNumber(below: 4)
        guard size >= width else { return nil }
        let start = randomNumber(below: size - width + 1)
        let isSwapped = randomNumber(below: 2) == 0
        var value: UInt64 = 0
        for index in 0..<width {
            value |= UInt64(data[start + (isSwapped ? width - 1 - index : index)]) << UInt64(8 * index)
        }
        value = randomNumber(below: 2) == 0 ? 0 &- value : value &+ UInt64(randomNumber(below: 21)) &- 10
        if randomNumber(below: 8) == 0 { value = UInt64(size) }
        for index in 0..<width {
            data[start + (isSwapped ? width - 1 - index : index)] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
        return size
    }

    /// Copies a part over another, or inserts it.
    private func copyPart() -> Int? {
        guard size > 1 else { return nil }
        let count = randomNumber(below: size / 2) + 1
        let from = randomNumber(below: size - count + 1)
        if randomNumber(below: 2) == 0 || size + count > capacity {
            memmove(data.advanced(by: randomNumber(below: size - count + 1)), data.advanced(by: from), count)
            return size
        }
        // The part goes to the end and is rotated into its place there.
        let place = randomNumber(below: size + 1)
        memcpy(data.advanced(by: size), data.advanced(by: from), count)
        rotate(from: place, by: size - place, count: size + count - place)
        return size + count
    }

    /// Rotates `count` bytes left by `by`, by three reversals.
    private func rotate(from start: Int, by distance: Int, count: Int) {
        reverse(start, start + distance)
        reverse(start + distance, start + count)
        reverse(start, start + count)
    }

    private func reverse(_ start: Int, _ end: Int) {
        var low = start
        var high = end - 1
        while low < high {
            (data[low], data[high]) = (data[high], data[low])
            low += 1
            high -= 1
        }
    }
}
