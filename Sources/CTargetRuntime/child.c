// The first and last system calls of a child, made here and not through libc. A forked child has no page table
// entry for code: every stretch of text that it enters anew, the linker's stubs included, costs a page fault,
// which is several times what the system call itself costs.
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "fuzzd_target.h"

#if defined(__x86_64__)
static inline long system_call(long number, long first, long second) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
static inline long system_call(long number, long first, long second) {
    register long call __asm__("x8") = number;
    register long result __asm__("x0") = first;
    register long argument __asm__("x1") = second;
    __asm__ volatile("svc 0" : "+r"(result) : "r"(call), "r"(argument) : "memory");
    return result;
}
#else
#error "no system call sequence known for this architecture"
#endif

void fuzzd_begin_child(pid_t parent) {
    system_call(SYS_setpgid, 0, 0);
    system_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    // The parent died before the line above: nobody would end this child.
    if ((pid_t)system_call(SYS_getppid, 0, 0) != parent) {
        fuzzd_end_child();
    }
}

void fuzzd_end_child(void) {
    for (;;) {
        system_call(SYS_exit_group, 0, 0);
    }
}

void fuzzd_flush_output(void) {
#if defined(__GLIBC__)
    // What stdio's macros used to do: a look at the stream instead of a walk over all streams under a lock.
    if (stdout->_IO_write_ptr == stdout->_IO_write_base) {
        return;
    }
#endif
    fflush(stdout);
}
