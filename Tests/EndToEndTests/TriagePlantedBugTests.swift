import Foundation
import Testing

extension EndToEnd {
    /// On the built-in machine with all planted bugs at once.
    @Suite("Triage: planted bugs", .serialized)
    struct TriagePlantedBugTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        /// Files of these paths that fail, with what they fail of.
        private func failures(_ config: String, _ paths: [String]) throws -> [String: String] {
            let result = try workspace.run(["reproduce", "--config", config, "--runs", "1"] + paths)
            var found: [String: String] = [:]
            var path = ""
            for line in result.lines {
                if line.hasPrefix("Running: ") { path = String(line.dropFirst("Running: ".count)) }
                if line.hasPrefix("  SUMMARY: ") { found[path] = line }
            }
            return found
        }

        @Test func everyBugIsOneGroupAndEveryGroupOneBug() throws {
            let config = Workspace.root + "/configs/generic-pc-bugs.yaml"
            try workspace.run([
                "start", "--config", config, "--corpus", workspace.corpus, "--corpus", Workspace.root + "/configs/seeds/generic",
                "--artifacts", workspace.artifacts, "--seed", "1", "--runs", "25000", "--ignore-findings",
            ])
            let result = try workspace.run(["crashes", "--config", config, "--artifacts", workspace.artifacts, "--json"])
            #expect(result.exitCode == 0, "\(result.output)")
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            let groups = try #require(object?["groups"] as? [[String: Any]])
            var groupOfPath: [String: String] = [:]
            for group in groups {
                for artifact in try #require(group["artifacts"] as? [[String: Any]]) where artifact["verified"] as? Bool == true {
                    groupOfPath[try #require(artifact["path"] as? String)] = try #require(group["id"] as? String)
                }
            }
            let paths = groupOfPath.keys.sorted()
            let summaries = try failures(config, paths)
            // Which bug it is: the machine that has this bug alone fails in the same way.
            var groupsOfBug: [String: Set<String>] = [:]
            var bugsOfGroup: [String: Set<String>] = [:]
            for bug in try bugs() {
                let text = try String(contentsOfFile: config, encoding: .utf8)
                    .replacing("--bug, all", with: "--bug, \(bug)").replacing("dictionary: generic.dict", with: "")
                let single = try workspace.write(text, to: "\(bug).yaml")
                for (path, summary) in try failures(single, paths) where summaries[path] == summary {
                    groupsOfBug[bug, default: []].insert(try #require(groupOfPath[path]))
                    bugsOfGroup[try #require(groupOfPath[path]), default: []].insert(bug)
                }
            }
            #expect(groupsOfBug.count >= 4, "a campaign of this length finds most shallow ones: \(groupsOfBug.keys.sorted())")
            for (bug, groups) in groupsOfBug { #expect(groups.count == 1, "\(bug) is in several groups: \(groups)") }
            for (group, bugs) in bugsOfGroup { #expect(bugs.count == 1, "group \(group) has several bugs: \(bugs)") }
        }

        /// The shortest known input of each bug that the globs `virtio*` reach, all on one machine that has every bug: a campaign keeps
        /// each of them, though several fail in functions that were inlined into one, and each is a group.
        @Test func theKnownInputsOfThirteenBugsAreThirteenGroups() throws {
            let inputs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("PlantedBugInputs").path
            let count = try FileManager.default.contentsOfDirectory(atPath: inputs).count
            #expect(count == 13)
            let config = try workspace.write(
                """
                name: known
                target:
                  program: \(Workspace.buildDirectory)/pc-fuzz
                  arguments: [--harness, generic, --objects, "virtio*", --bug, all]
                limits:
                  operation_timeout_microseconds: 300000
                  input_timeout_microseconds: 2000000
                artifacts: \(workspace.artifacts)

                """, to: "known.yaml")
            try workspace.run([
                "start", "--config", config, "--corpus", workspace.corpus, "--corpus", inputs, "--runs", "\(count + 1)", "--seed", "1",
                "--ignore-findings",
            ])
            let names = try FileManager.default.contentsOfDirectory(atPath: workspace.artifacts).filter { $0.hasSuffix(".json") }
            #expect(names.count == count, "\(names.sorted())")
            let result = try workspace.run(["crashes", "--config", config, "--json"])
            let start = try #require(result.output.firstIndex { $0 == "{" }, "\(result.output)")
            let end = try #require(result.output.lastIndex { $0 == "}" })
            let object = try JSONSerialization.jsonObject(with: Data(result.output[start...end].utf8)) as? [String: Any]
            let groups = try #require(object?["groups"] as? [[String: Any]])
            #expect(groups.count == count, "\(groups.map { ($0["error_type"] ?? "", $0["frames"] ?? "") })")
            for group in groups {
                #expect((group["artifacts"] as? [Any])?.count == 1)
                #expect((group["frames"] as? [String])?.isEmpty == false)
                if group["kind"] as? String == "crash" { #expect(group["label"] as? String == "stable") }
            }
        }

        private func bugs() throws -> [String] {
            let result = try workspace.start(["--list-bugs"], program: Workspace.buildDirectory + "/pc-fuzz").wait()
            let names = try result.lines.map { line -> String in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(object?["name"] as? String)
            }
            // Resets that forget something are found by an audit, and crash nothing.
            let crashing = names.filter { !$0.hasPrefix("reset-") }
            #expect(crashing.count == 17 && names.count == 22)
            return crashing
        }
    }
}
