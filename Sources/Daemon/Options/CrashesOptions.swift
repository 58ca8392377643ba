/// What `fuzzd crashes` was asked to do.
package struct CrashesOptions: Sendable, Equatable {
    /// Campaign whose artifacts they are; `nil`: the configs that the artifacts' records name.
    package var configPath: String?
    /// `nil`: the config's, or all below `./artifacts`.
    package var artifactDirectory: String?
    /// Group or artifact of `fuzzd crashes show`; `nil` lists all.
    package var shown: String?
    package var json = false
    package var sarifPath: String?
    /// Directory that paths in SARIF are relative to; `nil` is the current one.
    package var sourceRoot: String?
    /// Runs all artifacts anew, whatever is known of them.
    package var again = false

    package init(configPath: String? = nil, artifactDirectory: String? = nil, shown: String? = nil) {
        self.configPath = configPath
        self.artifactDirectory = artifactDirectory
        self.shown = shown
    }
}
