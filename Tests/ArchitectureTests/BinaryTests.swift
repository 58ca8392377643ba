import Foundation
import Testing

/// Rules that only the built programs can show.
@Suite("Binaries", .serialized)
struct BinaryTests {
    @Test(arguments: ["pc-fuzz", "puzzle-target"])
    func targetsLoadNoFoundation(program: String) throws {
        let path = SourceTree.buildDirectory + "/" + program
        let result = try SourceTree.run("ldd", [path])
        #expect(result.status == 0)
        #expect(result.output.contains("libc.so"), "ldd says what is loaded: \(result.output)")
        // Swift's concurrency library comes with every Swift program and brings Dispatch; neither starts a thread unasked.
        for library in ["Foundation", "libicu", "libcurl"] {
            #expect(!result.output.contains(library), "\(program) loads \(library)")
        }
    }

    /// An instrumented object has a section of counters.
    @Test func theRuntimesObjectsHaveNoCounters() throws {
        for module in ["TargetRuntime", "CTargetRuntime", "pc_fuzz"] {
            let objects = objectFiles(of: module)
            #expect(!objects.isEmpty, "no objects of \(module) in \(SourceTree.buildDirectory)")
            for object in objects {
                let result = try SourceTree.run("objdump", ["-h", object])
                #expect(result.status == 0)
                #expect(!result.output.contains("__sancov_cntrs"), "\(object) is instrumented")
            }
        }
        let machine = try objectFiles(of: "Machine").map { try SourceTree.run("objdump", ["-h", $0]).output }
        #expect(machine.contains { $0.contains("__sancov_cntrs") }, "the machine is instrumented")
    }

    /// The form in which the runtime goes into harnesses written in C: nothing allocates, no Swift runtime.
    @Test func theRuntimeCompilesAsEmbeddedSwift() throws {
        let result = try SourceTree.run(SourceTree.root + "/scripts/check-embedded", [])
        #expect(result.status == 0, "\(result.output)")
    }

    private func objectFiles(of module: String) -> [String] {
        let directory = SourceTree.buildDirectory + "/\(module).build"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".o") }.sorted().map { directory + "/" + $0 }
    }
}
