// Notices what an input does to its process besides memory, when it happens: a filter traps the system calls that change such
// state, and the handler carries them out and notes them. Calls that change nothing, or only what lies outside the process,
// are never looked at: the kernel remembers that the filter lets them through.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process_changes.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

enum { again_places = 32, again_place_bytes = 8 };

// A system call and a jump to where its caller goes on, for one caller each (raw_call.c).
extern char fuzzd_call_again[] __attribute__((visibility("hidden")));
uint64_t fuzzd_call_again_returns_to[again_places] __attribute__((visibility("hidden")));
struct fuzzd_process_changes *fuzzd_changes;

// A process that an input forked has this handler and the record too; what it does is not the runner's.
static int is_of_runner(void) {
    return !fuzzd_changes->has_forked || fuzzd_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0) == fuzzd_changes->process_id;
}

static void note_new_task(long number, const long *a) {
    uint64_t flags = number == SYS_clone ? (uint64_t)a[0] : number == SYS_clone3 ? *(const uint64_t *)a[0] : 0;
    if (flags & CLONE_THREAD) {
        __atomic_fetch_add(&fuzzd_changes->threads_started, 1, __ATOMIC_RELAXED);
    } else {
        fuzzd_changes->has_forked = 1;
    }
    fuzzd_note_change(FUZZD_CHANGE_THREADS, number);
}

static long carry_out_for_runner(long number, const long *a, ucontext_t *context) {
    switch (number) {
    case SYS_clone:
    case SYS_clone3:
    case SYS_fork:
    case SYS_vfork: note_new_task(number, a); return FUZZD_CALL_AGAIN;
    case SYS_open:
    case SYS_openat:
    case SYS_openat2:
    case SYS_creat:
    case SYS_socket:
    case SYS_eventfd:
    case SYS_eventfd2:
    case SYS_epoll_create:
    case SYS_epoll_create1:
    case SYS_timerfd_create:
    case SYS_signalfd:
    case SYS_signalfd4:
    case SYS_memfd_create:
    case SYS_inotify_init:
    case SYS_inotify_init1:
    case SYS_pidfd_open:
    case SYS_dup: return fuzzd_on_opening(number, a);
    case SYS_accept:
    case SYS_accept4: return fuzzd_on_accept(number, a, context);
    case SYS_close: return fuzzd_on_close(number, a);
    case SYS_close_range: return fuzzd_on_close_range(number, a);
    case SYS_dup2:
    case SYS_dup3: return fuzzd_on_duplicate_to(number, a);
    case SYS_pipe:
    case SYS_pipe2: return fuzzd_on_two_descriptors(number, a, (const int *)a[0]);
    case SYS_socketpair: return fuzzd_on_two_descriptors(number, a, (const int *)a[3]);
    case SYS_fcntl: return fuzzd_on_fcntl(number, a);
    case SYS_mmap: return fuzzd_on_mmap(number, a);
    case SYS_munmap: return fuzzd_on_munmap(number, a);
    case SYS_mremap: return fuzzd_on_mremap(number, a);
    case SYS_mprotect:
    case SYS_pkey_mprotect: return fuzzd_on_mprotect(number, a);
    case SYS_madvise: return fuzzd_on_madvise(number, a);
    case SYS_brk: return fuzzd_on_brk(number, a);
    case SYS_rt_sigaction: return fuzzd_on_sigaction(number, a);
    case SYS_rt_sigprocmask: return fuzzd_on_sigprocmask(a, context);
    case SYS_epoll_ctl:
        if (fuzzd_is_old_descriptor((int)a[0])) {
            fuzzd_note_change(FUZZD_CHANGE_DESCRIPTORS, number);
        }
        return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
    case SYS_sigaltstack: fuzzd_note_change(FUZZD_CHANGE_SIGNALS, number); break;
    case SYS_setitimer:
    case SYS_alarm:
    case SYS_timer_create:
    case SYS_timer_settime:
    case SYS_timer_delete:
    case SYS_timerfd_settime: fuzzd_note_change(FUZZD_CHANGE_TIMERS, number); break;
    case SYS_chdir:
    case SYS_fchdir:
    case SYS_chroot:
    case SYS_umask: fuzzd_note_change(FUZZD_CHANGE_FILE_SYSTEM, number); break;
    default: fuzzd_note_change(FUZZD_CHANGE_OTHER, number);
    }
    return FUZZD_CALL_AGAIN;
}

// In a process that an input forked nothing is noted, but the filter holds there too, and needs its signal.
static long carry_out_for_others(long number, const long *a, ucontext_t *context) {
    switch (number) {
    case SYS_rt_sigprocmask: return fuzzd_on_sigprocmask(a, context);
    case SYS_rt_sigaction:
        if (a[1] != 0 && a[0] == SIGSYS) {
            return 0;
        }
        return FUZZD_CALL_AGAIN;
    default: return FUZZD_CALL_AGAIN;
    }
}

// Sends the thread to where the filter lets it make the call by itself, and from there to where it was trapped. Each caller
// has a place of its own, because it may be on its way there for long.
static int call_again(greg_t *registers, long number) {
    uint64_t caller = (uint64_t)registers[REG_RIP];
    for (int i = 0; i < again_places; i++) {
        uint64_t free = 0;
        __atomic_compare_exchange_n(
            &fuzzd_call_again_returns_to[i], &free, caller, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        if (free == 0 || free == caller) {
            registers[REG_RAX] = number;
            registers[REG_RIP] = (greg_t)(fuzzd_call_again + i * again_place_bytes);
            return 1;
        }
    }
    return 0;
}

static void on_trapped_call(int signal_number, siginfo_t *info, void *opaque) {
    (void)signal_number;
    ucontext_t *context = opaque;
    greg_t *registers = context->uc_mcontext.gregs;
    long number = info->si_syscall;
    const long a[6] = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
                       registers[REG_R10], registers[REG_R8],  registers[REG_R9]};
    long result;
    if (is_of_runner()) {
        __atomic_fetch_add(&fuzzd_changes->trapped_calls, 1, __ATOMIC_RELAXED);
        result = carry_out_for_runner(number, a, context);
    } else {
        result = carry_out_for_others(number, a, context);
    }
    if (result == FUZZD_CALL_AGAIN) {
        if (call_again(registers, number)) {
            return;
        }
        // More callers than places: what starts a thread fails, the rest is done from here.
        fuzzd_note_change(FUZZD_CHANGE_OVERFLOW, number);
        int starts_task = number == SYS_clone || number == SYS_clone3 || number == SYS_fork || number == SYS_vfork;
        result = starts_task ? -EAGAIN : fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    registers[REG_RAX] = result;
}

void fuzzd_note_process_changes_in(struct fuzzd_process_changes *record) { fuzzd_changes = record; }

int fuzzd_watch_process_changes(void) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    record->process_id = getpid();
    record->break_end = (uint64_t)fuzzd_raw_call(SYS_brk, 0, 0, 0, 0, 0, 0);
    // On the stack that runs, not on the crash handler's: a crash inside a trapped call has that one to itself. Other
    // signals wait until the call is noted; a fault does not.
    struct sigaction action = {.sa_sigaction = on_trapped_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    static const int faults[] = {SIGSYS, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        sigdelset(&action.sa_mask, faults[i]);
    }
    if (sigaction(SIGSYS, &action, NULL) != 0) {
        return errno;
    }
    int error = fuzzd_remember_signals();
    if (error == 0) {
        error = fuzzd_remember_descriptors();
    }
    return error != 0 ? error : fuzzd_install_call_filter();
}

uint32_t fuzzd_undo_process_changes(struct fuzzd_process_changes *record) {
    uint32_t parts = record->to_undo;
    record->lock = 0;
    if (parts & FUZZD_UNDO_MAPPINGS) {
        fuzzd_undo_mappings(record);
    }
    if (parts & FUZZD_UNDO_BREAK) {
        fuzzd_undo_break(record);
    }
    if (parts & FUZZD_UNDO_DESCRIPTORS) {
        fuzzd_undo_descriptors(record);
    }
    if (parts & FUZZD_UNDO_SIGNAL_MASK) {
        fuzzd_undo_signals(record);
    }
    uint32_t kinds = record->kinds;
    record->kinds = 0;
    record->to_undo = 0;
    record->threads_started = 0;
    record->has_forked = 0;
    return kinds;
}
