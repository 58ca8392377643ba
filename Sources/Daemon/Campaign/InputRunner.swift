import ForkServer
import Fuzzing

/// Runs given inputs one after the other on a started target; for `reproduce` and `compare`.
///
/// Owned by one thread. A lost machine parent is an error here: there is nothing to continue.
struct InputRunner {
    let server: ForkServer

    /// Runs all inputs, keeping the pipeline full, and hands their verdicts over in order.
    func run(
        _ inputs: [[UInt8]],
        _ body: (_ index: Int, _ verdict: Verdict, _ counters: UnsafeBufferPointer<UInt32>) -> Void
    ) throws(ForkServerError) {
        var submitted = 0
        var taken = 0
        while taken < inputs.count {
            while submitted < inputs.count, server.hasRoom(worker: 0) {
                server.submit(ExecutionRequest(input: inputs[submitted]), to: 0)
                submitted += 1
            }
            let index = taken
            let isTaken = server.takeVerdict(worker: 0) { _, verdict, counters, _, _ in
                body(index, verdict, counters)
            }
            if isTaken {
                taken += 1
            } else {
                try server.wait(timeoutMilliseconds: 1000)
            }
        }
    }
}
