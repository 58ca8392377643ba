import Foundation
import ForkServer
import Fuzzing
import Storage

/// Fuzzing itself: settings for a `Campaign` that leaves only what libFuzzer leaves, and its exit code.
struct LibFuzzerFuzzing {
    let session: LibFuzzerSession
    private var arguments: LibFuzzerArguments { session.arguments }
    /// libFuzzer's least length where no flag and no file says otherwise.
    private static let leastDefaultBytes = 4096

    func run() throws -> Int32 {
        let seeds = try seedFiles()
        let survey = CorpusSurvey(directories: arguments.inputs, files: seeds)
        let given = arguments["max_len"]
        let longest = min(max(survey.largestBytes, Self.leastDefaultBytes), LibFuzzerSession.saneInputBytes)
        let display = LibFuzzerDisplay(session: session, survey: survey)
        var settings = try settings(maxInputBytes: given > 0 ? given : longest)
        settings.rules = rules(seeds)
        let campaign = Campaign(settings: settings, display: display, control: CampaignControl())
        display.greeting = { [weak campaign] in
            guard let campaign, let modules = campaign.server.modules else { return }
            session.greet(modules)
        }
        display.exitCode = { [weak campaign, weak display] in
            guard let campaign, let display else { return LibFuzzerExitCode.success }
            return exitCode(campaign, display)
        }
        display.initialOutput = { [weak campaign] in campaign?.server.initialOutput ?? [] }
        do {
            _ = try campaign.run()
        } catch let failure as CommandFailure {
            guard campaign.server.modules == nil else { throw LibFuzzerFailure(message: "ERROR: fuzzd: \(failure.message)") }
            throw session.startFailure(campaign.server, failure.message)
        }
        return exitCode(campaign, display)
    }

    private func exitCode(_ campaign: Campaign, _ display: LibFuzzerDisplay) -> Int32 {
        switch campaign.endKind {
        case .crash, .leak: Int32(truncatingIfNeeded: arguments["error_exitcode"])
        case .timeout: Int32(truncatingIfNeeded: arguments["timeout_exitcode"])
        case .outOfMemory: LibFuzzerExitCode.outOfMemory
        case nil: display.wasInterrupted ? LibFuzzerExitCode.interrupted : LibFuzzerExitCode.success
        }
    }

    private func settings(maxInputBytes: Int) throws -> CampaignSettings {
        let name = URL(fileURLWithPath: session.options.argumentZero).lastPathComponent
        let runs = arguments["runs"]
        let seconds = arguments["max_total_time"]
        return CampaignSettings(
            name: name, configPath: "", harness: name,
            target: try session.targetConfiguration(maxInputBytes: maxInputBytes, workers: arguments["fork"]),
            fuzzer: try fuzzerOptions(maxInputBytes: maxInputBytes), corpusDirectories: arguments.inputs,
            artifactDirectory: ".", maxInputBytesWasGiven: arguments["max_len"] > 0,
            runs: runs < 0 ? nil : UInt64(runs), maxTotalTimeSeconds: seconds > 0 ? UInt64(seconds) : nil)
    }

    private func fuzzerOptions(maxInputBytes: Int) throws -> FuzzerOptions {
        var options = FuzzerOptions()
        options.seed = session.seed
        options.maxInputBytes = maxInputBytes
        options.dictionary = try dictionary()
        options.usesComparisons = arguments.isOn("use_cmp") || arguments.isOn("use_memmem")
        options.lengthControl = UInt64(max(0, arguments["len_control"]))
        options.mutationDepth = max(1, arguments["mutate_depth"])
        options.onlyASCII = arguments.isOn("only_ascii")
        options.crossesOver = arguments.isOn("cross_over")
        options.choosesPartnersUniformly = arguments.isOn("cross_over_uniform_dist")
        options.reducesInputs = arguments.isOn("reduce_inputs")
        options.shrinks = arguments.isOn("shrink")
        options.keepsSeeds = arguments.isOn("keep_seed")
        options.usesCounters = arguments.isOn("use_counters")
        options.isSchedulingEntropic = arguments.isOn("entropic")
        options.rareFrequencyThreshold = UInt16(clamping: max(1, arguments["entropic_feature_frequency_threshold"]))
        options.rarestFeatureCount = max(1, arguments["entropic_number_of_rarest_features"])
        options.seedOrder = arguments.isOn("prefer_small") ? .smallFirst : arguments.isOn("shuffle") ? .random : .asAdded
        return options
    }

    private func rules(_ seeds: [String]) -> CampaignRules {
        var rules = CampaignRules()
        rules.plainArtifacts = session.artifactNames
        rules.leavesInputsOnly = true
        rules.endsAtKinds = endingKinds
        rules.runsIncludeSeeds = true
        rules.reportsUnverified = true
        rules.stopFile = arguments.text("stop_file")
        rules.endsAtInputNamed = arguments.text("exit_on_item")
        rules.endsAtPlace = arguments.text("exit_on_src_pos")
        rules.endsAfterSecondsWithoutFind = max(0, arguments["exit_on_time"])
        rules.reloadSeconds = max(0, arguments["reload"])
        rules.seedFiles = seeds
        rules.slowUnitSeconds = max(0, arguments["report_slow_units"])
        rules.featuresDirectory = arguments.text("features_dir")
        rules.mutationGraphPath = arguments.text("mutation_graph_file")
        rules.asksHarnessForCrossOver = arguments.isOn("cross_over")
        rules.letsHarnessChooseLength = !arguments.wasGiven("len_control")
        rules.passesOutput = session.passesOutput
        rules.tellsWrites = arguments["verbosity"] >= 2
        rules.printsCorpus = arguments.isOn("print_corpus_stats")
        rules.printsCoverage = arguments.isOn("print_coverage")
        rules.printsFullCoverage = arguments.isOn("print_full_coverage")
        rules.describesNewPlaces = arguments.isOn("print_pcs") || rules.endsAtPlace != nil
        rules.describedNewFunctions = max(0, arguments["print_funcs"])
        rules.notesCoverage =
            rules.describedNewFunctions > 0 || rules.describesNewPlaces || rules.printsCoverage || rules.printsFullCoverage
        let signals = [("handle_int", SIGINT), ("handle_term", SIGTERM), ("handle_usr1", SIGUSR1), ("handle_usr2", SIGUSR2)]
        rules.signals = Set(signals.filter { arguments.isOn($0.0) }.map(\.1))
        return rules
    }

    /// Findings end fuzzing, unless `-fork` says to go on.
    private var endingKinds: Set<ArtifactKind> {
        var kinds = Set(ArtifactKind.allCases)
        guard arguments["fork"] > 0 else { return kinds }
        if arguments.isOn("ignore_timeouts") { kinds.remove(.timeout) }
        if arguments.isOn("ignore_ooms") { kinds.remove(.outOfMemory) }
        if arguments.isOn("ignore_crashes") { kinds.subtract([.crash, .leak]) }
        return kinds
    }

    private func dictionary() throws -> [[UInt8]] {
        guard let path = arguments.text("dict") else { return [] }
        guard let bytes = session.contents(of: path), !bytes.isEmpty else {
            throw LibFuzzerFailure(message: "ParseDictionaryFile: file does not exist or is empty: \(path)")
        }
        do throws(DictionaryError) {
            return try DictionaryParser.parse(bytes)
        } catch {
            throw LibFuzzerFailure(message: "ParseDictionaryFile: error in line \(error.line)\n\t\t\(path): \(error)")
        }
    }

    /// `-seed_inputs`: names with commas between them, or such a list in a file.
    private func seedFiles() throws -> [String] {
        guard var list = arguments.text("seed_inputs") else { return [] }
        if list.hasPrefix("@") {
            let bytes = session.contents(of: String(list.dropFirst())) ?? []
            list = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard !list.isEmpty else { throw LibFuzzerFailure(message: "seed_inputs is empty or @file does not exist.") }
        return list.split(separator: ",").map(String.init)
    }
}
