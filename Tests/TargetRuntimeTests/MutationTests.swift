import TargetRuntime
import Testing

/// `LLVMFuzzerMutate` as a harness calls it. One after the other: the state is the process's.
@Suite("Mutations for a harness", .serialized) struct MutationTests {
    /// Mutates once in memory of exactly `capacity` bytes, with guards around it.
    private static func mutate(_ input: [UInt8], capacity: Int, seed: UInt32? = nil) -> [UInt8] {
        let guardBytes = 64
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 2 * guardBytes)
        defer { memory.deallocate() }
        memory.initialize(repeating: 0xA5, count: capacity + 2 * guardBytes)
        let data = memory.advanced(by: guardBytes)
        for (index, byte) in input.prefix(capacity).enumerated() { data[index] = byte }
        if let seed { seedMutations(seed) }
        let size = mutateForHarness(data, input.count, capacity)
        for index in 0..<guardBytes {
            #expect(memory[index] == 0xA5, "byte \(index - guardBytes)")
            #expect(data[capacity + index] == 0xA5, "byte \(index) behind the room")
        }
        return Array(UnsafeBufferPointer(start: data, count: size))
    }

    @Test func theSeedDecides() {
        let input = Array("hello 123 world".utf8)
        let first = (0..<200).map { Self.mutate(input, capacity: 40, seed: $0) }
        let again = (0..<200).map { Self.mutate(input, capacity: 40, seed: $0) }
        #expect(first == again)
        #expect(Set(first).count > 100)
    }

    @Test func nothingIsWrittenOutsideTheRoom() {
        for capacity in [1, 2, 3, 4, 7, 64, 300] {
            for size in [0, 1, capacity / 2, capacity] where size <= capacity {
                seedMutations(UInt32(capacity * 1000 + size))
                for _ in 0..<300 {
                    let result = Self.mutate((0..<size).map { UInt8(truncatingIfNeeded: $0) }, capacity: capacity)
                    #expect((1...capacity).contains(result.count), "\(size) bytes in room for \(capacity)")
                }
            }
        }
    }

    @Test func aSizeBeyondTheRoomIsCut() {
        let result = Self.mutate([UInt8](repeating: 7, count: 50), capacity: 10, seed: 3)
        #expect((1...10).contains(result.count))
    }

    @Test func withoutRoomNothingHappens() {
        #expect(mutateForHarness(nil, 5, 10) == 5)
        var byte: UInt8 = 9
        #expect(mutateForHarness(&byte, 0, 0) == 0)
        #expect(byte == 9)
    }

    @Test func everyKindOfChangeOccurs() {
        let input = Array("abcdefgh 4711 ijklmnop".utf8)
        var longer = false, shorter = false, oneBit = false, shuffled = false, number = false
        seedMutations(1)
        for _ in 0..<3000 {
            let result = Self.mutate(input, capacity: 200)
            longer = longer || result.count > input.count + 1
            shorter = shorter || result.count < input.count
            guard result.count == input.count else { continue }
            let changed = zip(input, result).filter { $0 != $1 }
            oneBit = oneBit || (changed.count == 1 && (changed[0].0 ^ changed[0].1).nonzeroBitCount == 1)
            shuffled = shuffled || (changed.count > 1 && result.sorted() == input.sorted())
            number = number || Array("abcdefgh 4712 ijklmnop".utf8) == result
        }
        #expect(longer && shorter && oneBit && shuffled && number)
    }
}
