/// Median and extremes of a few measurements.
package struct Spread: Codable, Sendable, Equatable {
    package var median: Double
    package var minimum: Double
    package var maximum: Double

    /// All zero without values. Of an even number the median is the mean of the middle two.
    package init(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else {
            median = 0
            minimum = 0
            maximum = 0
            return
        }
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        minimum = first
        maximum = last
    }
}
