import ForkServer

/// What the command line of `fuzzd-bench` asks for.
struct Options {
    var jsonPath: String?
    /// Where the plot of resets by guest memory goes.
    var plotPath: String?
    /// A missed target ends the program with 1.
    var checks = false
    /// Alternating rounds of each measurement.
    var rounds = 15
    /// What one round of one subject is to last.
    var roundMilliseconds = 80
    var guestMebibytes = [16, 64, 256, 1024]
    var campaignRuns = 30_000
    var sections: Set<Section> = [.fork, .workers, .overhead, .memory, .strategies, .tiny]
    /// Folder of the configs that `qemu-machines` measures.
    var configs = "configs/qemu"
    /// What the section `reset` measures: QEMU's machines by name, `i440fx`, `pc`, `tiny`, `memory`; artifacts of `minimize`, by
    /// name; of `qemu`: `plain` or `asan`, `fork` or `reboot`; empty: all.
    var subjects: Set<String> = []
    /// Of every machine that is measured.
    /// `nil`: what each section takes by itself.
    var forkAhead: ForkAheadPolicy?
    /// Of `qemu`: only targets whose name contains this.
    var fuzzTarget = ""

    enum Section: String, CaseIterable {
        case fork, workers, overhead, memory, strategies, tiny
        /// Only on request: it needs afl-tmin and takes minutes.
        case minimize
        /// Only on request: they need builds of QEMU's fuzzers.
        case qemu
        case qemuMachines = "qemu-machines"
        case reset
    }

    /// Whether that subject of the section `reset` or `minimize` is wanted.
    func takes(_ subject: String) -> Bool { subjects.isEmpty || subjects.contains(subject) }

    struct UsageError: Error {
        var message: String
    }

    static let usage = """
        Usage: fuzzd-bench [options]
        Measures fuzzd on the built-in PC, in alternating rounds; prints medians, spread and targets.

          --json FILE            write the figures there as well
          --plot FILE            draw resets by guest memory there, as SVG
          --check                exit with 1 when a target is missed
          --rounds N             rounds of each measurement (default 15)
          --round-ms N           length of one round, in milliseconds (default 80)
          --runs N               inputs of the campaign whose overhead is measured (default 30000)
          --only NAME[,NAME…]    of: fork, workers, overhead, memory, strategies, tiny; and only
                                 on request: minimize; with what scripts/build-qemu built: qemu,
                                 qemu-machines, reset
          --subjects NAME[,…]    of the section reset: machines of QEMU (virtio-blk, e1000, …), i440fx, pc, tiny, memory;
                                 artifacts of the section minimize (byte-chain, records, …); of qemu: plain, asan,
                                 fork, reboot
          --configs DIR          configs that qemu-machines measures (default configs/qemu)
          --fuzz-target TEXT     of qemu: only the targets whose name contains this
          --fork-ahead POLICY    of all machines: auto (default; section reset: never), always, never
          --help                 this text

        """

    /// `arguments` without the program's name; `nil` asks for the help text.
    static func parse(_ arguments: [String]) throws(UsageError) -> Options? {
        var options = Options()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return nil
            case "--check": options.checks = true
            case "--json": options.jsonPath = try text(argument, &rest)
            case "--plot": options.plotPath = try text(argument, &rest)
            case "--subjects":
                options.subjects = Set(try text(argument, &rest).split(separator: ",").map(String.init))
            case "--fuzz-target": options.fuzzTarget = try text(argument, &rest)
            case "--fork-ahead":
                let name = try text(argument, &rest)
                guard let policy = ForkAheadPolicy(rawValue: name) else {
                    throw UsageError(message: "--fork-ahead \(name): expected auto, always or never; see --help")
                }
                options.forkAhead = policy
            case "--configs": options.configs = try text(argument, &rest)
            case "--rounds": options.rounds = try number(argument, &rest)
            case "--round-ms": options.roundMilliseconds = try number(argument, &rest)
            case "--runs": options.campaignRuns = try number(argument, &rest)
            case "--only":
                options.sections = []
                for name in try text(argument, &rest).split(separator: ",") {
                    guard let section = Section(rawValue: String(name)) else {
                        throw UsageError(message: "--only \(name): there is no such measurement; see --help")
                    }
                    options.sections.insert(section)
                }
            default: throw UsageError(message: "unknown flag '\(argument)'; see --help")
            }
        }
        return options
    }

    private static func text(_ flag: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
        guard let value = rest.popFirst() else { throw UsageError(message: "\(flag) needs a value; see --help") }
        return value
    }

    private static func number(_ flag: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> Int {
        let value = try text(flag, &rest)
        guard let number = Int(value), (1...10_000_000).contains(number) else {
            throw UsageError(message: "\(flag) \(value): expected a whole number from 1 to 10000000")
        }
        return number
    }
}
