// Signal handlers and masks that an input changes.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>

#include "process_changes.h"

// Whoever took these away would end the process at its next trapped call, or keep a thread from being parked.
static int is_of_runtime(long signal_number) { return signal_number == SIGSYS || signal_number == FUZZD_PARK_SIGNAL; }
static uint64_t masks_of_runtime(void) { return 1ull << (SIGSYS - 1) | 1ull << (FUZZD_PARK_SIGNAL - 1); }

long fuzzd_on_sigaction(long number, const long *a) {
    if (a[1] == 0) {
        return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
    }
    if (is_of_runtime(a[0])) {
        return 0;
    }
    fuzzd_note_change(FUZZD_CHANGE_SIGNALS, number);
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

// The mask that counts is the one that the return from the handler puts back; glibc's has the kernel's 8 bytes first.
long fuzzd_on_sigprocmask(const long *a, ucontext_t *context) {
    uint64_t *mask = (uint64_t *)&context->uc_sigmask;
    uint64_t wanted = a[1] != 0 ? *(const uint64_t *)a[1] : 0;
    if (a[2] != 0) {
        *(uint64_t *)a[2] = *mask;
    }
    if (a[1] == 0) {
        return 0;
    }
    switch (a[0]) {
    case SIG_BLOCK: *mask |= wanted; break;
    case SIG_UNBLOCK: *mask &= ~wanted; break;
    case SIG_SETMASK: *mask = wanted; break;
    default: return -EINVAL;
    }
    *mask &= ~masks_of_runtime();
    fuzzd_note_to_undo(FUZZD_UNDO_SIGNAL_MASK);
    return 0;
}

int fuzzd_remember_signals(void) {
    uint64_t of_runtime = masks_of_runtime();
    fuzzd_raw_call(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&of_runtime, 0, 8, 0, 0);
    fuzzd_raw_call(SYS_rt_sigprocmask, SIG_SETMASK, 0, (long)&fuzzd_changes->signal_mask, 8, 0, 0);
    return 0;
}

void fuzzd_undo_signals(struct fuzzd_process_changes *record) {
    fuzzd_raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&record->signal_mask, 0, 8, 0, 0);
}
