// swift-tools-version: 6.1
import PackageDescription

// Source coverage of the machine, for `fuzzd coverage` (`make coverage-build`); its counters and mapping double a program.
let sourceCoverage =
    Context.environment["FUZZD_SOURCE_COVERAGE"] == nil ? [] : ["-profile-generate", "-profile-coverage-mapping"]

// The flags that make a target a fuzzing target: edge counters, PC tables and comparison traces.
// libFuzzer itself is not linked in; CTargetRuntime provides the callbacks.
let instrumented: [SwiftSetting] = [
    .unsafeFlags(
        [
            "-sanitize=fuzzer",
            "-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp",
        ] + sourceCoverage)
]
let house: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

// Programs carry Swift's libraries in themselves: they can be copied anywhere, and a target has some 45 mappings less, which is
// what `fork` costs. `scripts/linking` names the archive where `-lsqlite3` and `-lstdc++` would take the shared object (the
// toolchain's lld, as gold does not find archives that way). Settings reach every product that a target is linked into, hence
// no test target depends on a program: tests run programs, which are built beside them.
let selfContained: [LinkerSetting] = [
    .unsafeFlags([
        "-static-stdlib", "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "nostart-stop-gc",
        "-L", Context.packageDirectory + "/scripts/linking", "-Xclang-linker", "-static-libgcc",
    ] + sourceCoverage.prefix(1))
]
// At a fixed address there is nothing to relocate: 115,000 relocations are a quarter of the time that a short command takes.
let fixedAddress: [LinkerSetting] = [.unsafeFlags(["-Xclang-linker", "-no-pie"])]
// Segments that begin where a huge page may: the machine parent moves its code into huge pages.
let hugePageSegments: [LinkerSetting] = [
    .unsafeFlags([
        "-Xlinker", "-z", "-Xlinker", "separate-loadable-segments", "-Xlinker", "-z", "-Xlinker", "max-page-size=2097152",
    ])
]
// Foundation's own libraries are named by what is compiled against its static form.
let againstStaticFoundation: [SwiftSetting] = [.unsafeFlags(["-static-stdlib"])]

let package = Package(
    name: "fuzzd",
    products: [
        .executable(name: "fuzzd", targets: ["fuzzd"]),
        .executable(name: "pc-fuzz", targets: ["pc-fuzz"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The contract between the two sides.
        .target(name: "CForkServerABI"),

        // Target side: lives in the process that is fuzzed.
        // What only the engine archive has (`main`, libFuzzer's entry points) is built by scripts/build-engine.
        .target(name: "CTargetRuntime", dependencies: ["CForkServerABI"], exclude: ["archive"]),
        .target(
            name: "TargetRuntime", dependencies: ["CForkServerABI", "CTargetRuntime"],
            swiftSettings: house),

        // The built-in machine: instrumented like any target.
        .target(name: "Machine", swiftSettings: house + instrumented),
        .target(name: "Devices", dependencies: ["Machine"], swiftSettings: house + instrumented),
        .target(
            name: "MachineHarness", dependencies: ["Machine", "Devices"],
            swiftSettings: house + instrumented),
        .executableTarget(
            name: "pc-fuzz",
            dependencies: ["MachineHarness", "Machine", "Devices", "TargetRuntime"],
            swiftSettings: house, linkerSettings: selfContained + hugePageSegments),

        // Daemon side.
        .target(name: "Fuzzing", swiftSettings: house),
        .target(
            name: "ForkServer", dependencies: ["CForkServerABI", "Fuzzing"], swiftSettings: house,
            // Demangles C++ names.
            linkerSettings: [.linkedLibrary("stdc++")]),
        .target(
            name: "Storage",
            dependencies: [
                "Fuzzing",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: house),
        .target(name: "Dashboard", dependencies: ["Fuzzing"], swiftSettings: house),
        .target(name: "Reproducers", swiftSettings: house),
        .target(
            name: "Daemon",
            dependencies: [
                "Fuzzing", "ForkServer", "Storage", "Dashboard", "Reproducers",
                .product(name: "Yams", package: "Yams"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: house),
        .executableTarget(
            name: "fuzzd",
            dependencies: [
                "Daemon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: house + againstStaticFoundation, linkerSettings: selfContained + fixedAddress),

        // A target that misbehaves on request, for the tests of the fork server and the daemon.
        .target(name: "CPuzzle", path: "Tests/CPuzzle"),
        .executableTarget(
            name: "puzzle-target", dependencies: ["CPuzzle", "TargetRuntime"], path: "Tests/PuzzleTarget",
            swiftSettings: house + instrumented, linkerSettings: selfContained),

        // One without coverage, or of another version.
        .executableTarget(
            name: "bare-target", dependencies: ["CForkServerABI", "TargetRuntime"], path: "Tests/BareTarget",
            swiftSettings: house, linkerSettings: selfContained),

        // What `make bench` runs: measures the whole from the daemon's side, and a loop in C to compare with.
        .executableTarget(name: "bare-fork", path: "Benchmarks/bare-fork"),
        .executableTarget(
            name: "fuzzd-bench", dependencies: ["Daemon", "ForkServer", "Fuzzing"], path: "Benchmarks/fuzzd-bench",
            swiftSettings: house),

        // Tests.
        .testTarget(
            name: "TargetRuntimeTests",
            dependencies: ["TargetRuntime", "CTargetRuntime", "CForkServerABI"]),
        .testTarget(name: "MachineTests", dependencies: ["Machine", "CTargetRuntime"]),
        .testTarget(
            name: "DevicesTests", dependencies: ["Devices", "Machine", "CTargetRuntime"],
            exclude: ["Reference"]),
        .testTarget(
            name: "MachineHarnessTests",
            dependencies: [
                "MachineHarness", "Devices", "Machine", "CTargetRuntime",
                // The minimiser, for what the planted bugs come to.
                "Daemon", "ForkServer", "Fuzzing",
            ]),
        .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing"]),
        .testTarget(
            name: "ForkServerTests",
            dependencies: ["CForkServerABI", "ForkServer", "Fuzzing"]),
        .testTarget(
            name: "EngineTests", dependencies: ["ForkServer", "Fuzzing"], exclude: ["Harnesses"]),
        .testTarget(name: "StorageTests", dependencies: ["Storage", "Fuzzing"]),
        .testTarget(name: "ReproducersTests", dependencies: ["Reproducers"], exclude: ["Golden"]),
        .testTarget(name: "DaemonTests", dependencies: ["Daemon", "ForkServer", "Storage", "Fuzzing"]),
        .testTarget(name: "PuzzleTests"),
        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "EndToEndTests", exclude: ["PlantedBugInputs", "ResetInputs"]),
    ]
)
