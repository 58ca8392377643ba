import Foundation

/// A build of QEMU's fuzzers in the folder that `scripts/build-qemu` keeps.
struct QEMUBuild {
    enum Engine: String {
        /// The fork server of this project.
        case fuzzd
        /// The compiler's libFuzzer; QEMU 7.2 has a fork server of its own for it.
        case libFuzzer = "libfuzzer"
    }

    var version: String
    var isSanitized: Bool
    var engine: Engine

    /// What builds it, as a hint where it is missing.
    var command: String {
        "scripts/build-qemu --version \(version)" + (isSanitized ? " --sanitizers asan" : "")
            + (engine == .libFuzzer ? " --engine libfuzzer" : "") + " --targets i386"
    }

    /// The fuzzer of the i386 machines; `nil` where it is not built.
    var program: String? {
        let flavour = "qemu-\(version)" + (isSanitized ? "-asan" : "")
        let path = "\(Self.cache)/\(flavour)/\(engine.rawValue)/bin/qemu-fuzz-i386"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    private static var cache: String {
        let environment = ProcessInfo.processInfo.environment
        if let cache = environment["FUZZD_QEMU_CACHE"], !cache.isEmpty { return cache }
        if let base = environment["XDG_CACHE_HOME"], !base.isEmpty { return base + "/fuzzd/qemu" }
        return (environment["HOME"] ?? "") + "/.cache/fuzzd/qemu"
    }
}
