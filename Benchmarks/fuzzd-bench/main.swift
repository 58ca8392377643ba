// `make bench`: what fuzzd costs, measured on the built-in PC; docs/benchmarks.md says what each figure means.
import Foundation

private func measure(_ options: Options, _ report: Report) throws {
    if options.sections.contains(.fork) { try ForkCost(options: options, report: report).measure() }
    var corpus: [[UInt8]] = []
    if options.sections.contains(.overhead) {
        corpus = try DaemonOverhead(options: options, report: report).measure()
    } else if !options.sections.isDisjoint(with: [.workers, .strategies]) {
        corpus = try DaemonOverhead.inputs()
    }
    if options.sections.contains(.workers) { try WorkerScaling(options: options, report: report).measure(corpus) }
    if options.sections.contains(.memory) { try GuestMemory(options: options, report: report).measure() }
    if options.sections.contains(.qemu) { try QEMUFuzzers(options: options, report: report).measure() }
    if options.sections.contains(.qemuMachines) { try QEMUMachines(options: options, report: report).measure() }
    if options.sections.contains(.strategies) { try Strategies(options: options, report: report).measure(corpus) }
    if options.sections.contains(.reset) { try ResetBench(options: options, report: report).measure() }
    if options.sections.contains(.tiny) { try TinyHarness(options: options, report: report).measure() }
    if options.sections.contains(.minimize) { try Minimizers(options: options, report: report).measure() }
}

private func run() throws -> Int32 {
    guard let options = try Options.parse(Array(CommandLine.arguments.dropFirst())) else {
        print(Options.usage)
        return 0
    }
    let report = Report()
    var host = HostNoise()
    print("host: \(host.cores) cores, Linux \(host.kernel), load average \(host.loadAverageBefore),")
    print("transparent huge pages \(host.transparentHugePages)")
    print("medians of \(options.rounds) alternating rounds; in brackets from the lower to the upper quartile")
    if let policy = options.forkAhead {
        Subject.forkAhead = policy
        print("children forked ahead: \(policy.rawValue)")
    }
    try measure(options, report)
    host.finish()
    print(
        "\nload average \(host.loadAverageBefore) before, \(host.loadAverageAfter) after;"
            + " stolen by the hypervisor: \(String(format: "%.1f", 100 * host.stolenShare)) %")
    for figure in report.missed { print("missed: \(figure.name)") }
    if let path = options.jsonPath { try report.write(to: path, host: host) }
    return options.checks && !report.missed.isEmpty ? 1 : 0
}

do {
    exit(try run())
} catch let error as Options.UsageError {
    FileHandle.standardError.write(Data("fuzzd-bench: \(error.message)\n".utf8))
    exit(2)
} catch {
    FileHandle.standardError.write(Data("fuzzd-bench: \(error)\n".utf8))
    exit(2)
}
