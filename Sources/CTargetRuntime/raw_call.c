#include "fuzzd_raw_call.h"

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl fuzzd_raw_call, fuzzd_raw_call_start, fuzzd_raw_call_end\n"
        ".hidden fuzzd_raw_call, fuzzd_raw_call_start, fuzzd_raw_call_end\n"
        ".type fuzzd_raw_call, @function\n"
        "fuzzd_raw_call:\n"
        ".cfi_startproc\n"
        "  mov %rdi, %rax\n"
        "  mov %rsi, %rdi\n"
        "  mov %rdx, %rsi\n"
        "  mov %rcx, %rdx\n"
        "  mov %r8, %r10\n"
        "  mov %r9, %r8\n"
        "  mov 8(%rsp), %r9\n"
        "fuzzd_raw_call_start:\n"
        "  syscall\n"
        "  ret\n"
        ".cfi_endproc\n"
        // A call that starts a thread cannot be made for its caller: it is made again, in the caller's own registers, by
        // going back to here instead of to the place where it was trapped.
        ".globl fuzzd_call_again\n"
        ".hidden fuzzd_call_again\n"
        ".type fuzzd_call_again, @function\n"
        "fuzzd_call_again:\n"
        ".cfi_startproc\n"
        "  syscall\n"
        "  jmp *fuzzd_call_again_returns_to(%rip)\n"
        ".cfi_endproc\n"
        "fuzzd_raw_call_end:\n"
        ".size fuzzd_call_again, . - fuzzd_call_again\n");
#else
#error "no system call sequence known for this architecture"
#endif
