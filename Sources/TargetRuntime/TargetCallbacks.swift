// The runtime's public face: what a target hands over, and the calls it makes.
//
// Everything in this module runs in the target: in the machine parent, or in a child it forked. It is written so
// that it also compiles as Embedded Swift without allocations; hence pointers, no classes, no arrays.
import CForkServerABI
import CTargetRuntime

/// What a target gives to its fork server. The functions run in a child or a runner, never in the machine
/// parent, but for the one empty input that warms lazy state up before serving.
public struct TargetCallbacks {
    /// Runs one input on the machine as it is; 0, or -1 to reject the input (it must not enter the corpus).
    public var testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
    /// Reboots the machine; called after each input under the strategy `reboot` only.
    public var resetMachine: (@convention(c) () -> Void)?
    /// Crosses two inputs over into a buffer of the given capacity, with a seed; returns the size of the result.
    public var crossOver:
        (
            @convention(c) (
                UnsafePointer<UInt8>?, Int, UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?, Int,
                UInt32
            ) -> Int
        )?

    /// Initialises the machine: called once before serving, in the process that runs or forks the inputs. A target that
    /// calls `serve` when it is initialised already has none.
    public var initialize: (@convention(c) () -> Void)?
    /// Changes an input in place, within a capacity and with a seed; returns its new size (`LLVMFuzzerCustomMutator`).
    public var mutate: (@convention(c) (UnsafeMutablePointer<UInt8>?, Int, Int, UInt32) -> Int)?
    /// Called in each child before its input; restarts threads that fork lost (`fuzzd_child_start`).
    public var startChild: (@convention(c) () -> Void)?
    /// Whether the harness gets its input in memory of exactly that size from its own allocator, so that a sanitizer
    /// sees an access beyond it.
    public var copiesInput = false

    /// A child may cross inputs over, or mutate them, before it runs one.
    var changesInputs: Bool { self.mutate != nil || crossOver != nil }

    public init(
        testOneInput: @escaping @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32,
        resetMachine: (@convention(c) () -> Void)? = nil,
        crossOver: (
            @convention(c) (
                UnsafePointer<UInt8>?, Int, UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?, Int,
                UInt32
            ) -> Int
        )? = nil
    ) {
        self.testOneInput = testOneInput
        self.resetMachine = resetMachine
        self.crossOver = crossOver
    }
}

/// The live state of the worker this process belongs to; `nil` outside the fork server. Set in the machine parent
/// before it serves, read by `countOperation` in its children.
nonisolated(unsafe) var currentLive: UnsafeMutablePointer<fuzzd_live>?

/// Counts one operation (device access) of the running input and renews its operation limit.
@inline(__always)
public func countOperation() {
    guard let live = currentLive else { return }
    live.pointee.operations &+= 1
}

/// Whether the daemon started this process, so that `serve` has somebody to talk to.
public var isStartedByDaemon: Bool {
    fuzzd_handover_text() != nil
}

/// Serves inputs until the daemon goes away. Call it once the machine is initialised, from the first thread.
///
/// Precondition: `isStartedByDaemon`; traps otherwise.
public func serve(_ callbacks: TargetCallbacks) -> Never {
    guard let handover = Handover.fromEnvironment() else {
        fatalError("serve() outside a process that fuzzd started")
    }
    var server = ForkServer(handover: handover, callbacks: callbacks)
    server.run()
}
