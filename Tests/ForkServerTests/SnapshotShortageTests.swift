import ForkServer
import Glibc
import Testing

@Suite("Snapshot: where there is too little", .serialized)
struct SnapshotShortageTests {
    /// userfaultfd and ioctl, of which `PAGEMAP_SCAN` is one: 323 and 16.
    @Test(arguments: [323, 16])
    func whatTheKernelRefusesIsToldAtTheStart(call: Int) throws {
        let session = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["PUZZLE_FAILING_CALL"] = "\(call)"
        }
        #expect(session.server.snapshotRefusal == EIO)
        for _ in 0..<5 { #expect(try session.run("kg").verdict.kind == .passed) }
        #expect(session.server.replacedRunners.count == 0)
    }

    /// A filter that ends with ENOSYS, as a container's may, or EPERM.
    @Test(arguments: [ENOSYS, EPERM])
    func aContainersFilterIsToldAtTheStart(error: Int32) throws {
        let session = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["PUZZLE_FAILING_CALL"] = "323 \(error)"
        }
        #expect(session.server.snapshotRefusal == error)
        for _ in 0..<5 { #expect(try session.run("kg").verdict.kind == .passed) }
    }

    /// It can be done on a page, and not for the whole process.
    @Test func shortOfMemoryInputsRunUnderFork() throws {
        let session = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["PUZZLE_AT_START"] = "little-memory"
        }
        for _ in 0..<10 { #expect(try session.run("kg").verdict.kind == .passed) }
        #expect(session.server.snapshotRefusal != nil || session.server.snapshotAbandonment != nil)
    }

    /// From a hard limit below the runtime's own numbers to one above them.
    @Test(arguments: [40, 64, 200, 820, 890, 905, 910, 920, 940])
    func shortOfDescriptors(limit: Int) throws {
        let session = try TargetSession {
            $0.strategy = .snapshot
            $0.environment["PUZZLE_AT_START"] = "descriptors-\(limit)"
        }
        for letter in ["kg", "kc", "ko", "kr", "kO", "kg", "kc", "kg"] {
            #expect(try session.run(letter).verdict.kind == .passed, "\(letter)")
        }
    }
}
