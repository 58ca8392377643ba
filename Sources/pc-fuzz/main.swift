// The built-in PC as a fuzz target: by itself for single inputs and for qtest, or below fuzzd.
import Glibc
import Machine
import MachineHarness
import TargetRuntime

private func harnessToRun(_ options: Options, _ machine: Machine) throws(HarnessError) -> any Harness {
    let globs = options.objects ?? getenv("QEMU_FUZZ_OBJECTS").map { String(cString: $0) } ?? "*"
    let harness = try HarnessCatalogue.make(
        options.harness, machine: machine, globs: globs, avoidsDoubleFetches: options.avoidsDoubleFetches,
        hasSparseMemory: options.hasSparseMemory)
    try harness.prepare()
    guard let generic = harness as? GenericHarness else { return harness }
    guard getenv("QTEST_LOG") != nil else {
        Listings.matched(generic.matchedPlaces, globs: globs)
        return generic
    }
    Listings.commandLine(options)
    Listings.matched(generic.matchedPlaces, globs: globs)
    return TracingHarness(generic, recorder: AccessRecorder(machine: machine) { Output.write($0, to: STDERR_FILENO) })
}

/// - Returns: the exit code.
private func runProgram(_ arguments: [String]) throws -> Int32 {
    let options = try Options.parse(arguments)
    switch options.action {
    case .help:
        Output.standard(Options.usage)
        return 0
    case .listHarnesses:
        Listings.harnesses()
        return 0
    case .listBugs:
        BugNames.list()
        return 0
    case .listRegions:
        Listings.regions(of: try MachineBuilder.make(options))
        return 0
    case .qtest(let endpoint):
        try QTestService.check(endpoint)
        return try QTestService.serve(try MachineBuilder.make(options), at: endpoint)
    case .run: break
    }
    guard isStartedByDaemon || !options.files.isEmpty else {
        throw UsageError("no input files; give some, or let fuzzd start this program (--help)")
    }
    // Before the machine is built: a misspelt name should not cost its start.
    guard HarnessCatalogue.names.contains(options.harness) else {
        throw HarnessError.unknownHarness(name: options.harness)
    }
    let machine = try MachineBuilder.make(options)
    let harness = try harnessToRun(options, machine)
    // What the preparation accessed is no input's.
    AccessLog.begin(options.accessLog, machine)
    if isStartedByDaemon { DaemonService.serveForever(harness) }
    let code = Standalone.run(harness, files: options.files, resets: options.resetsBetweenInputs)
    AccessLog.printCounts()
    return code
}

do {
    exit(try runProgram(Array(CommandLine.arguments.dropFirst())))
} catch let error as UsageError {
    Output.error(error.message)
    exit(2)
} catch {
    Output.error("\(error)")
    exit(2)
}
