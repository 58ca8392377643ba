// Notices what an input does to its process besides memory, when it happens: a filter traps the system calls that change such
// state, and the handler carries them out and notes them. Calls that change nothing, or only what lies outside the process,
// are never looked at: the kernel remembers that the filter lets them through.
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzzd_process_changes.h"

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

long fuzzd_read_argument(void *to, long from, size_t bytes) {
    struct iovec here = {.iov_base = to, .iov_len = bytes}, there = {.iov_base = (void *)from, .iov_len = bytes};
    long self = fuzzd_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
    long count = fuzzd_raw_call(SYS_process_vm_readv, self, (long)&here, 1, (long)&there, 1, 0);
    return count == (long)bytes ? 0 : -EFAULT;
}

static long carry_out_for_runner(long number, const long *a, ucontext_t *context) {
    switch (number) {
    case SYS_clone:
    case SYS_clone3:
    case SYS_fork:
    case SYS_vfork: return fuzzd_on_new_task(number, a);
    case SYS_execve:
    case SYS_execveat: fuzzd_on_execute();
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
    case SYS_ioctl: return fuzzd_on_ioctl(number, a);
    case SYS_recvmsg: return fuzzd_on_recvmsg(number, a, context);
    case SYS_recvmmsg: fuzzd_note_change(FUZZD_CHANGE_DESCRIPTORS, number); break;
    case SYS_sigaltstack: return fuzzd_on_sigaltstack(number, a, context);
    case SYS_setitimer: return fuzzd_on_setitimer(number, a);
    case SYS_alarm: return fuzzd_on_alarm(number, a);
    case SYS_timer_create: return fuzzd_on_timer_create(number, a);
    case SYS_timer_settime: return fuzzd_on_timer_settime(number, a);
    case SYS_timer_delete: return fuzzd_on_timer_delete(number, a);
    case SYS_timerfd_settime: return fuzzd_on_timerfd_settime(number, a);
    case SYS_chdir:
    case SYS_fchdir: return fuzzd_on_chdir(number, a);
    case SYS_umask: return fuzzd_on_umask(number, a);
    case SYS_chroot: fuzzd_note_change(FUZZD_CHANGE_FILE_SYSTEM, number); break;
    case SYS_prlimit64:
    case SYS_setrlimit: return fuzzd_on_set_limit(number, a);
    case SYS_prctl: return fuzzd_on_prctl(number, a);
    default: fuzzd_note_change(FUZZD_CHANGE_OTHER, number);
    }
    return FUZZD_CALL_AGAIN;
}

// In a process that an input forked nothing is noted, but the filter holds there too, and needs its signal.
static long carry_out_for_others(long number, const long *a, ucontext_t *context) {
    switch (number) {
    case SYS_execve:
    case SYS_execveat: fuzzd_on_execute();
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

// The limit is the target's own by now; what is kept of the runtime's is above it.
static int remember(void) {
    struct rlimit limit;
    if (fuzzd_raw_call(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)&limit, 0, 0) != 0) {
        return EINVAL;
    }
    struct rlimit wide = limit;
    wide.rlim_cur = wide.rlim_max < FUZZD_MAX_DESCRIPTORS ? wide.rlim_max : FUZZD_MAX_DESCRIPTORS;
    fuzzd_raw_call(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)&wide, 0, 0, 0);
    int (*const remembering[])(void) = {
        fuzzd_remember_signals, fuzzd_remember_processes, fuzzd_remember_places, fuzzd_remember_descriptors};
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof remembering / sizeof remembering[0]; i++) {
        error = remembering[i]();
    }
    long result = fuzzd_raw_call(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)&limit, 0, 0, 0);
    return error == 0 && fuzzd_has_failed(result) ? (int)-result : error;
}

int fuzzd_watch_process_changes(void) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    record->process_id = getpid();
    int error = fuzzd_share_kept_files(&record->kept_files);
    if (error != 0) {
        return error;
    }
    record->break_end = (uint64_t)fuzzd_raw_call(SYS_brk, 0, 0, 0, 0, 0, 0);
    if (fuzzd_has_failed((long)record->break_end)) {
        return ENOMEM;
    }
    record->break_now = record->break_end;
    // On the stack that runs, not on the crash handler's: a crash inside a trapped call has that one to itself. Other
    // signals wait until the call is noted; a fault does not.
    struct sigaction action = {.sa_sigaction = on_trapped_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    static const int faults[] = {SIGSYS, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    sigfillset(&action.sa_mask);
    // glibc leaves its own signals out.
    *(uint64_t *)&action.sa_mask |= 1ull << (FUZZD_PARK_SIGNAL - 1);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        sigdelset(&action.sa_mask, faults[i]);
    }
    if (sigaction(SIGSYS, &action, NULL) != 0) {
        return errno;
    }
    error = remember();
    return error != 0 ? error : fuzzd_install_call_filter();
}

// What is undone first may leave signals pending, and files where they are not; what a part cannot undo it adds to `kinds`.
static void undo_parts(struct fuzzd_process_changes *record, uint32_t parts) {
    static const struct {
        uint32_t part;
        void (*undo)(struct fuzzd_process_changes *record);
    } undoings[] = {
        {FUZZD_UNDO_PROCESSES, fuzzd_undo_processes}, {FUZZD_UNDO_MAPPINGS, fuzzd_undo_mappings},
        {FUZZD_UNDO_BREAK, fuzzd_undo_break},         {FUZZD_UNDO_ATTRIBUTES, fuzzd_undo_attributes},
        {FUZZD_UNDO_DESCRIPTORS, fuzzd_undo_descriptors}, {FUZZD_UNDO_TIMERS, fuzzd_undo_timers},
        {FUZZD_UNDO_PLACES, fuzzd_undo_places},       {FUZZD_UNDO_SIGNALS, fuzzd_undo_signals},
    };
    // No handler of the target runs meanwhile.
    uint64_t all = ~0ull;
    long failed = fuzzd_raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, 8, 0, 0);
    // A timer's or a child's signal comes with the rest.
    parts |= FUZZD_UNDO_SIGNALS;
    for (size_t i = 0; i < sizeof undoings / sizeof undoings[0]; i++) {
        if (parts & undoings[i].part) {
            undoings[i].undo(record);
        }
    }
    failed |= fuzzd_raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&record->signal_mask, 0, 8, 0, 0);
    if (failed != 0) {
        record->kinds |= FUZZD_CHANGE_SIGNALS;
    }
}

uint32_t fuzzd_undo_process_changes(struct fuzzd_process_changes *record) {
    uint32_t parts = record->to_undo;
    // Where signals are blocked at the snapshot, an input may leave one pending without any call that is looked at.
    if (parts != 0 || record->signal_mask != 0) {
        record->lock = 0;
        undo_parts(record, parts);
    }
    if (record->kept_files != NULL) {
        if (fuzzd_undo_files(record->kept_files) != 0) {
            record->kinds |= FUZZD_CHANGE_DESCRIPTORS;
        }
    }
    uint32_t kinds = record->kinds;
    record->kinds = 0;
    record->to_undo = 0;
    record->threads_started = 0;
    record->has_forked = 0;
    return kinds;
}
