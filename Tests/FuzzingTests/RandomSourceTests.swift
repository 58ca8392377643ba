import Fuzzing
import Testing

@Suite("Random source")
struct RandomSourceTests {
    @Test("xoshiro256** gives its published sequence")
    func referenceSequence() {
        var source = RandomSource(state: (1, 2, 3, 4))
        let expected: [UInt64] = [
            11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
        ]
        #expect((0..<5).map { _ in source.next() } == expected)
    }

    @Test("bounded integers are in range and near uniform", arguments: [1, 2, 3, 7, 100])
    func bounded(bound: Int) {
        var source = RandomSource(seed: 42)
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<bound * 1000 { counts[source.below(bound)] += 1 }
        #expect(counts.allSatisfy { (800...1200).contains($0) }, "\(counts)")
    }

    @Test("one seed, one sequence; another seed, another")
    func seeds() {
        var first = RandomSource(seed: 7)
        var second = RandomSource(seed: 7)
        var other = RandomSource(seed: 8)
        let sequence = (0..<10).map { _ in first.next() }
        #expect(sequence == (0..<10).map { _ in second.next() })
        #expect(sequence != (0..<10).map { _ in other.next() })
    }

    @Test("logarithm inverts known powers")
    func logarithm() {
        #expect(naturalLogarithm(1) == 0)
        #expect(abs(naturalLogarithm(2.718281828459045) - 1) < 1e-15)
        #expect(abs(naturalLogarithm(10) - 2.302585092994046) < 1e-15)
        #expect(abs(naturalLogarithm(1e9) - 20.72326583694641) < 1e-13)
        #expect(abs(naturalLogarithm(0.001) + 6.907755278982137) < 1e-14)
    }
}
