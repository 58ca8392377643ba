import ForkServer
import Glibc
import Testing

@Suite("What the coverage map holds", .serialized)
struct CoverageMapTests {
    /// The runtime must not see itself: its edges would depend on timing and drown the target's.
    @Test func noFunctionOfTheRuntime() throws {
        try check(
            TargetConfiguration(program: TargetSession.buildDirectory + "/puzzle-target"), expecting: "solve")
    }

    @Test func noFunctionOfTheRuntimeInTheBuiltInMachine() throws {
        var configuration = TargetConfiguration(program: TargetSession.buildDirectory + "/pc-fuzz")
        configuration.arguments = ["--harness", "i440fx"]
        try check(configuration, expecting: "Machine.")
    }

    private func check(_ configuration: TargetConfiguration, expecting own: String) throws {
        let server = ForkServer(configuration: configuration)
        try server.start()
        #expect(threadCount(server.processID) == 1, "a machine parent with threads cannot fork safely")
        let modules = try #require(server.modules)
        let symbolizer = Symbolizer(modules: modules)
        #expect(modules.edgeAddresses.count == modules.counterCount)
        let functions = modules.edgeAddresses.map { symbolizer.frame(at: $0).function }
        // LLVM leaves the address 1 behind where a block went away after it was counted.
        let unnamed = zip(modules.edgeAddresses, functions).filter { $0.0 != 1 && $0.1 == nil }.map(\.0)
        #expect(unnamed.isEmpty, "every edge lies in a function")
        let names = Set(functions.compactMap(\.self))
        #expect(names.contains { $0.contains(own) })
        for name in names.sorted() {
            let isRuntime =
                name.contains("TargetRuntime.") || name.hasPrefix("fuzzd_") || name.hasPrefix("__sanitizer")
            #expect(!isRuntime, "\(name) is in the coverage map")
        }
    }

    private func threadCount(_ process: Int32) -> Int {
        guard let directory = opendir("/proc/\(process)/task") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        // "." and ".." are listed too.
        while readdir(directory) != nil { count += 1 }
        return count - 2
    }
}
