/// What a target's sanitizers are told through their environment variables, beside what the user tells them.
enum SanitizerOptions {
    /// Overridden by what the user sets: a child has a report in its output and no need for a core.
    private static let defaults: [String: String] = [
        "ASAN_OPTIONS": "disable_coredump=1:allocator_may_return_null=1",
        "MSAN_OPTIONS": "", "UBSAN_OPTIONS": "", "LSAN_OPTIONS": "", "TSAN_OPTIONS": "",
    ]
    /// Not overridden: a symboliser in every dying child would take seconds, or hang. The daemon names the frames.
    private static let always = "symbolize=0"

    /// Adds to each variable; the sanitizers take the last of several values.
    static func add(to environment: inout [String: String]) {
        for (name, standard) in defaults {
            environment[name] = [standard, environment[name] ?? "", always].filter { !$0.isEmpty }.joined(separator: ":")
        }
    }
}
