// Signals: handlers, masks, the alternate stack that an input changes, and what is pending at its end.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>

#include "fuzzd_process_changes.h"

// Whoever took these away would end the process at its next trapped call, or keep a thread from being parked.
static int is_of_runtime(long signal_number) { return signal_number == SIGSYS || signal_number == FUZZD_PARK_SIGNAL; }
static uint64_t masks_of_runtime(void) { return 1ull << (SIGSYS - 1) | 1ull << (FUZZD_PARK_SIGNAL - 1); }

long fuzzd_on_sigaction(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    if (a[1] != 0 && is_of_runtime(a[0])) {
        return 0;
    }
    if (a[1] != 0 && a[0] > 0 && a[0] <= 64) {
        struct fuzzd_signal_action action;
        long result = fuzzd_raw_call(number, a[0], 0, (long)&action, 8, 0, 0);
        fuzzd_lock_changes();
        if (!fuzzd_has_failed(result) && (record->changed_actions >> (a[0] - 1) & 1) == 0) {
            record->actions[a[0]] = action;
            record->changed_actions |= 1ull << (a[0] - 1);
        }
        fuzzd_unlock_changes();
        fuzzd_note_to_undo(FUZZD_UNDO_SIGNALS);
        if (fuzzd_has_failed(result)) {
            fuzzd_note_change(FUZZD_CHANGE_SIGNALS, number);
        }
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

// The mask that counts is the one that the return from the handler puts back; glibc's has the kernel's 8 bytes first.
long fuzzd_on_sigprocmask(const long *a, ucontext_t *context) {
    uint64_t *mask = (uint64_t *)&context->uc_sigmask;
    // The kernel looks at the pointers; what it does to the handler's own mask ends with the handler.
    long result = fuzzd_raw_call(SYS_rt_sigprocmask, SIG_BLOCK, a[1], a[2], a[3], 0, 0);
    if (fuzzd_has_failed(result)) {
        return result;
    }
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
    fuzzd_note_to_undo(FUZZD_UNDO_SIGNALS);
    return 0;
}

// The return from the handler puts the alternate stack back to what it was when the handler started, which is kept beside the
// registers.
long fuzzd_on_sigaltstack(long number, const long *a, ucontext_t *context) {
    long result = fuzzd_raw_call(number, a[0], a[1], 0, 0, 0, 0);
    if (result == 0 && a[0] != 0) {
        context->uc_stack = *(const stack_t *)a[0];
        fuzzd_note_to_undo(FUZZD_UNDO_SIGNALS);
    }
    return result;
}

int fuzzd_remember_signals(void) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    _Static_assert(sizeof record->alternate_stack == sizeof(stack_t), "as the kernel has it");
    uint64_t of_runtime = masks_of_runtime();
    const long results[] = {
        fuzzd_raw_call(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&of_runtime, 0, 8, 0, 0),
        fuzzd_raw_call(SYS_rt_sigprocmask, SIG_SETMASK, 0, (long)&record->signal_mask, 8, 0, 0),
        fuzzd_raw_call(SYS_rt_sigpending, (long)&record->pending_signals, 8, 0, 0, 0, 0),
        fuzzd_raw_call(SYS_sigaltstack, 0, (long)&record->alternate_stack, 0, 0, 0, 0),
    };
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (fuzzd_has_failed(results[i])) {
            return (int)-results[i];
        }
    }
    return 0;
}

// Takes what an input left pending: it would come to the next one, or to the runtime, once it is no longer blocked.
static void take_pending(struct fuzzd_process_changes *record) {
    for (int turns = 0; turns < 1024; turns++) {
        uint64_t pending = 0;
        struct timespec at_once = {0, 0};
        if (fuzzd_has_failed(fuzzd_raw_call(SYS_rt_sigpending, (long)&pending, 8, 0, 0, 0, 0))) {
            break;
        }
        pending &= ~record->pending_signals & ~masks_of_runtime();
        if (pending == 0) {
            return;
        }
        long taken = fuzzd_raw_call(SYS_rt_sigtimedwait, (long)&pending, 0, (long)&at_once, 8, 0, 0);
        if (fuzzd_has_failed(taken) && taken != -EINTR) {
            break;
        }
    }
    record->kinds |= FUZZD_CHANGE_SIGNALS;
}

void fuzzd_undo_signals(struct fuzzd_process_changes *record) {
    for (uint64_t rest = record->changed_actions; rest != 0; rest &= rest - 1) {
        int signal_number = __builtin_ctzll(rest) + 1;
        long result = fuzzd_raw_call(
            SYS_rt_sigaction, signal_number, (long)&record->actions[signal_number], 0, 8, 0, 0);
        if (fuzzd_has_failed(result)) {
            record->kinds |= FUZZD_CHANGE_SIGNALS;
        }
    }
    record->changed_actions = 0;
    if (fuzzd_has_failed(fuzzd_raw_call(SYS_sigaltstack, (long)&record->alternate_stack, 0, 0, 0, 0, 0))) {
        record->kinds |= FUZZD_CHANGE_SIGNALS;
    }
    take_pending(record);
}
