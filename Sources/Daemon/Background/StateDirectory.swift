import Glibc

/// Where daemons of one user keep their logs: `$XDG_STATE_HOME/fuzzd`, else `~/.local/state/fuzzd`.
package enum StateDirectory {
    /// The path, without a trailing slash. Nothing is created.
    ///
    /// - Parameter environment: looks a variable up; empty values count as absent.
    package static func path(environment: (String) -> String?) -> String {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            return state + "/fuzzd"
        }
        if let home = environment("HOME"), home.hasPrefix("/") {
            return home + "/.local/state/fuzzd"
        }
        // Without a home directory, such as in a service unit, a place of the user's own is still needed.
        return "/tmp/fuzzd-\(geteuid())"
    }

    /// The path for this process.
    package static var path: String {
        path { name in getenv(name).map { String(cString: $0) } }
    }

    /// Creates the directory and its parents, readable by their owner only.
    package static func create(at path: String) throws {
        var prefix = ""
        for component in path.split(separator: "/") {
            prefix += "/" + component
            guard mkdir(prefix, 0o700) != 0, errno != EEXIST else { continue }
            let cause = String(cString: strerror(errno))
            throw CommandFailure(.storageFailure, "cannot create the directory \(prefix): \(cause)")
        }
    }
}
