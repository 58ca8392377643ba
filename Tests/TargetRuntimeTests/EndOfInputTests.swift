import CForkServerABI
import CTargetRuntime
import Glibc
import TargetRuntime
import Testing

/// Functions of the test program that stand for one that resets.
private typealias Routine = @convention(c) () -> Void

/// Set by the routines, so that the compiler cannot do without them.
nonisolated(unsafe) private var resets = 0

/// Calls through libc, at the routine's own address: the optimiser cannot put its body in the call's place.
private func call(_ routine: Routine) {
    var once = pthread_once_t()
    pthread_once(&once, routine)
}

/// The link-time address of a routine, as a symbol table has it.
private func symbol(of routine: Routine) -> UInt64 {
    UInt64(UInt(bitPattern: unsafeBitCast(routine, to: UnsafeRawPointer.self))) &- fuzzd_program_bias()
}

/// Each in a process of its own, whose code is changed.
@Suite("The function that ends an input") struct EndOfInputTests {
    @Test func underForkItEndsTheChild() async {
        await #expect(processExitsWith: .success) {
            let reset: Routine = { resets += 1 }
            let live = UnsafeMutablePointer<fuzzd_live>.allocate(capacity: 1)
            live.initialize(to: fuzzd_live())
            fuzzd_set_live(live)
            guard (try? EndOfInput.patch(symbol: symbol(of: reset), strategy: FUZZD_STRATEGY_FORK.rawValue)) != nil else {
                _exit(1)
            }
            call(reset)
            _exit(2)
        }
    }

    @Test func underNoneItDoesNothing() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let reset: Routine = { resets += 1 }
            guard (try? EndOfInput.patch(symbol: symbol(of: reset), strategy: FUZZD_STRATEGY_NONE.rawValue)) != nil else {
                _exit(1)
            }
            call(reset)
            _exit(resets == 0 ? 7 : 2)
        }
    }

    @Test func underRebootAndWithoutASymbolItStaysWhatItIs() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let reset: Routine = { resets += 1 }
            guard (try? EndOfInput.patch(symbol: symbol(of: reset), strategy: FUZZD_STRATEGY_REBOOT.rawValue)) != nil,
                (try? EndOfInput.patch(symbol: 0, strategy: FUZZD_STRATEGY_FORK.rawValue)) != nil
            else { _exit(1) }
            call(reset)
            _exit(resets == 1 ? 7 : 2)
        }
    }

    @Test func anAddressWithoutCodeIsAnError() {
        // The second page is never mapped.
        let symbol = 4096 + 64 &- fuzzd_program_bias()
        let error = #expect(throws: RuntimeError.self) {
            try EndOfInput.patch(symbol: symbol, strategy: FUZZD_STRATEGY_NONE.rawValue)
        }
        #expect(error?.step == FUZZD_STEP_END_OF_INPUT && error?.detail == UInt32(ENOMEM))
    }
}
