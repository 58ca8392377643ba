import Foundation
import Testing

/// What may not stand in a process that forks while it is fuzzed.
@Suite("Target side")
struct TargetSideTests {
    static let modules = [
        "CTargetRuntime", "TargetRuntime", "Machine", "Devices", "MachineHarness", "pc-fuzz",
    ]

    static var files: [SourceTree.File] {
        modules.flatMap { SourceTree.files(under: "Sources/" + $0, extensions: ["swift", "c", "h"]) }
    }

    @Test func noThreadsAndNoConcurrency() throws {
        let banned = try Regex(
            #"\b(Foundation|Dispatch|Task|TaskGroup|async|await|actor|Thread|NSThread|pthread_create|clone3?)\b"#
        )
        #expect(Self.files.count > 50)
        // The archive's own pthread_create only notes what the target starts.
        for file in Self.files where !file.path.hasSuffix("/archive/pthread_create.c") {
            for (number, line) in file.code.enumerated() where line.contains(banned) {
                Issue.record("\(file.path):\(number + 1): \(line.trimmingCharacters(in: .whitespaces))")
            }
        }
    }

    @Test func noRandomnessOfItsOwn() throws {
        let banned = try Regex(
            #"SystemRandomNumberGenerator|\.random\(in:|\bDate\(|ContinuousClock|SuspendingClock"#)
        let files = (Self.modules + ["Fuzzing"])
            .flatMap { SourceTree.files(under: "Sources/" + $0, extensions: ["swift"]) }
        for file in files {
            for (number, line) in file.code.enumerated()
            where line.contains(banned) && !line.contains("using:") {
                Issue.record("\(file.path):\(number + 1): \(line.trimmingCharacters(in: .whitespaces))")
            }
        }
    }

    @Test func forkStandsInOneFile() throws {
        #expect(try places(of: Regex(#"\b(v?fork|_Fork|clone3?)\("#)) == ["Sources/TargetRuntime/Fork.swift"])
    }

    @Test func spawningStandsInOneFile() throws {
        #expect(try places(of: Regex(#"\bposix_spawnp?\("#)) == ["Sources/ForkServer/ProgramStart.swift"])
    }

    private func places(of call: Regex<AnyRegexOutput>) -> Set<String> {
        Set(
            SourceTree.files(under: "Sources", extensions: ["swift", "c", "h"])
                .filter { $0.code.contains { $0.contains(call) } }.map(\.path))
    }

    @Test func onlyTheMachineIsInstrumented() {
        let manifest = SourceTree.text("Package.swift")
        for module in ImportTests.allowed.keys.sorted() {
            let declaration = ImportTests.declaration(of: module, in: manifest) ?? ""
            let isMachine = ["Machine", "Devices", "MachineHarness"].contains(module)
            #expect(declaration.contains("+ instrumented") == isMachine, "\(module)")
        }
        #expect(
            manifest.components(separatedBy: "-sanitize").count - 1 == 2, "the flags are written down once")
    }

    @Test func cTargetsAreTheTwoThatAreNeeded() {
        var targets: Set<String> = []
        for directory in ["Sources", "Tests"] {
            for name in SourceTree.directories(under: directory)
            where !SourceTree.files(under: "\(directory)/\(name)", extensions: ["c", "h", "cpp", "cc", "S"])
                .isEmpty
            {
                targets.insert("\(directory)/\(name)")
            }
        }
        // The puzzles are no targets: they are built as their users' harnesses are, by the tests that run them.
        #expect(targets.subtracting(["Tests/OSSFuzz", "Tests/Puzzles", "Tests/EngineTests"]) == ["Sources/CForkServerABI", "Sources/CTargetRuntime", "Tests/CPuzzle"])
    }
}
