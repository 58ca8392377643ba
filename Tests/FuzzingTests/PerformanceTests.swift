import Fuzzing
import Testing

@Suite("Speed, with wide margins", .serialized)
struct PerformanceTests {
    @Test("3,000 counters with nothing new: below 200 us, printed")
    func observe() {
        var options = FuzzerOptions()
        options.usesComparisons = false
        options.reducesInputs = true
        var fuzzer = Fuzzer(options: options)
        fuzzer.addSeed([UInt8](repeating: 1, count: 100), name: "seed")
        // Every 23rd of 70,000 edges, as a device model's counters are spread over a large program.
        let counters = (0..<UInt32(3000)).map { ($0 * 23) << 8 | ($0 % 200 + 1) }
        let rounds = 20_000
        let clock = ContinuousClock()
        var spent = Duration.zero
        var spentRequesting = Duration.zero
        counters.withUnsafeBufferPointer { counters in
            for round in 0..<rounds {
                let start = clock.now
                let next = fuzzer.nextRequest()
                let middle = clock.now
                next.request.input.withUnsafeBufferPointer { executed in
                    _ = fuzzer.observe(
                        ticket: next.ticket,
                        Observation(outcome: .passed, counters: counters, executedInput: executed))
                }
                // The first executions count rare features; what lasts is what matters.
                if round >= rounds / 2 {
                    spentRequesting += middle - start
                    spent += clock.now - middle
                }
            }
        }
        let perObserve = spent / (rounds / 2)
        print(
            "observe 3,000 counters: \(perObserve); nextRequest: \(spentRequesting / (rounds / 2))"
        )
        #expect(perObserve < .microseconds(200))
        #expect(fuzzer.counters.executions == UInt64(rounds))
    }

    @Test("a mutation of 512 bytes: below 50 us, printed")
    func mutate() {
        var mutator = Mutator(seed: 1, maxSizeBytes: 4096, dictionary: [Array("FUZZ".utf8)])
        let base = [UInt8](repeating: 0x41, count: 512)
        mutator.context.crossOverPartner = base
        let rounds = 100_000
        var total = 0
        let spent = ContinuousClock().measure {
            for _ in 0..<rounds {
                var input = base
                _ = mutator.mutate(&input)
                total &+= input.count
            }
        }
        print("mutation of 512 bytes: \(spent / rounds)")
        #expect(spent / rounds < .microseconds(50))
        #expect(total > rounds)
    }
}
