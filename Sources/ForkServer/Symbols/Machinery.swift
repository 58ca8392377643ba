/// Functions that every failure of a kind goes through and that say nothing of where it is: libc, the runtimes of Swift and
/// of the sanitizers, the fork server, the harness's entry. Told by name, as all of them may be linked statically.
package enum Machinery {
    private static let modules = [
        "libc.so", "libc-", "libpthread", "ld-linux", "libm.so", "libstdc++", "libgcc_s", "libswift", "libclang_rt",
        "libasan", "libubsan", "libtsan", "liblsan", "linux-vdso", "libdispatch", "libunwind",
        // Containers, allocators, assertions and the main loop of half of all device models; and allocators in malloc's place.
        "libglib-2.0", "libgobject-2.0", "libgthread-2.0", "libgio-2.0", "libjemalloc", "libtcmalloc", "libmimalloc",
    ]
    private static let names: Set<String> = [
        "abort", "raise", "gsignal", "pthread_kill", "__pthread_kill_implementation", "__assert_fail",
        "__assert_fail_base", "__assert_perror_fail", "__libc_message", "malloc_printerr", "__restore_rt", "__GI_raise",
        "__GI_abort", "__stack_chk_fail", "__fortify_fail", "__chk_fail",
        "malloc", "calloc", "realloc", "reallocarray", "free", "cfree", "memalign", "aligned_alloc", "posix_memalign",
        "valloc", "strdup", "strndup", "__strdup", "memcpy", "memmove", "memset", "memcmp", "bcmp", "memchr", "memmem",
        "strlen", "strnlen", "strcmp", "strncmp", "strcasecmp", "strncasecmp", "strcpy", "strncpy", "strcat", "strncat",
        "strchr", "strrchr", "strstr", "printf", "vprintf", "fprintf", "sprintf", "snprintf", "vsnprintf", "vsprintf",
        "main", "_start", "__libc_start_main", "__libc_start_call_main", "LLVMFuzzerRunDriver",
        // GLib linked statically: its allocators (what QEMU leaks came through one of them), and what reports and aborts.
        "g_malloc", "g_malloc0", "g_malloc_n", "g_malloc0_n", "g_realloc", "g_realloc_n", "g_strdup", "g_strndup",
        "g_try_malloc", "g_try_malloc0", "g_try_malloc_n", "g_try_realloc", "g_aligned_alloc", "g_aligned_free", "g_memdup",
        "g_memdup2", "g_free", "g_clear_pointer", "g_slice_alloc", "g_slice_alloc0", "g_slice_free1", "g_log", "g_logv",
        "_g_log_abort", "g_return_if_fail_warning", "g_warn_message", "g_assert_warning", "g_abort",
    ]
    private static let prefixes = [
        // Unspecialised functions of the standard library, and the C and C++ of its runtime.
        "Swift.", "swift_", "_swift_", "_ZN5swift", "swift::",
        "__asan", "__ubsan", "__msan", "__tsan", "__lsan", "__hwasan", "__sanitizer", "__interceptor", "__interception",
        "_ZN6__asan", "_ZN7__ubsan", "_ZN6__msan", "_ZN6__tsan", "_ZN6__lsan", "_ZN8__hwasan", "_ZN11__sanitizer",
        "operator new", "operator delete", "_Znw", "_Zna", "_Zdl", "_Zda",
        "std::", "_ZSt", "_ZNSt", "_ZNKSt", "__cxa_", "__gnu_cxx::",
        "g_assertion_message", "g_log_",
        "fuzzd_", "TargetRuntime.", "TargetRuntime::", "pc_fuzz.DaemonService.", "pc_fuzz.runProgram", "pc_fuzz_main",
    ]
    private static let entry = "LLVMFuzzerTestOneInput"

    /// The frames that tell where a failure is: machinery left out, and what called the harness. Where nothing else is left,
    /// the harness's entry itself.
    package static func ownFrames(of frames: [StackFrame]) -> [StackFrame] {
        let end = frames.firstIndex { $0.function == entry } ?? frames.count
        let own = frames[..<end].filter { !contains($0) }
        if own.isEmpty, end < frames.count { return [frames[end]] }
        return own
    }

    /// Whether the frame says nothing of where a failure is.
    package static func contains(_ frame: StackFrame) -> Bool {
        if modules.contains(where: { frame.module.hasPrefix($0) }) { return true }
        guard let function = frame.function else { return false }
        let name = bareName(function)
        if names.contains(name) || prefixes.contains(where: { name.hasPrefix($0) }) { return true }
        if function.hasPrefix("closure #") || function.hasPrefix("merged ") { return [" Swift.", " TargetRuntime."].contains { function.contains($0) } }
        return prefixes.contains { function.hasPrefix($0) }
    }

    /// `std::f` of the demangled `void std::f<int, char>(int)`: no template's arguments, parameters or type of result.
    private static func bareName(_ function: String) -> String {
        guard !function.hasPrefix("(anonymous") else { return function }
        var depth = 0
        var name = ""
        for character in function {
            if character == "<" { depth += 1 }
            if depth == 0, character == "(" { break }
            if depth == 0 { name.append(character) }
            if character == ">", depth > 0 { depth -= 1 }
        }
        return String(name.split(separator: " ").last ?? "")
    }
}
