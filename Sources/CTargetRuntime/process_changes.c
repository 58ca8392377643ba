// Notices what an input does to its process besides memory, when it happens: a seccomp(2) filter traps the system calls
// that change such state, and the handler carries them out and notes them. Calls that change nothing, or only what lies
// outside the process, are never looked at: the kernel remembers that the filter lets them through.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_snapshot.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

void fuzzd_call_again(void);
uint64_t fuzzd_call_again_returns_to __attribute__((visibility("hidden")));
static struct fuzzd_process_changes *changes;

static const int harmless_calls[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_preadv2,
    SYS_pwritev2, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6, SYS_epoll_wait, SYS_epoll_pwait, SYS_futex,
    SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_time, SYS_times,
    SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgrp, SYS_getpgid, SYS_getsid, SYS_getuid, SYS_geteuid, SYS_getgid,
    SYS_getegid, SYS_sched_yield, SYS_sched_getaffinity, SYS_getcpu, SYS_fstat, SYS_stat, SYS_lstat, SYS_newfstatat,
    SYS_statx, SYS_statfs, SYS_fstatfs, SYS_access, SYS_faccessat, SYS_getcwd, SYS_readlink, SYS_readlinkat,
    SYS_getdents64, SYS_ioctl, SYS_getrandom, SYS_uname, SYS_sysinfo, SYS_getrusage, SYS_getrlimit, SYS_rt_sigreturn,
    SYS_rt_sigpending, SYS_exit, SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill, SYS_wait4, SYS_waitid, SYS_fsync,
    SYS_fdatasync, SYS_ftruncate, SYS_fallocate, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_mincore,
    SYS_msync, SYS_membarrier, SYS_restart_syscall, SYS_execve, SYS_unlink, SYS_rename, SYS_mkdir, SYS_rmdir,
    SYS_rt_sigtimedwait, SYS_rt_sigsuspend, SYS_pause,
};

// Calls that end with a new descriptor as their result.
static const int opening_calls[] = {
    SYS_open, SYS_openat, SYS_creat, SYS_socket, SYS_accept, SYS_accept4, SYS_eventfd, SYS_eventfd2, SYS_epoll_create,
    SYS_epoll_create1, SYS_timerfd_create, SYS_signalfd, SYS_signalfd4, SYS_memfd_create, SYS_inotify_init1, SYS_dup,
};

static int is_among(long number, const int *calls, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (calls[i] == number) {
            return 1;
        }
    }
    return 0;
}

static void note(enum fuzzd_change kind, long number) {
    changes->kinds |= kind;
    changes->last_call_number = (uint32_t)number;
}

// Descriptors.

static int *new_descriptor(int descriptor) {
    for (uint32_t i = 0; i < changes->new_descriptor_count; i++) {
        if (changes->new_descriptors[i] == descriptor) {
            return &changes->new_descriptors[i];
        }
    }
    return NULL;
}

static void note_descriptor(long descriptor) {
    if (descriptor < 0 || new_descriptor((int)descriptor) != NULL) {
        return;
    }
    if (changes->new_descriptor_count == FUZZD_MAX_NEW_DESCRIPTORS) {
        changes->kinds |= FUZZD_CHANGE_OVERFLOW;
        return;
    }
    changes->new_descriptors[changes->new_descriptor_count++] = (int32_t)descriptor;
}

static long on_close(long number, const long *arguments) {
    int *noted = new_descriptor((int)arguments[0]);
    long result = fuzzd_raw_call(number, arguments[0], 0, 0, 0, 0, 0);
    if (noted != NULL) {
        *noted = changes->new_descriptors[--changes->new_descriptor_count];
    } else if (result == 0) {
        note(FUZZD_CHANGE_DESCRIPTORS, number);
    }
    return result;
}

static long on_duplicate_to(long number, const long *arguments) {
    int existed = fuzzd_raw_call(SYS_fcntl, arguments[1], F_GETFD, 0, 0, 0, 0) >= 0;
    long result = fuzzd_raw_call(number, arguments[0], arguments[1], arguments[2], 0, 0, 0);
    if (result >= 0 && existed && new_descriptor((int)result) == NULL) {
        note(FUZZD_CHANGE_DESCRIPTORS, number);
    } else {
        note_descriptor(result);
    }
    return result;
}

static long on_two_descriptors(long number, const long *arguments, const int *pair) {
    long result = fuzzd_raw_call(number, arguments[0], arguments[1], arguments[2], arguments[3], 0, 0);
    if (result == 0) {
        note_descriptor(pair[0]);
        note_descriptor(pair[1]);
    }
    return result;
}

static long on_fcntl(long number, const long *arguments) {
    long result = fuzzd_raw_call(number, arguments[0], arguments[1], arguments[2], 0, 0, 0);
    switch (arguments[1]) {
    case F_GETFD:
    case F_GETFL:
    case F_GETLK:
        break;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        note_descriptor(result);
        break;
    default:
        if (new_descriptor((int)arguments[0]) == NULL) {
            note(FUZZD_CHANGE_DESCRIPTORS, number);
        }
    }
    return result;
}

// Mappings.

static int is_new_memory(uint64_t start, uint64_t bytes) {
    for (uint32_t i = 0; i < changes->new_mapping_count; i++) {
        uint64_t from = changes->new_mappings[i].start;
        if (start >= from && start + bytes <= from + changes->new_mappings[i].bytes) {
            return 1;
        }
    }
    return 0;
}

static uint64_t whole_pages(uint64_t bytes) { return (bytes + 4095) & ~(uint64_t)4095; }

static void note_mapping(uint64_t start, uint64_t bytes) {
    if (changes->new_mapping_count == FUZZD_MAX_NEW_MAPPINGS) {
        changes->kinds |= FUZZD_CHANGE_OVERFLOW;
        return;
    }
    changes->new_mappings[changes->new_mapping_count].start = start;
    changes->new_mappings[changes->new_mapping_count++].bytes = whole_pages(bytes);
}

static void forget_mapping(uint64_t start, uint64_t bytes) {
    for (uint32_t i = 0; i < changes->new_mapping_count; i++) {
        if (changes->new_mappings[i].start == start && changes->new_mappings[i].bytes == bytes) {
            changes->new_mappings[i] = changes->new_mappings[--changes->new_mapping_count];
            return;
        }
    }
}

static int failed(long result) { return result < 0 && result > -4096; }

static long on_mmap(long number, const long *a) {
    int is_fixed = (a[3] & MAP_FIXED) != 0;
    int replaces = is_fixed && !is_new_memory((uint64_t)a[0], whole_pages((uint64_t)a[1]));
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (failed(result)) {
        return result;
    }
    if (replaces) {
        note(FUZZD_CHANGE_MAPPINGS, number);
    } else if (!is_fixed) {
        note_mapping((uint64_t)result, (uint64_t)a[1]);
    }
    return result;
}

static long on_munmap(long number, const long *a) {
    uint64_t bytes = whole_pages((uint64_t)a[1]);
    int was_new = is_new_memory((uint64_t)a[0], bytes);
    long result = fuzzd_raw_call(number, a[0], a[1], 0, 0, 0, 0);
    if (was_new) {
        forget_mapping((uint64_t)a[0], bytes);
    } else if (!failed(result)) {
        note(FUZZD_CHANGE_MAPPINGS, number);
    }
    return result;
}

static long on_mremap(long number, const long *a) {
    int was_new = is_new_memory((uint64_t)a[0], whole_pages((uint64_t)a[1]));
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], 0);
    if (failed(result)) {
        return result;
    }
    if (!was_new) {
        note(FUZZD_CHANGE_MAPPINGS, number);
        return result;
    }
    forget_mapping((uint64_t)a[0], whole_pages((uint64_t)a[1]));
    note_mapping((uint64_t)result, (uint64_t)a[2]);
    return result;
}

static long on_brk(long number, const long *a) {
    long result = fuzzd_raw_call(number, a[0], 0, 0, 0, 0, 0);
    if ((uint64_t)result < changes->break_end) {
        note(FUZZD_CHANGE_MAPPINGS, number);
    }
    changes->is_break_moved = 1;
    return result;
}

static long on_madvise(long number, const long *a) {
    // Lazily freed pages would change behind the back of the write protection.
    long advice = a[2] == MADV_FREE ? MADV_DONTNEED : a[2];
    long result = fuzzd_raw_call(number, a[0], a[1], advice, 0, 0, 0);
    if (advice != MADV_DONTNEED && advice != MADV_WILLNEED && !is_new_memory((uint64_t)a[0], (uint64_t)a[1])) {
        note(FUZZD_CHANGE_MAPPINGS, number);
    }
    return result;
}

static long on_mprotect(long number, const long *a) {
    if (!is_new_memory((uint64_t)a[0], whole_pages((uint64_t)a[1]))) {
        note(FUZZD_CHANGE_MAPPINGS, number);
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

// Signals.

static long on_sigaction(long number, const long *a) {
    if (a[1] == 0) {
        return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
    }
    // Whoever took this signal away would end the process at its next trapped call.
    if (a[0] == SIGSYS) {
        return 0;
    }
    note(FUZZD_CHANGE_SIGNALS, number);
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

// The mask that counts is the one that the return from this handler puts back; glibc's has the kernel's 8 bytes first.
static long on_sigprocmask(const long *a, ucontext_t *context) {
    uint64_t *mask = (uint64_t *)&context->uc_sigmask;
    uint64_t wanted = a[1] != 0 ? *(const uint64_t *)a[1] : 0;
    if (a[2] != 0) {
        *(uint64_t *)a[2] = *mask;
    }
    if (a[1] == 0) {
        return 0;
    }
    changes->is_mask_changed = 1;
    switch (a[0]) {
    case SIG_BLOCK: *mask |= wanted; break;
    case SIG_UNBLOCK: *mask &= ~wanted; break;
    case SIG_SETMASK: *mask = wanted; break;
    default: return -EINVAL;
    }
    *mask &= ~(1ull << (SIGSYS - 1));
    return 0;
}

static long carry_out(long number, const long *a, ucontext_t *context) {
    if (is_among(number, opening_calls, COUNT(opening_calls))) {
        long result = fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
        note_descriptor(result);
        return result;
    }
    switch (number) {
    case SYS_close: return on_close(number, a);
    case SYS_dup2:
    case SYS_dup3: return on_duplicate_to(number, a);
    case SYS_pipe:
    case SYS_pipe2: return on_two_descriptors(number, a, (const int *)a[0]);
    case SYS_socketpair: return on_two_descriptors(number, a, (const int *)a[3]);
    case SYS_fcntl: return on_fcntl(number, a);
    case SYS_mmap: return on_mmap(number, a);
    case SYS_munmap: return on_munmap(number, a);
    case SYS_mremap: return on_mremap(number, a);
    case SYS_mprotect: return on_mprotect(number, a);
    case SYS_madvise: return on_madvise(number, a);
    case SYS_brk: return on_brk(number, a);
    case SYS_rt_sigaction: return on_sigaction(number, a);
    case SYS_rt_sigprocmask: return on_sigprocmask(a, context);
    case SYS_lseek:
    case SYS_epoll_ctl: note(FUZZD_CHANGE_DESCRIPTORS, number); break;
    case SYS_sigaltstack: note(FUZZD_CHANGE_SIGNALS, number); break;
    case SYS_setitimer:
    case SYS_alarm:
    case SYS_timer_create:
    case SYS_timer_settime:
    case SYS_timer_delete:
    case SYS_timerfd_settime: note(FUZZD_CHANGE_TIMERS, number); break;
    case SYS_chdir:
    case SYS_fchdir:
    case SYS_chroot:
    case SYS_umask: note(FUZZD_CHANGE_FILE_SYSTEM, number); break;
    default: note(FUZZD_CHANGE_OTHER, number);
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void on_trapped_call(int signal_number, siginfo_t *info, void *opaque) {
    (void)signal_number;
    ucontext_t *context = opaque;
    greg_t *registers = context->uc_mcontext.gregs;
    long number = info->si_syscall;
    changes->trapped_calls++;
    if (number == SYS_clone || number == SYS_clone3 || number == SYS_fork || number == SYS_vfork) {
        note(FUZZD_CHANGE_THREADS, number);
        fuzzd_call_again_returns_to = (uint64_t)registers[REG_RIP];
        registers[REG_RAX] = number;
        registers[REG_RIP] = (greg_t)fuzzd_call_again;
        return;
    }
    const long arguments[6] = {registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
                               registers[REG_R10], registers[REG_R8],  registers[REG_R9]};
    registers[REG_RAX] = carry_out(number, arguments, context);
}

// The filter: harmless calls pass by their number alone, so that the kernel can remember that; others pass from the
// runtime's own place; the rest is trapped.
static int install_filter(void) {
    static struct sock_filter program[COUNT(harmless_calls) * 2 + 16];
    size_t length = 0;
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < COUNT(harmless_calls); i++) {
        program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)harmless_calls[i], 0, 1);
        program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    uint64_t start = (uint64_t)fuzzd_raw_call_start;
    uint64_t end = (uint64_t)fuzzd_raw_call_end;
    size_t pointer = offsetof(struct seccomp_data, instruction_pointer);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)pointer + 4);
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(start >> 32), 0, 4);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)pointer);
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)start, 0, 2);
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)end, 1, 0);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    struct sock_fprog filter = {.len = (unsigned short)length, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return errno;
    }
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0 ? 0 : errno;
}

void fuzzd_note_process_changes_in(struct fuzzd_process_changes *record) { changes = record; }

int fuzzd_watch_process_changes(void) {
    struct fuzzd_process_changes *record = changes;
    memset(record, 0, sizeof *record);
    record->break_end = (uint64_t)fuzzd_raw_call(SYS_brk, 0, 0, 0, 0, 0, 0);
    // On the stack that runs, not on the crash handler's: a crash inside a trapped call has that one to itself.
    struct sigaction action = {.sa_sigaction = on_trapped_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGSYS, &action, NULL) != 0) {
        return errno;
    }
    sigset_t none;
    sigemptyset(&none);
    sigaddset(&none, SIGSYS);
    sigprocmask(SIG_UNBLOCK, &none, NULL);
    fuzzd_raw_call(SYS_rt_sigprocmask, SIG_SETMASK, 0, (long)&record->signal_mask, 8, 0, 0);
    return install_filter();
}

uint32_t fuzzd_undo_process_changes(struct fuzzd_process_changes *record) {
    for (uint32_t i = 0; i < record->new_mapping_count; i++) {
        fuzzd_raw_call(SYS_munmap, (long)record->new_mappings[i].start, (long)record->new_mappings[i].bytes, 0, 0, 0, 0);
    }
    for (uint32_t i = 0; i < record->new_descriptor_count; i++) {
        fuzzd_raw_call(SYS_close, record->new_descriptors[i], 0, 0, 0, 0, 0);
    }
    if (record->is_break_moved) {
        fuzzd_raw_call(SYS_brk, (long)record->break_end, 0, 0, 0, 0, 0);
    }
    if (record->is_mask_changed) {
        fuzzd_raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&record->signal_mask, 0, 8, 0, 0);
    }
    uint32_t kinds = record->kinds;
    record->kinds = 0;
    record->new_mapping_count = 0;
    record->new_descriptor_count = 0;
    record->is_break_moved = 0;
    record->is_mask_changed = 0;
    return kinds;
}
