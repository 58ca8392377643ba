/// What `fuzzd compare` was asked to do.
package struct CompareOptions: Sendable, Equatable {
    package var configPath: String
    /// All inputs of all directories are run, in the order of their file names. Never empty.
    package var corpusDirectories: [String]
    /// Rounds for each strategy, at least 1.
    package var rounds: Int
    /// Strategies to measure, in the order of the table; `fork` is always among them.
    package var strategies: [ResetStrategy]
    /// Times that all inputs run in a shuffled order under each strategy; 0: in the order of their names only.
    package var orders: Int
    /// Of the shuffling.
    package var seed: UInt64
    package var jsonPath: String?
    package var htmlPath: String?

    package init(
        configPath: String, corpusDirectories: [String], rounds: Int = CompareOptions.defaultRounds,
        strategies: [ResetStrategy] = ResetStrategy.allCases, orders: Int = 0, seed: UInt64 = 1, jsonPath: String? = nil,
        htmlPath: String? = nil
    ) {
        self.configPath = configPath
        self.corpusDirectories = corpusDirectories
        self.rounds = rounds
        self.strategies = strategies
        self.orders = orders
        self.seed = seed
        self.jsonPath = jsonPath
        self.htmlPath = htmlPath
    }

    package static let defaultRounds = 5
}
