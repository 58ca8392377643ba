import Foundation
import ForkServer
import Fuzzing
import Storage

// Config and flags become settings; flags win.
extension CampaignSettings {
    /// Where `fuzzd` itself lies: targets named without a path are looked up there first.
    static var daemonDirectory: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    /// Reads the config and lays the flags of `fuzzd start` over it.
    package static func make(_ options: StartOptions) throws -> CampaignSettings {
        let configuration = try loadConfiguration(options.configPath)
        var target = try targetConfiguration(configuration)
        target.workers = options.workers ?? target.workers
        target.strategy = options.reset ?? target.strategy
        target.maxInputBytes = options.maxInputBytes ?? target.maxInputBytes
        var fuzzer = try fuzzerOptions(configuration, dictionaryPath: options.dictionaryPath)
        fuzzer.maxInputBytes = target.maxInputBytes
        let seed = options.seed ?? configuration.fuzzing.seed
        // libFuzzer's -seed=0 too means: choose one, and print it.
        fuzzer.seed = seed == 0 ? UInt64(UInt32.random(in: 1...UInt32.max)) : seed
        var settings = CampaignSettings(
            name: configuration.name, configPath: options.configPath, harness: harnessName(configuration),
            target: target, fuzzer: fuzzer,
            corpusDirectories: options.corpusDirectories + (configuration.fuzzing.seeds.map { [$0] } ?? []),
            artifactDirectory: options.artifactDirectory ?? configuration.artifacts,
            maxInputBytesWasGiven: true, runs: options.runs, maxTotalTimeSeconds: options.maxTotalTimeSeconds,
            isPlain: options.plain, ignoresFindings: options.ignoreFindings)
        settings.rules.reloadSeconds = options.reloadSeconds ?? configuration.fuzzing.reloadSeconds
        return settings
    }

    static func loadConfiguration(_ path: String) throws -> CampaignConfiguration {
        do throws(ConfigurationError) {
            return try CampaignConfiguration.load(file: path)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
    }

    static func targetConfiguration(_ configuration: CampaignConfiguration) throws -> TargetConfiguration {
        let program: String
        do throws(ConfigurationError) {
            program = try configuration.resolvedProgram(
                daemonDirectory: daemonDirectory,
                searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
        } catch {
            throw CommandFailure(.targetUnusable, error.description)
        }
        var target = TargetConfiguration(program: program)
        target.arguments = configuration.target.arguments
        for variable in configuration.target.environment { target.environment[variable.name] = variable.value }
        target.strategy = configuration.reset
        target.workers = configuration.workers
        target.maxInputBytes = configuration.fuzzing.maxInputBytes
        target.initializationTimeoutSeconds = configuration.target.initializationTimeoutSeconds
        target.endsInputAt = configuration.target.endOfInput
        target.compactsParentMemory = configuration.parentMemory == .compact
        target.forkAhead = configuration.forkAhead
        target.freezesTime = configuration.time == .frozen
        target.verifiesResetEvery = configuration.verifiesResetEvery
        let limits = configuration.limits
        target.limits.inputTimeoutMicroseconds = UInt64(limits.inputTimeoutMicroseconds)
        target.limits.operationTimeoutMicroseconds = UInt64(limits.operationTimeoutMicroseconds)
        target.limits.memoryBytes = UInt64(limits.memoryMebibytes) << 20
        target.limits.fileSizeBytes = UInt64(limits.fileSizeMebibytes) << 20
        target.limits.descriptors = UInt32(limits.descriptors)
        target.limits.processes = UInt32(limits.processes)
        target.limits.outputBytes = UInt32(limits.outputKibibytes) << 10
        return target
    }

    private static func fuzzerOptions(
        _ configuration: CampaignConfiguration, dictionaryPath: String?
    ) throws -> FuzzerOptions {
        var fuzzer = FuzzerOptions()
        fuzzer.usesComparisons = configuration.fuzzing.usesComparisons
        fuzzer.triesComparisons = configuration.fuzzing.triesComparisons
        fuzzer.hasCustomCrossOver = configuration.fuzzing.usesCustomCrossOver
        fuzzer.lengthControl = UInt64(configuration.fuzzing.lengthControl)
        fuzzer.onlyASCII = configuration.fuzzing.isOnlyASCII
        if let path = dictionaryPath ?? configuration.fuzzing.dictionary {
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw CommandFailure(.usage, "\(path): cannot read the dictionary; name a readable file")
            }
            do throws(DictionaryError) {
                fuzzer.dictionary = try DictionaryParser.parse(Array(bytes))
            } catch {
                throw CommandFailure(.usage, "\(path):\(error)")
            }
        }
        return fuzzer
    }

    /// The harness that the target's arguments choose; for a foreign target its program's name.
    static func harnessName(_ configuration: CampaignConfiguration) -> String {
        let arguments = configuration.target.arguments
        if let flag = arguments.firstIndex(of: "--harness"), flag + 1 < arguments.count { return arguments[flag + 1] }
        for argument in arguments {
            for prefix in ["--harness=", "--fuzz-target="] where argument.hasPrefix(prefix) {
                return String(argument.dropFirst(prefix.count))
            }
        }
        return URL(fileURLWithPath: configuration.target.program).lastPathComponent
    }
}
