import Glibc

/// Median, quartiles and extremes of the rounds of one measurement.
struct Spread: Codable, Sendable {
    var median: Double
    var lowerQuartile: Double
    var upperQuartile: Double
    var minimum: Double
    var maximum: Double
    var rounds: Int

    /// All zero without values.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        median = Self.quantile(0.5, of: sorted)
        lowerQuartile = Self.quantile(0.25, of: sorted)
        upperQuartile = Self.quantile(0.75, of: sorted)
        minimum = sorted.first ?? 0
        maximum = sorted.last ?? 0
        rounds = sorted.count
    }

    /// The rate that a tenth of the rounds reached: those that nothing else disturbed.
    static func upperDecile(_ rates: [Double]) -> Double {
        quantile(0.9, of: rates.sorted())
    }

    private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        guard let last = sorted.indices.last else { return 0 }
        let place = share * Double(last)
        let below = Int(place)
        let above = min(below + 1, last)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
}

/// What a figure must reach.
enum Target {
    case atLeast(Double)
    case atMost(Double)

    func isReached(by value: Double) -> Bool {
        switch self {
        case .atLeast(let limit): value >= limit
        case .atMost(let limit): value <= limit
        }
    }
}

/// `CLOCK_MONOTONIC` in nanoseconds.
func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}

/// Runs every subject once a round, so that what else the host does reaches all of them alike; odd rounds go
/// backwards. Returns the values by subject, in the order of rounds.
func alternate(_ subjects: Int, rounds: Int, _ measure: (_ subject: Int) throws -> Double) rethrows -> [[Double]] {
    var values = [[Double]](repeating: [], count: subjects)
    for round in 0..<rounds {
        for position in 0..<subjects {
            let subject = round % 2 == 0 ? position : subjects - 1 - position
            values[subject].append(try measure(subject))
        }
    }
    return values
}

/// Quotients round by round: both sides of each were measured next to each other.
func ratios(_ values: [Double], to others: [Double]) -> [Double] {
    zip(values, others).map { $1 > 0 ? $0 / $1 : 0 }
}
