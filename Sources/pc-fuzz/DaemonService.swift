import MachineHarness
import TargetRuntime

/// The harness of this process, for the C callbacks below. Set once before serving.
nonisolated(unsafe) private var servedHarness: (any Harness)?

/// Hands a prepared harness over to the fork server.
enum DaemonService {
    static func serveForever(_ harness: any Harness) -> Never {
        servedHarness = harness
        onOperation = { countOperation() }
        serve(
            TargetCallbacks(
                testOneInput: { bytes, count in
                    let input = UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
                    // Not compared as optionals, whose code is one page fault more in every child.
                    guard let servedHarness, case .accepted = servedHarness.run(input) else { return -1 }
                    return 0
                },
                resetMachine: { servedHarness?.reset() },
                crossOver: { first, firstCount, second, secondCount, output, capacity, seed in
                    guard let first, let second, let output else { return 0 }
                    return servedHarness?.crossOver(
                        UnsafeRawBufferPointer(start: first, count: firstCount),
                        UnsafeRawBufferPointer(start: second, count: secondCount),
                        into: UnsafeMutableRawBufferPointer(start: output, count: capacity), seed: seed) ?? 0
                }))
    }
}
