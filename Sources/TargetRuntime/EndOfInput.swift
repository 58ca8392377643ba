import CForkServerABI
import CTargetRuntime

/// Changes a function of the target that does nothing but reset: under `fork` it ends the child, under `none` it does
/// nothing, under `reboot` it stays what it is. QEMU's `fuzz_reset` waits for a thread that a child does not have.
package enum EndOfInput {
    #if arch(x86_64)
        private static var codeBytes: Int { 12 }
    #else
        private static var codeBytes: Int { 16 }
    #endif

    /// Writes a jump over the function's first instructions. `symbol` is its link-time address; 0 does nothing.
    package static func patch(symbol: UInt64, strategy: UInt32) throws(RuntimeError) {
        guard symbol != 0, strategy != UInt32(FUZZD_STRATEGY_REBOOT.rawValue) else { return }
        let address = UInt(fuzzd_program_bias() &+ symbol)
        let page = UInt(FUZZD_PAGE_BYTES)
        let first = address & ~(page - 1)
        let bytes = roundedUpToPage(Int(address - first) + codeBytes)
        let routine = fuzzd_end_of_input_routine(strategy == UInt32(FUZZD_STRATEGY_FORK.rawValue) ? 1 : 0)
        var jump: (UInt64, UInt64) = (0, 0)
        let isWritten = withUnsafeMutableBytes(of: &jump) {
            guard let code = $0.baseAddress else { return false }
            writeJump(at: code, to: routine)
            return fuzzd_write_code(address, code, codeBytes) == 0
        }
        if isWritten { return }
        // Where /proc may not be written to.
        guard let code = UnsafeMutableRawPointer(bitPattern: address),
            let start = UnsafeMutableRawPointer(bitPattern: first),
            mprotect(start, bytes, PROT_READ | PROT_WRITE | PROT_EXEC) == 0
        else { throw .failed(FUZZD_STEP_END_OF_INPUT, errno: fuzzd_errno()) }
        writeJump(at: code, to: routine)
        guard mprotect(start, bytes, PROT_READ | PROT_EXEC) == 0 else {
            throw .failed(FUZZD_STEP_END_OF_INPUT, errno: fuzzd_errno())
        }
    }

    private static func writeJump(at code: UnsafeMutableRawPointer, to routine: UnsafeRawPointer?) {
        let target = UInt64(UInt(bitPattern: routine))
        #if arch(x86_64)
            // movabs rax, target; jmp rax
            code.storeBytes(of: 0xB848, as: UInt16.self)
            withUnsafeBytes(of: target) { fuzzd_copy(code.advanced(by: 2), $0.baseAddress, 8) }
            withUnsafeBytes(of: UInt16(0xE0FF)) { fuzzd_copy(code.advanced(by: 10), $0.baseAddress, 2) }
        #else
            // ldr x16, the word behind the branch; br x16
            code.storeBytes(of: 0x5800_0050, as: UInt32.self)
            code.advanced(by: 4).storeBytes(of: 0xD61F_0200, as: UInt32.self)
            code.advanced(by: 8).storeBytes(of: target, as: UInt64.self)
            fuzzd_flush_code(code, codeBytes)
        #endif
    }
}
