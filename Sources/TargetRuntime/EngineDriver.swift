import CForkServerABI
import CTargetRuntime

// The way into a harness that is linked with the engine archive: it serves a daemon, becomes one, or runs files itself.

/// What `LLVMFuzzerRunDriver` does. Never returns where fuzzd started the process or is installed; otherwise returns the
/// program's exit status after the given files ran.
@_cdecl("fuzzd_engine_drive")
public func driveEngine(_ callback: @escaping @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32) -> Int32 {
    if isStartedByDaemon { serve(TargetCallbacks(harness: callback)) }
    FrontEnd.becomeDaemon()
    fuzzd_harness_initialize()?()
    return FileRunner(testOneInput: callback).runArguments()
}

extension TargetCallbacks {
    /// A libFuzzer harness: what it brings besides `LLVMFuzzerTestOneInput` is found by its weak symbols.
    init(harness testOneInput: @escaping @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32) {
        self.init(testOneInput: testOneInput, crossOver: fuzzd_harness_cross_over())
        mutate = fuzzd_harness_mutate()
        initialize = fuzzd_harness_initialize()
        startChild = fuzzd_harness_child_start()
        copiesInput = true
    }
}

/// The harness's own command line: libFuzzer's flags are understood by `fuzzd libfuzzer`, not here.
enum FrontEnd {
    private static var pathBytes: Int { 4096 }

    /// Replaces this process by `fuzzd libfuzzer HARNESS ARGV0 ARGUMENTS…`; returns if there is no fuzzd.
    ///
    /// Looks at the environment variable `FUZZD`, then beside the harness, then along `PATH`.
    static func becomeDaemon() {
        let count = Int(fuzzd_argument_count())
        guard let given = fuzzd_arguments(),
            let memory = mapPrivate(bytes: 3 * pathBytes + (count + 4) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride)
        else { return }
        let harness = memory.assumingMemoryBound(to: CChar.self)
        let length = readlink(cString("/proc/self/exe"), harness, pathBytes - 1)
        guard length > 0 else { return }
        let arguments = memory.advanced(by: 3 * pathBytes)
            .assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
        let fuzzd = harness.advanced(by: pathBytes)
        arguments[0] = fuzzd
        arguments[1] = UnsafeMutablePointer(mutating: cString("libfuzzer"))
        arguments[2] = harness
        for index in 0..<count { arguments[3 + index] = given[index] }

        if let named = getenv(cString("FUZZD")), named.pointee != 0 {
            arguments[0] = named
            execv(named, arguments)
            StandardError.write(literal: "fuzzd: cannot execute ")
            StandardError.write(named)
            StandardError.write(literal: ", which the environment variable FUZZD names\n")
            _exit(1)
        }
        strcpy(fuzzd, harness)
        if let slash = strrchr(fuzzd, 47) {
            strcpy(slash + 1, cString("fuzzd"))
            execv(fuzzd, arguments)
        }
        strcpy(fuzzd, cString("fuzzd"))
        execvp(fuzzd, arguments)
    }
}
