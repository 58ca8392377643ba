// Processes that an input forked, and the limits and the name of the runner itself.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fuzzd_target.h"
#include "fuzzd_process_changes.h"

// A runner adopts what its inputs leave behind, so that it can end it.
int fuzzd_remember_processes(void) {
    long result = fuzzd_raw_call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0, 0);
    if (fuzzd_has_failed(result)) {
        return (int)-result;
    }
    long none = fuzzd_raw_call(SYS_waitid, P_ALL, 0, 0, WEXITED | WNOHANG | WNOWAIT | __WALL, 0, 0);
    fuzzd_changes->has_children = none != -ECHILD;
    return 0;
}

long fuzzd_on_new_task(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    uint64_t flags = number == SYS_clone ? (uint64_t)a[0] : 0;
    if (number == SYS_clone3 && fuzzd_read_argument(&flags, a[0], sizeof flags) != 0) {
        return -EFAULT;
    }
    if (flags & CLONE_THREAD) {
        __atomic_fetch_add(&record->threads_started, 1, __ATOMIC_RELAXED);
        return FUZZD_CALL_AGAIN;
    }
    record->has_forked = 1;
    fuzzd_note_to_undo(FUZZD_UNDO_PROCESSES);
    // Its children cannot be told from those that were there, or are not its own.
    if (record->has_children || (flags & CLONE_PARENT) != 0) {
        fuzzd_note_change(FUZZD_CHANGE_THREADS, number);
    }
    return FUZZD_CALL_AGAIN;
}

// Kills the children that the kernel lists in the file; returns how many.
static int kill_listed(const char *path) {
    char text[2048];
    long descriptor = fuzzd_raw_call(SYS_open, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);
    if (fuzzd_has_failed(descriptor)) {
        return 0;
    }
    long length = fuzzd_raw_call(SYS_read, descriptor, (long)text, sizeof text - 1, 0, 0, 0);
    if (fuzzd_has_failed(fuzzd_raw_call(SYS_close, descriptor, 0, 0, 0, 0, 0))) {
        return 0;
    }
    int killed = 0;
    text[length > 0 ? length : 0] = 0;
    for (char *cursor = text, *rest;; cursor = rest) {
        long process = strtol(cursor, &rest, 10);
        // A number that the buffer's end may have cut is seen whole the next time.
        if (rest == cursor || *rest == 0) {
            return killed;
        }
        long result = fuzzd_raw_call(SYS_kill, process, SIGKILL, 0, 0, 0, 0);
        if (result != 0 && result != -ESRCH) {
            // It would be waited for in vain.
            return 0;
        }
        killed++;
    }
}

// A thread's children are listed with it; where another thread than the first forked, its file is not read, and the runner
// is replaced: then there is a child to wait for and nobody to kill.
void fuzzd_undo_processes(struct fuzzd_process_changes *record) {
    if (record->has_children) {
        return;
    }
    for (int turns = 0; turns < 4096; turns++) {
        long reaped = fuzzd_raw_call(SYS_wait4, -1, 0, WNOHANG | __WALL, 0, 0, 0);
        if (reaped == -ECHILD) {
            return;
        }
        if (reaped > 0) {
            continue;
        }
        if (kill_listed("/proc/thread-self/children") == 0) {
            break;
        }
        fuzzd_raw_call(SYS_wait4, -1, 0, __WALL, 0, 0, 0);
    }
    record->kinds |= FUZZD_CHANGE_THREADS;
}

// A program that an input starts would meet the filter without its handler, and die of it. Fork is the reference: the input
// is run again by a fork of the machine parent, which has no filter.
long fuzzd_on_execute(void) {
    fuzzd_leave_to_fork();
    fuzzd_raw_call(SYS_kill, fuzzd_changes->process_id, SIGKILL, 0, 0, 0, 0);
    for (;;) {
        fuzzd_raw_call(SYS_exit_group, 0, 0, 0, 0, 0, 0);
    }
}

// prlimit64(2) or setrlimit(2) of this process.
long fuzzd_on_set_limit(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    int is_own = number == SYS_setrlimit || a[0] == 0 || a[0] == record->process_id;
    long resource = number == SYS_setrlimit ? a[0] : a[1];
    int changes = number == SYS_setrlimit ? a[1] != 0 : a[2] != 0;
    if (changes && !is_own) {
        fuzzd_note_change(FUZZD_CHANGE_OTHER, number);
    } else if (changes && resource >= 0 && resource < 16) {
        uint64_t limits[2];
        long result = fuzzd_raw_call(SYS_prlimit64, 0, resource, 0, (long)limits, 0, 0);
        fuzzd_lock_changes();
        if (result == 0 && (record->changed_limits >> resource & 1) == 0) {
            record->limits[resource][0] = limits[0];
            record->limits[resource][1] = limits[1];
            record->changed_limits |= 1u << resource;
        }
        fuzzd_unlock_changes();
        fuzzd_note_to_undo(FUZZD_UNDO_ATTRIBUTES);
        if (result != 0) {
            fuzzd_note_change(FUZZD_CHANGE_OTHER, number);
        }
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

static int is_of_first_thread(void) {
    return fuzzd_raw_call(SYS_gettid, 0, 0, 0, 0, 0, 0) == fuzzd_changes->process_id;
}

long fuzzd_on_prctl(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    switch (a[0]) {
    case PR_GET_PDEATHSIG:
    case PR_GET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_GET_TIMING:
    case PR_GET_NAME:
    case PR_GET_SECCOMP:
    case PR_CAPBSET_READ:
    case PR_GET_TSC:
    case PR_GET_SECUREBITS:
    case PR_GET_TIMERSLACK:
    case PR_GET_CHILD_SUBREAPER:
    case PR_GET_NO_NEW_PRIVS:
    case PR_GET_THP_DISABLE:
    case 0x53564d41: // PR_SET_VMA: the name of a mapping
        break;
    case PR_SET_NAME:
        // Other threads' names are theirs; those of new ones go with them.
        if (is_of_first_thread()) {
            if (!record->is_name_changed) {
                fuzzd_raw_call(SYS_prctl, PR_GET_NAME, (long)record->name, 0, 0, 0, 0);
                record->is_name_changed = 1;
            }
            fuzzd_note_to_undo(FUZZD_UNDO_ATTRIBUTES);
        }
        break;
    default: fuzzd_note_change(FUZZD_CHANGE_OTHER, number);
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], 0);
}

void fuzzd_undo_attributes(struct fuzzd_process_changes *record) {
    long failed = 0;
    for (uint32_t rest = record->changed_limits; rest != 0; rest &= rest - 1) {
        int resource = __builtin_ctz(rest);
        // A lower hard limit cannot be raised again without privileges.
        failed |= fuzzd_raw_call(SYS_prlimit64, 0, resource, (long)record->limits[resource], 0, 0, 0);
    }
    record->changed_limits = 0;
    if (record->is_name_changed) {
        failed |= fuzzd_raw_call(SYS_prctl, PR_SET_NAME, (long)record->name, 0, 0, 0, 0);
        record->is_name_changed = 0;
    }
    if (failed != 0) {
        record->kinds |= FUZZD_CHANGE_OTHER;
    }
}
