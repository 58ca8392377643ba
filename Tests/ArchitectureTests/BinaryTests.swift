import Foundation
import Testing

/// Rules that only the built programs can show.
@Suite("Binaries", .serialized)
struct BinaryTests {
    /// Programs need libc and nothing else: they can be copied beside a harness, or into a bare Debian.
    @Test(arguments: ["fuzzd", "pc-fuzz", "puzzle-target"])
    func programsLoadLibcOnly(program: String) throws {
        let path = SourceTree.buildDirectory + "/" + program
        let result = try SourceTree.run("ldd", [path])
        #expect(result.status == 0)
        #expect(result.output.contains("libc.so"), "ldd says what is loaded: \(result.output)")
        let expected = ["linux-vdso", "libc.so", "libm.so", "ld-linux"]
        for line in result.output.split(separator: "\n") {
            #expect(expected.contains { line.contains($0) }, "\(program) loads \(line)")
        }
    }

    /// Copied into an empty directory and run with an empty environment, `fuzzd` works.
    @Test func fuzzdCanBeCopied() throws {
        let directory = NSTemporaryDirectory() + "fuzzd-copy-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let copy = directory + "/fuzzd"
        // Not by this process: a program that another test starts meanwhile would hold the file open for writing (ETXTBSY).
        #expect(try SourceTree.run("cp", [SourceTree.buildDirectory + "/fuzzd", copy]).status == 0)
        let help = try SourceTree.run("env", ["-i", copy, "--help"])
        #expect(help.status == 0 && help.output.contains("USAGE"), "\(help.output)")
        // Foundation, Yams and the schema of configurations: more than the command line is there.
        let missing = try SourceTree.run("env", ["-i", copy, "start", "--config", directory + "/none.yaml", "--corpus", directory])
        #expect(missing.status != 0 && missing.output.contains("none.yaml"), "\(missing.output)")
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
