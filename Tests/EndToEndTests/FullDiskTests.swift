import Foundation
import Testing

extension EndToEnd {
    /// What was found stays, what is found waits in memory, and the end says so.
    @Suite("Full disk", .serialized)
    struct FullDiskTests {
        let workspace: Workspace

        init() throws { workspace = try Workspace() }

        private static let isRoot = geteuid() == 0

        @Test(.enabled(if: FullDiskTests.isRoot, "only root may mount a small file system"))
        func aFullFileSystem() throws {
            let corpus = workspace.directory + "/small"
            try FileManager.default.createDirectory(atPath: corpus, withIntermediateDirectories: true)
            guard try shell("mount -t tmpfs -o size=1m,mode=700 fuzzd-e2e '\(corpus)'") == 0 else {
                print("SKIPPED: a full file system: this root may not mount")
                return
            }
            defer { _ = try? shell("umount '\(corpus)'") }
            try workspace.write("c", to: "small/seed")
            let daemon = try workspace.start(["start", "--config", workspace.config(), "--corpus", corpus])
            try daemon.waitForOutput("READ")
            // Everything that is left, by a file of somebody else.
            _ = try shell("cat /dev/zero >'\(workspace.directory)/small/.filler' 2>/dev/null")
            try daemon.waitForOutput("WARNING")
            #expect(daemon.output.contains("No space left on device"), "\(daemon.output)")
            #expect(daemon.output.contains("make room"), "\(daemon.output)")
            try FileManager.default.removeItem(atPath: corpus + "/.filler")
            try daemon.waitForOutput("there is room again")
            daemon.kill(SIGINT)
            let result = try daemon.wait()
            #expect(result.exitCode == 0 || result.exitCode == 77, "\(result.output)")
            #expect(result.failures.isEmpty)
        }

        @Test(.enabled(if: FullDiskTests.isRoot, "only root may mount a small file system"))
        func aFileSystemThatStaysFull() throws {
            let corpus = workspace.directory + "/small"
            try FileManager.default.createDirectory(atPath: corpus, withIntermediateDirectories: true)
            guard try shell("mount -t tmpfs -o size=1m,mode=700 fuzzd-e2e '\(corpus)'") == 0 else {
                print("SKIPPED: a full file system: this root may not mount")
                return
            }
            defer { _ = try? shell("umount '\(corpus)'") }
            let daemon = try workspace.start(["start", "--config", workspace.config(), "--corpus", corpus])
            try daemon.waitForOutput("READ")
            _ = try shell("cat /dev/zero >'\(workspace.directory)/small/.filler' 2>/dev/null")
            try daemon.waitForOutput("WARNING")
            daemon.kill(SIGINT)
            let result = try daemon.wait()
            #expect(result.exitCode == 8, "\(result.output)")
            #expect(result.failures.count == 1)
            #expect(result.failures.first?.contains(corpus) == true)
            #expect(result.output.contains("campaign  puzzle"), "there is a summary all the same")
        }

        /// An artifact is announced and counted once it is on disk, and not before.
        @Test(.enabled(if: FullDiskTests.isRoot, "only root may mount a small file system"))
        func artifactsWaitForRoom() throws {
            guard try mountFullArtifacts() else { return }
            defer { _ = try? shell("umount '\(workspace.artifacts)'") }
            try workspace.seed(["T", "c"])
            let daemon = try workspace.start(["start", "--config", workspace.config(), "--corpus", workspace.corpus])
            try daemon.waitForOutput("WARNING")
            try daemon.waitForOutput("INITED")
            #expect(daemon.output.contains("\(workspace.artifacts)': No space left on device"), "\(daemon.output)")
            #expect(!daemon.output.contains("SUMMARY"), "announced before it is on disk: \(daemon.output)")
            try FileManager.default.removeItem(atPath: workspace.artifacts + "/.filler")
            try daemon.waitForOutput("there is room again")
            daemon.kill(SIGINT)
            let result = try daemon.wait()
            #expect(result.exitCode == 77, "\(result.output)")
            #expect(result.failures.isEmpty && result.output.contains("SUMMARY"), "\(result.output)")
            let files = try workspace.files("artifacts")
            let crash = try #require(files.first { $0.value == Data("T".utf8) }, "the seed's crash is there")
            let record = String(decoding: files[crash.key + ".json"] ?? Data(), as: UTF8.self)
            #expect(record.contains("\"verified\" : true"), "\(record)")
        }

        @Test(.enabled(if: FullDiskTests.isRoot, "only root may mount a small file system"))
        func artifactsWithoutRoomToTheEnd() throws {
            guard try mountFullArtifacts() else { return }
            defer { _ = try? shell("umount '\(workspace.artifacts)'") }
            try workspace.seed(["T"])
            let result = try workspace.runCampaign(workspace.config(), ["--runs", "0", "--ignore-findings"])
            #expect(result.exitCode == 8, "\(result.output)")
            #expect(result.failures.count == 1, "\(result.output)")
            #expect(result.failures.first?.contains("\(workspace.artifacts): 1 artifact could not be written") == true)
            #expect(try workspace.files("artifacts").isEmpty, "nothing half-written")
        }

        /// A full file system in the place of the artifact directory; false where this root may not mount.
        private func mountFullArtifacts() throws -> Bool {
            let path = workspace.artifacts
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            guard try shell("mount -t tmpfs -o size=1m,mode=700 fuzzd-e2e '\(path)'") == 0 else {
                print("SKIPPED: a full file system: this root may not mount")
                return false
            }
            _ = try shell("mkdir '\(path)/.fuzzd'; cat /dev/zero >'\(path)/.filler' 2>/dev/null")
            return true
        }

        @Test(.enabled(if: FullDiskTests.isRoot, "only root may mount a small file system"))
        func noRoomFromTheStart() throws {
            let corpus = workspace.directory + "/small"
            try FileManager.default.createDirectory(atPath: corpus, withIntermediateDirectories: true)
            guard try shell("mount -t tmpfs -o size=64k,mode=700 fuzzd-e2e '\(corpus)'") == 0 else {
                print("SKIPPED: a full file system: this root may not mount")
                return
            }
            defer { _ = try? shell("umount '\(corpus)'") }
            _ = try shell("cat /dev/zero >'\(workspace.directory)/small/.filler' 2>/dev/null")
            let result = try workspace.run([
                "start", "--config", workspace.config(), "--corpus", corpus, "--runs", "9",
            ])
            #expect(result.exitCode == 8, "\(result.output)")
            #expect(result.failures.count == 1, "\(result.output)")
            #expect(result.lines.count == 1, "\(result.output)")
        }

        /// A limit on the size of files ends a process by SIGXFSZ unless it takes care.
        @Test func aFileSizeLimit() throws {
            let config = try workspace.config()
            let fuzzd = Workspace.buildDirectory + "/fuzzd"
            let command =
                "ulimit -f 0; exec '\(fuzzd)' start --config '\(config)' --corpus '\(workspace.corpus)' --runs 9"
            // Its output goes through a pipe: the log is a file too.
            let daemon = try workspace.start(
                ["-c", "{ \(command); } 2>&1 | cat; exit ${PIPESTATUS[0]}"], program: "/bin/bash")
            let result = try daemon.wait()
            #expect(result.exitCode == 8, "\(result.exitCode) \(result.output)")
            #expect(result.failures.count == 1, "\(result.output)")
        }

        private func shell(_ command: String) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", command]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
    }
}
