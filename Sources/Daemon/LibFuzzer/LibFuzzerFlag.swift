/// One flag of libFuzzer's command line: what it takes, and what it does here.
package struct LibFuzzerFlag: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        /// A number and its default.
        case integer(Int)
        case text
        /// libFuzzer names it and says that it is gone.
        case deprecated
    }

    /// How far the front end does what libFuzzer does; the words are those of `docs/libfuzzer-flags.md`.
    package enum Support: String, Sendable, CaseIterable {
        case same
        case different
        case meaningless
    }

    package var name: String
    package var value: Value
    package var support: Support
    /// Left out of `-help=1`, as libFuzzer leaves out its internal flags.
    package var isHidden: Bool
    /// One line for `-help=1`.
    package var help: String

    package init(_ name: String, _ value: Value, _ support: Support, isHidden: Bool = false, _ help: String) {
        self.name = name
        self.value = value
        self.support = support
        self.isHidden = isHidden
        self.help = help
    }
}
