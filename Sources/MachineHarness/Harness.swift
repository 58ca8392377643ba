/// What a harness made of an input. A rejected one must not enter the corpus (libFuzzer's return value -1).
package enum InputVerdict: Equatable, Sendable {
    case accepted
    case rejected
}

/// How a fuzzing input becomes accesses to a machine. Created once in the machine parent, which calls
/// `prepare`; the rest runs in children, runners or a standalone `pc-fuzz`. One thread.
///
/// No input traps a harness and none makes it allocate more than a small multiple of its own size.
package protocol Harness: AnyObject {
    /// What `--harness` takes.
    var name: String { get }
    /// One line for listings.
    var summary: String { get }

    /// Brings the machine to the state that inputs start from: BARs mapped, queues set up. Once, before
    /// `run`.
    func prepare() throws(HarnessError)

    /// Plays one input on the machine as it is. The bytes are only read during the call.
    func run(_ input: UnsafeRawBufferPointer) -> InputVerdict

    /// Reboots the machine and prepares it again. As in QEMU, guest memory and the clock survive a reboot.
    func reset()

    /// Crosses two inputs over into `output`, in the way that suits the format.
    /// - Returns: the size of the result in bytes; 0 where the harness has no cross-over of its own or the
    /// result   does not fit, and then the engine uses its own.
    func crossOver(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer, seed: UInt32
    ) -> Int
}

extension Harness {
    package func crossOver(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer, seed: UInt32
    ) -> Int { 0 }
}

/// Called right before each operation of an input: the runtime counts them and renews the operation limit.
/// Set once in the machine parent before the first input. A C function, so that a call costs no reference
/// count.
nonisolated(unsafe) package var onOperation: @convention(c) () -> Void = {}

/// Why a harness cannot start. All of them are the user's to mend; `description` is one line that says how.
package enum HarnessError: Error, Equatable, CustomStringConvertible {
    case noMatchingRegions(globs: String)
    case unknownHarness(name: String)
    case deviceMissing(harness: String, device: String)
    case deviceRefused(harness: String, step: String)

    package var description: String {
        switch self {
        case .noMatchingRegions(let globs):
            "no memory region or owner matches '\(globs)'; --list-regions shows the names"
        case .unknownHarness(let name):
            "unknown harness '\(name)'; there are: " + HarnessCatalogue.names.joined(separator: ", ")
        case .deviceMissing(let harness, let device):
            "the harness '\(harness)' needs a \(device), which this machine does not have"
        case .deviceRefused(let harness, let step):
            "the harness '\(harness)' could not set its device up: \(step)"
        }
    }
}
