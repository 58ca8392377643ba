import Machine
import MachineHarness

/// A mistake on the command line: one line that says what to do instead. Ends the process with code 2.
struct UsageError: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

/// What the command line asks for.
struct Options {
    enum Action: Equatable { case run, help, listHarnesses, listBugs, listRegions, qtest(String) }

    var action = Action.run
    var harness = "generic"
    /// nil: the environment's QEMU_FUZZ_OBJECTS, else everything.
    var objects: String?
    var ramMebibytes = 64
    var touchesRAM = false
    var plantedBugs: PlantedBugs = []
    var resetsBetweenInputs = false
    var avoidsDoubleFetches = true
    var hasSparseMemory = true
    var accessLog = AccessLog.Mode.off
    var files: [String] = []

    /// What is above 3 GiB lies from 4 GiB on.
    static let maximumRAMMebibytes = 16_384
    private static let flags = [
        "--harness", "--objects", "--ram-mib", "--touch-ram", "--bug", "--double-fetch", "--ram-only", "--reset",
        "--log-accesses", "--count-accesses",
        "--list-harnesses", "--list-bugs", "--list-regions", "--qtest", "--help",
    ]

    static let usage = """
        Usage: pc-fuzz [options] FILE...
        The built-in PC as a fuzz target: runs each input FILE once. fuzzd starts it without files.

          --harness NAME     how inputs become accesses (default generic; --list-harnesses)
          --objects 'GLOBS'  regions and owners to fuzz, as QEMU_FUZZ_OBJECTS (default: that, else *)
          --double-fetch     let a device read different bytes from one address twice in an operation
          --ram-only         nothing is behind addresses without RAM or device, as on an ordinary machine (QEMU's fuzzers have memory there)
          --ram-mib N        guest memory in MiB, 1 to \(maximumRAMMebibytes) (default 64)
          --touch-ram        write to every page of it at start
          --bug NAME         leave out a check; repeatable; 'all' for all of them (--list-bugs)
          --reset            reboot the machine after each FILE
          --log-accesses     a line for each access that reaches a register (also: FUZZD_LOG_ACCESSES=1)
          --count-accesses   after the FILEs, a line for each register with its reads and writes
          --list-harnesses, --list-bugs
                             one JSON object a line
          --list-regions     the machine's memory regions
          --qtest WHERE      speak QEMU's qtest protocol on stdio or unix:PATH
          --help             this text

        """

    /// `arguments` without the program's name.
    static func parse(_ arguments: [String]) throws(UsageError) -> Options {
        var options = Options()
        var rest = arguments[...]
        var takesFlags = true
        while let argument = rest.popFirst() {
            guard takesFlags, argument.hasPrefix("-"), argument != "-" else {
                options.files.append(argument)
                continue
            }
            if argument == "--" { takesFlags = false; continue }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try options.apply(String(parts[0]), inlineValue: parts.count > 1 ? String(parts[1]) : nil, &rest)
        }
        return options
    }

    private mutating func apply(
        _ flag: String, inlineValue: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        switch flag {
        case "--harness": harness = try Self.value(flag, inlineValue, &rest)
        case "--objects": objects = try Self.value(flag, inlineValue, &rest)
        case "--ram-mib": ramMebibytes = try Self.mebibytes(Self.value(flag, inlineValue, &rest))
        case "--bug": plantedBugs.formUnion(try BugNames.parse(Self.value(flag, inlineValue, &rest)))
        case "--qtest": action = .qtest(try Self.value(flag, inlineValue, &rest))
        default:
            guard Self.flags.contains(flag) || flag == "-h" else {
                throw UsageError("unknown flag '\(flag)'; there are: " + Self.flags.joined(separator: ", "))
            }
            guard inlineValue == nil else { throw UsageError("\(flag) takes no value") }
            applySwitch(flag)
        }
    }

    private mutating func applySwitch(_ flag: String) {
        switch flag {
        case "--touch-ram": touchesRAM = true
        case "--double-fetch": avoidsDoubleFetches = false
        case "--ram-only": hasSparseMemory = false
        case "--reset": resetsBetweenInputs = true
        case "--log-accesses": accessLog = .each
        case "--count-accesses": accessLog = .counts
        case "--list-harnesses": action = .listHarnesses
        case "--list-bugs": action = .listBugs
        case "--list-regions": action = .listRegions
        default: action = .help
        }
    }

    private static func value(
        _ flag: String, _ inlineValue: String?, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> String {
        if let inlineValue { return inlineValue }
        guard let value = rest.popFirst() else { throw UsageError("\(flag) needs a value; see --help") }
        return value
    }

    private static func mebibytes(_ text: String) throws(UsageError) -> Int {
        guard let number = Int(text), (1...maximumRAMMebibytes).contains(number) else {
            throw UsageError("--ram-mib \(text): expected a whole number from 1 to \(maximumRAMMebibytes)")
        }
        return number
    }
}
