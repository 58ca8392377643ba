/// Makes a script shorter while it still does the same: delta debugging by lines, then single lines until none can go.
package struct TraceMinimizer {
    /// Runs of the program that were needed so far.
    package private(set) var trials = 0
    private let maximumTrials: Int
    private let isSame: ([QTestCommand]) throws -> Bool

    /// - Parameters:
    ///   - maximumTrials: when to be content with what there is.
    ///   - isSame: whether the commands still do what they are kept for.
    package init(maximumTrials: Int = 2000, isSame: @escaping ([QTestCommand]) throws -> Bool) {
        self.maximumTrials = maximumTrials
        self.isSame = isSame
    }

    /// - Parameter progress: told of every shorter script.
    package mutating func minimize(
        _ commands: [QTestCommand], progress: ([QTestCommand], _ trials: Int) -> Void = { _, _ in }
    ) throws -> [QTestCommand] {
        var kept = commands
        // Most scripts end with what fails: the tail goes first, then pieces from large to small.
        var size = max(1, kept.count / 2)
        while true {
            var hasShrunk = false
            var start = max(0, kept.count - size)
            while kept.count > 1 {
                let end = min(start + size, kept.count)
                let shorter = Array(kept[..<start] + kept[end...])
                guard trials < maximumTrials else { return kept }
                trials += 1
                if !shorter.isEmpty, try isSame(shorter) {
                    kept = shorter
                    hasShrunk = true
                    progress(kept, trials)
                }
                if start == 0 { break }
                start = max(0, start - size)
            }
            if size == 1, !hasShrunk { return kept }
            if !hasShrunk || size > 1 { size = max(1, size / 2) }
        }
    }
}
