import Daemon
import Foundation
import Testing

@Suite struct ConfigurationFilesTests {
    private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    @Test func everyReadyCampaignLoads() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: root + "/configs").sorted()
            .filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 20)
        for name in names {
            let configuration = try CampaignConfiguration.load(file: root + "/configs/" + name)
            #expect(configuration.name + ".yaml" == name, "a campaign is called like its file")
            if let dictionary = configuration.fuzzing.dictionary {
                #expect(FileManager.default.fileExists(atPath: dictionary), "\(name)")
            }
            if let seeds = configuration.fuzzing.seeds {
                #expect(try !FileManager.default.contentsOfDirectory(atPath: seeds).isEmpty, "\(name)")
            }
            #expect(configuration.target.arguments.contains("--bug") == name.hasSuffix("-bugs.yaml"))
        }
    }

    @Test func everyConfigOfQEMULoads() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: root + "/configs/qemu").sorted()
        #expect(names.count == 45, "40 machines of QEMU's generic fuzzer, 5 device targets")
        for name in names {
            let configuration = try CampaignConfiguration.load(file: root + "/configs/qemu/" + name)
            #expect("\(configuration.name).yaml" == "qemu-" + name, "a campaign is called like its file")
            let isGeneric = configuration.fuzzing.dictionary != nil
            let target = (isGeneric ? "generic-fuzz-" : "") + name.dropLast(".yaml".count)
            #expect(configuration.target.arguments == ["--fuzz-target=" + target])
            if let dictionary = configuration.fuzzing.dictionary {
                #expect(FileManager.default.fileExists(atPath: dictionary), "\(name)")
            }
        }
    }

    /// One file for each harness, with planted bugs and without.
    @Test func everyHarnessHasAReadyCampaignWithAndWithoutBugs() throws {
        for harness in ["virtio-blk", "virtio-blk-flags", "i440fx", "i440fx-configuration"] {
            for name in [harness, harness + "-bugs"] {
                let configuration = try CampaignConfiguration.load(file: root + "/configs/\(name).yaml")
                #expect(configuration.target.arguments.prefix(2) == ["--harness", harness])
            }
        }
    }

    @Test func theDocumentationHasEveryKeyWithTypeAndRange() throws {
        let text = try String(contentsOfFile: root + "/docs/configuration.md", encoding: .utf8)
        var documented: [String: [String]] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            documented[cells[0].trimmingCharacters(in: ["`"])] = cells
        }
        #expect(Set(documented.keys) == Set(ConfigurationSchema.keys.map(\.path)))
        for key in ConfigurationSchema.keys {
            let cells = try #require(documented[key.path])
            switch key.type {
            case .integer(let range):
                #expect(cells[1].hasPrefix("integer"), "\(key.path)")
                #expect(cells[3] == "\(range.lowerBound) to \(range.upperBound)", "\(key.path)")
            case .choice(let names):
                #expect(cells[1] == "choice" && cells[3] == names.map { "`\($0)`" }.joined(separator: ", "))
            case .seed: #expect(cells[1] == "integer")
            case .text: #expect(cells[1] == "text")
            case .boolean: #expect(cells[1] == "boolean")
            case .list: #expect(cells[1] == "list")
            case .map: #expect(cells[1] == "map")
            case .section: #expect(cells[1] == "section")
            }
        }
    }

    @Test func filesThatCannotBeReadAreOneLine() throws {
        for (path, text) in [(root, "Is a directory"), (root + "/no.yaml", "No such file")] {
            let error = #expect(throws: ConfigurationError.self) {
                try CampaignConfiguration.load(file: path)
            }
            #expect("\(try #require(error))".hasPrefix(path + ": cannot read the configuration: " + text))
        }
    }

    @Test func programsAreLookedUpBesideTheDaemonThenInPath() throws {
        func configuration(_ program: String) throws -> CampaignConfiguration {
            try .parse("name: a\ntarget:\n  program: \(program)\n", file: "/bin/c.yaml")
        }
        #expect(
            try configuration("sh").resolvedProgram(daemonDirectory: "/bin", searchPath: "/usr/bin")
                == "/bin/sh")
        #expect(
            try configuration("sh").resolvedProgram(daemonDirectory: "/nowhere", searchPath: ":/usr/bin")
                == "/usr/bin/sh")
        #expect(
            try configuration("./sh").resolvedProgram(daemonDirectory: "/", searchPath: "") == "/bin/./sh")
        for program in ["absent-program", "./absent", "/etc", "/etc/passwd"] {
            let error = #expect(throws: ConfigurationError.self) {
                try configuration(program).resolvedProgram(daemonDirectory: "/bin", searchPath: "/usr/bin")
            }
            #expect("\(try #require(error))".hasPrefix("/bin/c.yaml:3: target.program: no "))
        }
    }
}
