/// What a target's sanitizers are told through their environment variables, beside what the user tells them.
enum SanitizerOptions {
    /// Overridden by what the user sets: a child has a report in its output and no need for a core.
    private static let defaults: [String: String] = [
        "ASAN_OPTIONS": "disable_coredump=1:allocator_may_return_null=1",
        "MSAN_OPTIONS": "", "UBSAN_OPTIONS": "", "LSAN_OPTIONS": "", "TSAN_OPTIONS": "",
    ]
    /// Where one process runs input after input, memory that was freed is kept from use for as long as OSS-Fuzz keeps it, and not
    /// for 256 MiB, and a stack frame that was left until 64 KiB of its size were taken (ASan's smallest fake stack), and not 1 MiB: that
    /// is more than the processor's caches hold, and each allocation and each call then takes cold memory.
    private static let ofRunners = "quarantine_size_mb=10:max_uar_stack_size_log=16"
    /// Not overridden: a symboliser in every dying child would take seconds, or hang. The daemon names the frames.
    private static let always = "symbolize=0"

    /// Adds to each variable; the sanitizers take the last of several values.
    static func add(to environment: inout [String: String], strategy: ResetStrategy) {
        let isKept = strategy == .reboot || strategy == .none
        for (name, standard) in defaults {
            let further = isKept && name == "ASAN_OPTIONS" ? ofRunners : ""
            environment[name] = [standard, further, environment[name] ?? "", always].filter { !$0.isEmpty }.joined(separator: ":")
        }
    }
}
