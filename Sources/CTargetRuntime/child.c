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
    if (fuzzd_has_child_signal) {
        fuzzd_give_child_signal_back();
    }
}

void fuzzd_end_child(void) {
    for (;;) {
        system_call(SYS_exit_group, 0, 0);
    }
}

static struct fuzzd_live *live_of_inputs;
static void (*end_handler)(void);

void fuzzd_set_end_handler(void (*handler)(void)) { end_handler = handler; }

void fuzzd_set_live(struct fuzzd_live *live) { live_of_inputs = live; }

void fuzzd_finish_input(int result) {
    fuzzd_end_allocations();
    fuzzd_flush_output();
    live_of_inputs->harness_result = result;
    live_of_inputs->has_completed = 1;
    if (end_handler != NULL) {
        end_handler();
    }
}

void fuzzd_leave_to_fork(void) { live_of_inputs->child_outcome = FUZZD_OUTCOME_LEFT_TO_FORK; }

void fuzzd_end_input(void) {
    fuzzd_finish_input(0);
    fuzzd_end_child();
}

static void return_at_once(void) {}

const void *fuzzd_end_of_input_routine(int ends_child) {
    return ends_child ? (const void *)fuzzd_end_input : (const void *)return_at_once;
}

void fuzzd_copy(void *to, const void *from, size_t bytes) {
#if defined(__x86_64__)
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
#else
    volatile uint8_t *target = to;
    const volatile uint8_t *source = from;
    for (size_t i = 0; i < bytes; i++) {
        target[i] = source[i];
    }
#endif
}

int fuzzd_differs(const uint8_t *left, const uint8_t *right, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return 1;
        }
    }
    return 0;
}

int fuzzd_restore_default(int signal_number) { return signal(signal_number, SIG_DFL) == SIG_ERR ? -1 : 0; }

void fuzzd_fill(void *memory, uint8_t byte, size_t bytes) {
#if defined(__x86_64__)
    __asm__ volatile("rep stosb" : "+D"(memory), "+c"(bytes) : "a"(byte) : "memory");
#else
    volatile uint8_t *target = memory;
    for (size_t i = 0; i < bytes; i++) {
        target[i] = byte;
    }
#endif
}

void fuzzd_zero(void *memory, size_t bytes) { fuzzd_fill(memory, 0, bytes); }

// In memory that a child has inherited: the linker's table of addresses costs it a page fault.
static FILE **volatile stdout_place = &stdout;

void fuzzd_flush_output(void) {
#if defined(__GLIBC__)
    // What stdio's macros used to do: a look at the stream instead of a walk over all streams under a lock.
    const FILE *stream = *stdout_place;
    if (stream->_IO_write_ptr == stream->_IO_write_base) {
        return;
    }
#endif
    fflush(stdout);
}
