import Glibc

/// Finds `llvm-symbolizer`.
package enum SymbolizerLocator {
    /// In this order; an empty value means: use none.
    package static let variables = ["FUZZD_SYMBOLIZER", "ASAN_SYMBOLIZER_PATH", "LLVM_SYMBOLIZER_PATH"]
    /// Releases of LLVM whose name carries the version, as Debian's packages have it; newest first.
    private static let versions = stride(from: 25, through: 13, by: -1)

    /// Path of the program; `nil` where there is none, or where the environment says to use none.
    package static func find(environment: [String: String]) -> String? {
        for variable in variables {
            guard let path = environment[variable] else { continue }
            if path.isEmpty { return nil }
            // Somebody else's variable may name what is not there; ours is meant.
            if isProgram(path) || variable == variables[0] { return path }
        }
        let directories = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        for name in ["llvm-symbolizer"] + versions.map({ "llvm-symbolizer-\($0)" }) {
            for directory in directories where isProgram("\(directory)/\(name)") { return "\(directory)/\(name)" }
        }
        return nil
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
