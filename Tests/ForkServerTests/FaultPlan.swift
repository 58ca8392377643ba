import ForkServer
import Glibc
import Testing

/// Asks a target for a fault at a chosen step of its runtime (`fuzzd_faults.h`): the process is killed there, or the kernel
/// seems to refuse the step.
final class FaultPlan {
    enum Phase: UInt32 {
        case pristine = 1, snapshot, reset, aheadStart, ahead, waiting, sample
    }

    let path: String
    private let words: UnsafeMutablePointer<UInt32>
    private enum Word {
        static let wantedPhase = 0, wantedStep = 1, error = 2, hasHappened = 3, call = 4, phase = 5, counts = 7, begun = 15
    }

    init() throws {
        var template = Array("/tmp/fuzzd-faults-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try #require(ftruncate(descriptor, 4096) == 0)
        let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        close(descriptor)
        words = try #require(memory == MAP_FAILED ? nil : memory).assumingMemoryBound(to: UInt32.self)
        words[Word.hasHappened] = 1
    }

    deinit {
        munmap(words, 4096)
        unlink(path)
    }

    /// `error` 0: the process is killed.
    func ask(_ phase: Phase, step: Int, error: Int32) {
        words[Word.wantedPhase] = phase.rawValue
        words[Word.wantedStep] = UInt32(step)
        words[Word.error] = UInt32(error)
        words[Word.hasHappened] = 0
    }

    func askForNone() { words[Word.hasHappened] = 1 }

    var hasHappened: Bool { volatile(Word.hasHappened) != 0 }
    /// Number of the system call that failed.
    var call: UInt32 { words[Word.call] }

    func begun(_ phase: Phase) -> UInt32 { volatile(Word.begun + Int(phase.rawValue)) }

    /// Waits until the runtime is in no phase and has begun another run through this one.
    func wait(for phase: Phase, after begun: UInt32) throws {
        for _ in 0..<200_000 {
            if self.begun(phase) != begun, volatile(Word.phase) == 0 { return }
            usleep(100)
        }
        throw NeverCame()
    }

    private struct NeverCame: Error {}

    private func volatile(_ word: Int) -> UInt32 {
        // Another process writes it.
        withExtendedLifetime(self) { Volatile.read(words + word) }
    }
}

private enum Volatile {
    @inline(never)
    @_optimize(none)
    static func read(_ word: UnsafeMutablePointer<UInt32>) -> UInt32 { word.pointee }
}

extension TargetSession {
    /// A target whose every reset is compared with the snapshot.
    static func verified(
        _ plan: FaultPlan, _ adjust: (inout TargetConfiguration) -> Void = { _ in }
    ) throws -> TargetSession {
        try TargetSession {
            $0.strategy = .snapshot
            $0.verifiesResetEvery = 1
            $0.environment["FUZZD_FAULTS"] = plan.path
            adjust(&$0)
        }
    }

    /// Runs an input that passes, and waits until what comes after it is over.
    func runAndReset(_ text: String, _ plan: FaultPlan) throws -> Result {
        let begun = plan.begun(.reset)
        let result = try run(text)
        try plan.wait(for: .reset, after: begun)
        return result
    }
}
