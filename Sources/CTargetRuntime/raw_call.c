#include "fuzzd_raw_call.h"

#if defined(__x86_64__)
// Eight bytes each, with the place in the table where their caller goes on.
#define PLACE(offset) "  syscall\n  jmp *fuzzd_call_again_returns_to+" offset "(%rip)\n"
#define EIGHT_PLACES(offset)                                                                                           \
    PLACE(offset) PLACE(offset "+8") PLACE(offset "+16") PLACE(offset "+24") PLACE(offset "+32") PLACE(offset "+40")   \
    PLACE(offset "+48") PLACE(offset "+56")
__asm__(".text\n"
        ".globl fuzzd_raw_call, fuzzd_unfailing_call, fuzzd_raw_call_start, fuzzd_raw_call_end\n"
        ".hidden fuzzd_raw_call, fuzzd_unfailing_call, fuzzd_raw_call_start, fuzzd_raw_call_end\n"
        ".type fuzzd_raw_call, @function\n"
        ".type fuzzd_unfailing_call, @function\n"
        ".hidden fuzzd_faults, fuzzd_faulty_call\n"
        "fuzzd_raw_call:\n"
        ".cfi_startproc\n"
        "  cmpq $0, fuzzd_faults(%rip)\n"
        "  jne fuzzd_faulty_call\n"
        "fuzzd_unfailing_call:\n"
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
        // A call that starts a thread or may wait cannot be made for its caller: it is made again, in the caller's own
        // registers, by going back to one of these places instead of to the one where it was trapped.
        ".globl fuzzd_call_again\n"
        ".hidden fuzzd_call_again\n"
        ".type fuzzd_call_again, @function\n"
        "fuzzd_call_again:\n"
        ".cfi_startproc\n" EIGHT_PLACES("0") EIGHT_PLACES("64") EIGHT_PLACES("128") EIGHT_PLACES("192")
        ".cfi_endproc\n"
        "fuzzd_raw_call_end:\n"
        ".size fuzzd_call_again, . - fuzzd_call_again\n");
#else
#error "no system call sequence known for this architecture"
#endif
