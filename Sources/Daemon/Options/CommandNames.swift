/// What somebody may have meant by a subcommand that there is none of.
package enum CommandNames {
    package static func nearest(to wrong: String, among names: [String]) -> String? {
        ConfigurationSchema.nearest(to: wrong, among: names)
    }
}
