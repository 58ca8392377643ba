import CForkServerABI
import Glibc

/// Spawns a target with its inherited descriptors in a session of its own, so that Ctrl-C on the terminal reaches the
/// daemon only. The daemon never forks itself: it has threads.
struct Launcher {
    let configuration: TargetConfiguration
    /// The first descriptor number that the target inherits; above what a target is likely to have open. Lower where the limit
    /// on open files asks for it.
    private static let usualFirstInherited: Int32 = 800

    /// Returns the process id. `output` takes what the target prints until it serves.
    func spawn(workers: [Worker], modules: SharedFile, output: Int32) throws(ForkServerError) -> pid_t {
        var descriptors: [(Int32, ProgramStart.Source)] = [(0, .file(path: "/dev/null", flags: O_RDONLY, mode: 0)), (1, .copy(output)), (2, .copy(output))]
        let firstInherited = try self.firstInherited(count: 1 + 2 * Int32(workers.count))
        var numbers: [Int32] = [Int32(FUZZD_ABI_VERSION), Int32(workers.count), firstInherited]
        descriptors.append((firstInherited, .copy(modules.descriptor)))
        for (index, worker) in workers.enumerated() {
            let control = firstInherited + 1 + Int32(2 * index)
            descriptors += [(control, .copy(worker.targetSocket)), (control + 1, .copy(worker.file.descriptor))]
            numbers += [control, control + 1]
        }
        let handover = numbers.map(String.init).joined(separator: ",")

        let start = ProgramStart(
            path: configuration.program, arguments: [configuration.argumentZero ?? configuration.program] + configuration.arguments,
            environment: environment(handover: handover), descriptors: descriptors, group: .ownSession, resetsSignals: true)
        // Addresses are operands of comparisons, and so of mutations: with others the same seed is another campaign.
        let personality = fuzzd_fix_addresses()
        defer { if personality >= 0 { fuzzd_set_personality(personality) } }
        do {
            return try start.start()
        } catch {
            throw ForkServerError(
                .spawn, program: configuration.program, errorNumber: error.errorNumber, cause: "cannot start the target")
        }
    }

    /// The first of `count` numbers below the limit on open files that the daemon does not use itself.
    private func firstInherited(count: Int32) throws(ForkServerError) -> Int32 {
        let limit = Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))
        let highest = limit < 0 ? Self.usualFirstInherited : min(Self.usualFirstInherited, limit - count)
        let candidates = stride(from: highest, to: 2, by: -1)
        guard let first = candidates.first(where: { first in (first..<first + count).allSatisfy(isFree) }) else {
            throw ForkServerError(
                .spawn, program: configuration.program, errorNumber: EMFILE,
                cause: "the limit on open files (\(limit)) leaves no room for \(count) more; raise it with ulimit -n")
        }
        return first
    }

    private func isFree(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) == -1 }

    private func environment(handover: String) -> [String] {
        var merged: [String: String] = [:]
        var cursor = environ
        while let entry = cursor.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                merged[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            cursor += 1
        }
        // Equal inputs give equal coverage: Swift's hash seed must not differ between runs. Its backtracer would
        // take seconds for every crash, and writes its own report.
        merged["SWIFT_DETERMINISTIC_HASHING"] = "1"
        merged["SWIFT_BACKTRACE"] = "enable=no"
        // Bound lazily, every child would look up anew, page fault by page fault, what its parent never called
        // (ld.so(8)); the parent binds everything once.
        merged["LD_BIND_NOW"] = "1"
        // The machine parent writes the source coverage; a process of the target that exits must not.
        merged["LLVM_PROFILE_FILE"] = "/dev/null"
        if configuration.auditsReboot {
            merged[FUZZD_ALLOCATIONS_ENVIRONMENT] = "1"
            // GLib before 2.76 cuts small blocks from its own slabs: each is to be a block of the heap.
            merged["G_SLICE"] = "always-malloc"
        }
        merged.merge(configuration.environment) { $1 }
        SanitizerOptions.add(to: &merged, strategy: configuration.strategy)
        merged[FUZZD_ENVIRONMENT] = handover
        return merged.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }
}
