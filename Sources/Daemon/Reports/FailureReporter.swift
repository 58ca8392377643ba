import ForkServer
import Foundation
import Synchronization

/// Makes failures readable on a thread of its own, so that a slow symboliser does not hold the campaign up. What is slower
/// than the time limit is reported with the names that ELF symbols give.
///
/// Thread-safe.
package final class FailureReporter: Sendable {
    private let resolver: Mutex<SourceResolver>
    private let finished = Mutex<[(id: Int, report: FailureReport)]>([])
    private let queue = DispatchQueue(label: "fuzzd.reports")
    private let underWay = DispatchGroup()
    private let limitSeconds: Double
    /// For one report. An ASan build of QEMU takes about 3 seconds to load.
    package static let usualLimitSeconds = 10.0

    package init(
        elf: Symbolizer, limitSeconds: Double = FailureReporter.usualLimitSeconds,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.limitSeconds = limitSeconds
        resolver = Mutex(
            SourceResolver(program: SymbolizerLocator.find(environment: environment), elf: elf, limitSeconds: limitSeconds))
    }

    /// At once, within the time limit.
    package func report(on description: CrashDescription) -> FailureReport {
        resolver.withLock { FailureReport(description, resolver: $0) }
    }

    /// Begins a report; `takeFinished` hands it out under this number.
    package func begin(_ id: Int, _ description: CrashDescription) {
        queue.async(group: underWay) { [self] in
            let report = report(on: description)
            finished.withLock { $0.append((id, report)) }
        }
    }

    /// Reports that are done, each once, oldest first.
    package func takeFinished() -> [(id: Int, report: FailureReport)] {
        finished.withLock { list in
            defer { list = [] }
            return list
        }
    }

    /// Waits until all that were begun are done, though not longer than one of them may take.
    package func wait() {
        _ = underWay.wait(timeout: .now() + limitSeconds + 1)
    }
}
