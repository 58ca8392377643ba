import Glibc
import Storage
import Yams

extension CampaignConfiguration {
    /// More than any configuration needs; a corpus file given by mistake is not parsed.
    private static let maxFileBytes = 1 << 20

    /// Reads a configuration file. The first mistake is the error; nothing but this file is touched.
    package static func load(file: String) throws(ConfigurationError) -> CampaignConfiguration {
        let bytes: [UInt8]
        do { bytes = try LinuxFileSystem().contents(of: file, maxBytes: maxFileBytes + 1) } catch {
            throw ConfigurationError(
                file: file, problem: "cannot read the configuration: \(describe(errorCode: error.code))")
        }
        guard bytes.count <= maxFileBytes else {
            throw ConfigurationError(
                file: file, problem: "more than \(maxFileBytes) bytes, not a configuration")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(file: file, problem: "not UTF-8 text")
        }
        return try parse(text, file: file)
    }

    /// Reads a configuration from text; `file` is what errors and relative paths refer to.
    package static func parse(_ text: String, file: String) throws(ConfigurationError)
        -> CampaignConfiguration
    {
        let top = try ConfigurationSection(file: file, path: "", node: try compose(text, file))
        let targetSection = try top.section("target")
        guard let name = try top.text("name") else {
            throw ConfigurationError(file: file, key: "name", problem: "missing; a campaign needs a name")
        }
        guard isUsable(name: name) else {
            throw top.error(
                "name",
                "expected up to 64 of A-Z a-z 0-9 . _ - beginning with a letter or digit, found '\(name)'")
        }
        guard let program = try targetSection.text("program") else {
            throw ConfigurationError(
                file: file, key: "target.program", problem: "missing; the program that is fuzzed is needed")
        }
        let target = Target(
            program: program, arguments: try targetSection.list("arguments"),
            environment: try targetSection.map("environment").map {
                EnvironmentVariable(name: $0.key, value: $0.value)
            },
            initializationTimeoutSeconds: try targetSection.integer(
                "initialization_timeout_seconds", default: 60),
            endOfInput: try targetSection.text("end_of_input"))
        return CampaignConfiguration(
            file: file, name: name, target: target, reset: try top.choice("reset", default: .fork),
            workers: try top.integer("workers", default: 1), limits: try limits(try top.section("limits")),
            fuzzing: try fuzzing(try top.section("fuzzing")),
            parentMemory: try top.choice("parent_memory", default: .compact),
            forkAhead: try top.choice("fork_ahead", default: .automatic),
            time: try top.choice("time", default: .frozen),
            verifiesResetEvery: try top.integer("verify_reset", default: 0),
            artifacts: try top.text("artifacts") ?? "./artifacts/\(name)",
            programLine: targetSection.line("program"))
    }

    private static func limits(_ section: ConfigurationSection) throws(ConfigurationError) -> Limits {
        let defaults = Limits()
        return Limits(
            inputTimeoutMicroseconds: try section.integer(
                "input_timeout_microseconds", default: defaults.inputTimeoutMicroseconds),
            operationTimeoutMicroseconds: try section.integer(
                "operation_timeout_microseconds", default: defaults.operationTimeoutMicroseconds),
            memoryMebibytes: try section.integer("memory_mib", default: defaults.memoryMebibytes),
            fileSizeMebibytes: try section.integer("file_size_mib", default: defaults.fileSizeMebibytes),
            descriptors: try section.integer("descriptors", default: defaults.descriptors),
            processes: try section.integer("processes", default: defaults.processes),
            outputKibibytes: try section.integer("output_kib", default: defaults.outputKibibytes))
    }

    private static func fuzzing(_ section: ConfigurationSection) throws(ConfigurationError) -> Fuzzing {
        let defaults = Fuzzing()
        return Fuzzing(
            maxInputBytes: try section.integer("max_len", default: defaults.maxInputBytes),
            dictionary: try section.text("dictionary").map { resolve($0, besides: section.file) },
            seeds: try section.text("seeds").map { resolve($0, besides: section.file) },
            seed: try section.seed("seed"),
            usesComparisons: try section.boolean("use_comparisons", default: defaults.usesComparisons),
            triesComparisons: try section.boolean("comparison_trials", default: defaults.triesComparisons),
            usesCustomCrossOver: try section.boolean(
                "custom_cross_over", default: defaults.usesCustomCrossOver),
            lengthControl: try section.integer("len_control", default: defaults.lengthControl),
            isOnlyASCII: try section.boolean("only_ascii", default: defaults.isOnlyASCII),
            reloadSeconds: try section.integer("reload", default: defaults.reloadSeconds))
    }

    private static func compose(_ text: String, _ file: String) throws(ConfigurationError) -> Node? {
        // Nodes are read here, never values: without tables of how to make these half a millisecond less.
        do { return try Yams.compose(yaml: text, .basic, Constructor([:], [:], [:])) } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw ConfigurationError(file: file, line: mark.line, problem: "not YAML: \(problem)")
            case .duplicatedKeysInMapping(let duplicates, let context):
                let names = duplicates.joined(separator: ", ")
                throw ConfigurationError(
                    file: file, line: context.mark.line, key: names, problem: "given more than once")
            default: throw ConfigurationError(file: file, problem: "not YAML: \(oneLine("\(error)"))")
            }
        } catch { throw ConfigurationError(file: file, problem: "not YAML: \(oneLine("\(error)"))") }
    }

    private static func oneLine(_ text: String) -> String { text.replacing("\n", with: " ") }

    /// The name becomes part of paths: the socket and the artifact directory.
    private static func isUsable(name: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 64 else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || $0 == 46 || $0 == 95 || $0 == 45 }
    }

    static func resolve(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
