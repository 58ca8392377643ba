import ForkServer
import Fuzzing
import Glibc

/// A started puzzle target with one worker, and a plain way to run one input after the other.
struct TargetSession {
    struct Result {
        var verdict: Verdict
        var counters: [UInt32]
        var comparisons: [Comparison]
        var executedInput: [UInt8]
    }

    let server: ForkServer
    let forksAhead: Bool

    init(_ adjust: (inout TargetConfiguration) -> Void = { _ in }) throws {
        var configuration = TargetConfiguration(program: Self.buildDirectory + "/puzzle-target")
        configuration.limits.inputTimeoutMicroseconds = 5_000_000
        configuration.limits.operationTimeoutMicroseconds = 0
        // Which way is faster is a matter of chance in a test: all of them run either way.
        configuration.forkAhead = getenv("FUZZD_TEST_FORK_AHEAD") == nil ? .never : .always
        adjust(&configuration)
        forksAhead = configuration.forkAhead == .always && configuration.strategy == .fork
        server = ForkServer(configuration: configuration)
        try server.start()
    }

    /// Where the package's products are: beside the test program.
    static var buildDirectory: String {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, 4095)
        let text = String(decoding: path[..<max(0, length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }

    func run(_ text: String) throws -> Result {
        try run(ExecutionRequest(input: Array(text.utf8)))
    }

    func run(_ request: ExecutionRequest, worker: Int = 0) throws -> Result {
        server.submit(request, to: worker)
        var result: Result?
        while true {
            let isTaken = server.takeVerdict(worker: worker) { _, verdict, counters, comparisons, input in
                result = Result(
                    verdict: verdict, counters: Array(counters), comparisons: comparisons,
                    executedInput: Array(input))
            }
            if isTaken, let result { return result }
            try server.wait(timeoutMilliseconds: 20_000)
        }
    }

    /// Live descendants of the target's session, the machine parents and children that were forked ahead not counted: (pid, state).
    func leftovers() -> [String] {
        let parents = Set(server.processIDs + [server.processID])
        let waiting = Set(waitingChildren())
        return ProcessList.all().filter {
            $0.session == server.processID && !parents.contains($0.pid) && !waiting.contains($0.pid)
        }.map { "\($0.pid) \($0.state)" }
    }

    /// Children of the machine parents, of which none is running an input: one each, forked ahead.
    func waitingChildren() -> [Int32] {
        guard forksAhead else { return [] }
        let all = ProcessList.all()
        return server.processIDs.flatMap { parent in all.filter { $0.parent == parent }.map(\.pid).prefix(1) }
    }
}

/// What `/proc` says of the running processes.
enum ProcessList {
    /// How many processors a process may use.
    static func processors(_ process: Int32) -> Int {
        guard let file = fopen("/proc/\(process)/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, 4096, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("Cpus_allowed:") else { continue }
            return text.dropFirst(13).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        }
        return 0
    }

    struct Entry {
        var pid: Int32
        var parent: Int32
        var session: Int32
        var state: String
    }

    static func all() -> [Entry] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let item = readdir(directory) {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = Int32(name), let entry = read(pid) { entries.append(entry) }
        }
        return entries
    }

    static func read(_ pid: Int32) -> Entry? {
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1024)
        guard fgets(&line, 1024, file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The name in brackets may hold anything.
        guard let close = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 4, let parent = Int32(fields[1]), let session = Int32(fields[3]) else { return nil }
        return Entry(pid: pid, parent: parent, session: session, state: String(fields[0]))
    }

    static func descriptorCount(_ pid: Int32) -> Int {
        guard let directory = opendir("/proc/\(pid)/fd") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }
}
