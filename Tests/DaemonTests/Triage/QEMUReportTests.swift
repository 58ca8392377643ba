import Daemon
import ForkServer
import Foundation
import Storage
import Testing

/// Real reports of AddressSanitizer on QEMU, through triage: names, groups, places.
@Suite struct QEMUReportTests {
    private func record(_ text: String) throws -> ArtifactRecord {
        let report = try #require(SanitizerReport(text: text))
        var record = TriageFixtures.record(signature: report.signature(frames: report.stack))
        record.report = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        record.stack = report.stack.map {
            ArtifactFrame(module: $0.modulePath, offset: $0.offset, symbol: $0.function, file: $0.file, line: $0.line, column: $0.column)
        }
        return record
    }

    @Test func namesAreThoseInsideTheDevice() throws {
        let signature = CrashSignature(try record(QEMUReports.overflow))
        #expect(signature.title == "crash heap-buffer-overflow in virtio_queue_get_num < virtio_ioport_write")
        #expect(signature.text == "crash: invalid access in virtio_queue_access_num < virtio_ioport_access")
        #expect(CrashSignature(try record(QEMUReports.freed)).errorType == "heap-use-after-free")
    }

    @Test func whereAWrongIndexLeadsIsChance() throws {
        let overflow = try record(QEMUReports.overflow)
        let unmapped = try record(
            QEMUReports.overflow.replacing("heap-buffer-overflow", with: "SEGV").replacing("on address", with: "on unknown address"))
        let groups = CrashGroup.make(
            [
                TriageFixtures.triaged([1, 2], overflow), TriageFixtures.triaged([3], try record(QEMUReports.freed)),
                TriageFixtures.triaged([4, 5], unmapped),
            ], sightings: [])
        let group = try #require(groups.first)
        #expect(groups.count == 1 && group.artifacts.count == 3)
        #expect(group.identifier == "fb05cb911d", "in URLs and scripts")
        #expect(group.title == "crash heap-use-after-free in virtio_queue_get_num < virtio_ioport_write (and 2 other forms)")
        let shown = CrashText.show(group, group.smallest, configPath: nil)
        #expect(shown.contains { $0.hasPrefix("  also ") && $0.hasSuffix(": heap-buffer-overflow in virtio_queue_get_num < virtio_ioport_write") })
        #expect(shown.contains("report") && shown.contains { $0.contains("READ of size 4 at 0x7bfff53b8990") })
    }

    @Test func otherErrorsAtOnePlaceAreOtherBugs() throws {
        let freed = CrashSignature(try record(QEMUReports.freed))
        let twice = CrashSignature(try record(QEMUReports.freed.replacing("heap-use-after-free", with: "double-free")))
        let null = CrashSignature(
            try record(
                QEMUReports.freed.replacing("heap-use-after-free", with: "SEGV")
                    .replacing("READ of size 4", with: "Hint: address points to the zero page.\nREAD of size 4")))
        #expect(Set([freed, twice, null]).count == 3)
        #expect(null.errorType == "SEGV")
    }

    @Test func theResultPointsIntoTheRepository() throws {
        let root = NSTemporaryDirectory() + "fuzzd-qemu-" + UUID().uuidString.prefix(8)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.createDirectory(atPath: root + "/hw/virtio", withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: root + "/hw/virtio/virtio.c", contents: Data()))
        var inventory = CrashInventory()
        let groups = CrashGroup.make([TriageFixtures.triaged([1], try record(QEMUReports.freed))], sightings: [])
        inventory.directories = [CrashInventory.Directory(path: "artifacts", groups: groups, configPath: "qemu.yaml")]
        let text = SarifReport(inventory, sourceRoot: root, version: "1").text
        let log = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let result = try #require(((log["runs"] as? [[String: Any]])?.first?["results"] as? [[String: Any]])?.first)
        let place = try #require((result["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any])
        #expect((place["artifactLocation"] as? [String: String])?["uri"] == "hw/virtio/virtio.c")
        #expect((place["region"] as? [String: Int])?["startLine"] == 2429)
        #expect(result["ruleId"] as? String == "crash/heap-use-after-free")
    }
}
