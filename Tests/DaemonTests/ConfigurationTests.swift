import Daemon
import Testing

@Suite struct ConfigurationTests {
    private func parse(_ text: String) throws -> CampaignConfiguration {
        try CampaignConfiguration.parse(text, file: "dir/c.yaml")
    }

    private func refusal(_ text: String) -> String {
        do { return "accepted: \(try parse(text))" } catch { return "\(error)" }
    }

    @Test func defaults() throws {
        let configuration = try parse("name: a\ntarget:\n  program: pc-fuzz\n")
        #expect(configuration.target == .init(program: "pc-fuzz"))
        #expect(configuration.reset == .fork && configuration.workers == 1)
        #expect(configuration.limits == .init() && configuration.fuzzing == .init())
        #expect(configuration.parentMemory == .compact && configuration.time == .frozen && configuration.artifacts == "./artifacts/a")
        #expect(configuration.programLine == 3)
        #expect(try parse("name: a\ntarget: {program: p}\nlimits:\nreset:\n").limits == .init())
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try parse(
            """
            name: pc-1.x_y
            target:
              program: ./p
              arguments: [--harness, generic, 64, true, "virtio*", ""]
              environment: {B: 1, A: x y}
              initialization_timeout_seconds: 5
              end_of_input: fuzz_reset
            reset: reboot
            workers: 2
            limits: {input_timeout_microseconds: 2_000, operation_timeout_microseconds: 0, memory_mib: 17,
              file_size_mib: 1, descriptors: 18, processes: 3, output_kib: 0}
            fuzzing: {max_len: 9, dictionary: d.dict, seed: 0xffffffffffffffff, use_comparisons: false,
              custom_cross_over: false, len_control: 0, only_ascii: true, reload: 0}
            parent_memory: keep
            fork_ahead: never
            time: real
            artifacts: out
            """)
        #expect(configuration.target.arguments == ["--harness", "generic", "64", "true", "virtio*", ""])
        #expect(
            configuration.target.environment == [
                .init(name: "A", value: "x y"), .init(name: "B", value: "1"),
            ])
        #expect(configuration.target.initializationTimeoutSeconds == 5)
        #expect(configuration.target.endOfInput == "fuzz_reset")
        #expect(configuration.reset == .reboot && configuration.workers == 2)
        #expect(
            configuration.limits
                == .init(
                    inputTimeoutMicroseconds: 2000, operationTimeoutMicroseconds: 0, memoryMebibytes: 17,
                    fileSizeMebibytes: 1, descriptors: 18, processes: 3, outputKibibytes: 0))
        #expect(
            configuration.fuzzing
                == .init(
                    maxInputBytes: 9, dictionary: "dir/d.dict", seed: .max, usesComparisons: false,
                    usesCustomCrossOver: false, lengthControl: 0, isOnlyASCII: true, reloadSeconds: 0))
        #expect(configuration.parentMemory == .keep && configuration.forkAhead == .never && configuration.time == .real && configuration.artifacts == "out")
    }

    @Test(arguments: [
        ("wokers: 2", "dir/c.yaml:3: wokers: unknown key; did you mean 'workers'?"),
        (
            "limits:\n  memory-mb: 2",
            "dir/c.yaml:4: limits.memory-mb: unknown key; did you mean 'memory_mib'?"
        ),
        (
            "zzzzzz: 2",
            "dir/c.yaml:3: zzzzzz: unknown key; known here: name, target, reset, workers, limits, "
                + "fuzzing, parent_memory, fork_ahead, time, verify_reset, artifacts"
        ),
        ("workers: two", "dir/c.yaml:3: workers: expected a whole number from 1 to 64, found two"),
        ("workers: '2'", "dir/c.yaml:3: workers: expected a whole number from 1 to 64, found the text '2'"),
        ("workers: 0", "dir/c.yaml:3: workers: expected a whole number from 1 to 64, found 0"),
        ("workers: 65", "dir/c.yaml:3: workers: expected a whole number from 1 to 64, found 65"),
        ("workers: 1.5", "dir/c.yaml:3: workers: expected a whole number from 1 to 64, found 1.5"),
        ("workers: [1]", "dir/c.yaml:3: workers: expected a whole number from 1 to 64, found a list"),
        ("reset: Fork", "dir/c.yaml:3: reset: expected one of fork, snapshot, reboot, none, found Fork"),
        (
            "fuzzing:\n  seed: -1",
            "dir/c.yaml:4: fuzzing.seed: expected a whole number from 0 to "
                + "18446744073709551615, found -1"
        ),
        (
            "fuzzing:\n  only_ascii: yes",
            "dir/c.yaml:4: fuzzing.only_ascii: expected true or false, found yes"
        ),
        ("limits: 5", "dir/c.yaml:3: limits: expected keys and values, found 5"),
        ("artifacts: 5", "dir/c.yaml:3: artifacts: expected text, found 5 (quote it if it is meant as text)"),
        ("artifacts: ''", "dir/c.yaml:3: artifacts: expected text, found an empty one"),
    ])
    func refusesWithThePlace(line: String, message: String) {
        #expect(refusal("name: a\ntarget: {program: p}\n" + line) == message)
    }

    @Test(arguments: [
        ("", "dir/c.yaml: name: missing; a campaign needs a name"),
        ("- a", "dir/c.yaml:1: expected keys and values, found a list"),
        ("name: a", "dir/c.yaml: target.program: missing; the program that is fuzzed is needed"),
        (
            "name: a\ntarget: {program: p, arguments: x}",
            "dir/c.yaml:2: target.arguments: expected a list such as [--one, two], found x"
        ),
        (
            "name: a\ntarget: {program: p, environment: [x]}",
            "dir/c.yaml:2: target.environment: expected names and values such as {NAME: value}, found a list"
        ),
    ])
    func refusesWhatIsMissing(text: String, message: String) {
        #expect(refusal(text) == message)
    }

    @Test func namesThatCannotBePartOfAPathAreRefused() {
        let long = String(repeating: "a", count: 65)
        for name in ["../x", "a/b", ".hidden", "-x", "a b", long, "\"a\\nb\"", "é"] {
            #expect(refusal("name: \(name)\ntarget: {program: p}").hasPrefix("dir/c.yaml:1: name: expected"))
        }
        #expect(!refusal("name: \(long.dropLast())\ntarget: {program: p}").hasPrefix("dir"))
    }

    @Test(arguments: ["name: [", "name: a\nname: b", "\tname: x", "a: &x [*x]", "a: *nowhere"])
    func brokenYAMLIsOneLine(text: String) {
        let line = refusal(text)
        #expect(line.hasPrefix("dir/c.yaml") && !line.contains("\n"), "\(line)")
    }

    /// No text whatever traps the reader. The seed is fixed; a failure prints the text.
    @Test func damagedTextNeverTraps() {
        let original = Array("name: a\ntarget: {program: p, arguments: [x]}\nlimits: {memory_mib: 64}\n".utf8)
        var state: UInt64 = 1
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0...random(4) { bytes[random(bytes.count)] = UInt8(random(128)) }
            let text = String(decoding: bytes, as: UTF8.self)
            do { _ = try CampaignConfiguration.parse(text, file: "f") } catch {
                #expect(!"\(error)".contains("\n") && "\(error)".hasPrefix("f"), "\(text)")
            }
        }
    }

    /// YAML 1.1 as Yams reads it.
    @Test func whatAPlainValueIs() {
        let texts = [
            "pc-fuzz", "--harness", "-", "+", "-x", "/bin/target", "nul", "yess", "Onn", "e1000", "virtio*", "10.0.0.1", "1.2.3", "0x", "12abc", "-a1",
            "==", "<", "2026-1", "noon", "y", "n",
        ]
        let others = [
            "0", "12", "-3", "+7", "0x1F", "0b10", "0o17", "1_000", "1.5", ".5", "-.inf", ".NaN", "1e3", "190:20:30", "2026-11-26",
            "2026-11-26 10:00:00", "true", "False", "on", "OFF", "yes", "No", "=", "<<",
        ]
        for text in texts { #expect(PlainScalar.isText(text), "\(text)") }
        for other in others { #expect(!PlainScalar.isText(other), "\(other)") }
        for nothing in ["", "~", "null", "Null", "NULL"] {
            #expect(PlainScalar.isNothing(nothing) && !PlainScalar.isText(nothing), "\(nothing)")
        }
        #expect(!PlainScalar.isNothing("nULL"))
    }
}
