import Glibc

/// Finds `llvm-symbolizer`.
package enum SymbolizerLocator {
    /// In this order; an empty value means: use none.
    package static let variables = ["FUZZD_SYMBOLIZER", "ASAN_SYMBOLIZER_PATH", "LLVM_SYMBOLIZER_PATH"]
    /// Releases of LLVM whose name carries the version, as Debian's packages have it; newest first.
    private static let versions = stride(from: 25, through: 13, by: -1)

    /// Options of the sanitizers, of which `symbolize=0` and `external_symbolizer_path=` are meant for whoever symbolises.
    private static let options = ["ASAN_OPTIONS", "MSAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"]

    /// Path of the program; `nil` where there is none, or where the environment says to use none.
    package static func find(environment: [String: String]) -> String? {
        if let text = option("symbolize", environment), ["0", "false", "no"].contains(text) { return nil }
        for variable in variables {
            guard let path = environment[variable] else { continue }
            if path.isEmpty { return nil }
            // Somebody else's variable may name what is not there; ours is meant.
            if isProgram(path) || variable == variables[0] { return path }
        }
        if let path = option("external_symbolizer_path", environment) { return path.isEmpty ? nil : path }
        let directories = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        for name in ["llvm-symbolizer"] + versions.map({ "llvm-symbolizer-\($0)" }) {
            for directory in directories where isProgram("\(directory)/\(name)") { return "\(directory)/\(name)" }
        }
        return nil
    }

    /// The last of its values, as the sanitizers take it, in the first variable that has one.
    private static func option(_ name: String, _ environment: [String: String]) -> String? {
        options.lazy.compactMap { variable in
            environment[variable]?.split { ": ,\t\n".contains($0) }.last { $0.hasPrefix(name + "=") }
                .map { String($0.dropFirst(name.count + 1)) }
        }.first
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
