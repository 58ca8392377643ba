// The seccomp(2) filter: which system calls pass, and which are looked at.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzzd_process_changes.h"
#include "fuzzd_task_list.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define STATEMENT(code, operand) ((struct sock_filter)BPF_STMT(code, operand))
#define JUMP(code, operand, if_true, if_false) ((struct sock_filter)BPF_JUMP(code, operand, if_true, if_false))

// They change nothing in the process, or only what lies outside of it; some wait. A thread's own registrations
// (`set_robust_list`, `rseq`, `set_tid_address`) are made once, by libc, when the thread starts.
static const int harmless_calls[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_preadv2,
    SYS_pwritev2, SYS_sendfile, SYS_splice, SYS_tee, SYS_vmsplice, SYS_copy_file_range, SYS_poll, SYS_ppoll, SYS_select,
    SYS_pselect6, SYS_epoll_wait, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_futex, SYS_nanosleep, SYS_clock_nanosleep,
    SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_time, SYS_times, SYS_getitimer, SYS_timer_gettime,
    SYS_timer_getoverrun, SYS_timerfd_gettime, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getpgrp, SYS_getpgid, SYS_getsid,
    SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_capget,
    SYS_getpriority, SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_getparam, SYS_sched_getscheduler,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_getcpu, SYS_fstat, SYS_stat, SYS_lstat, SYS_newfstatat,
    SYS_statx, SYS_statfs, SYS_fstatfs, SYS_access, SYS_faccessat, SYS_faccessat2, SYS_getcwd, SYS_readlink,
    SYS_readlinkat, SYS_getdents, SYS_getdents64, SYS_lseek, SYS_getrandom, SYS_uname, SYS_sysinfo,
    SYS_getrusage, SYS_getrlimit, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigsuspend, SYS_rt_sigtimedwait,
    SYS_rt_sigqueueinfo, SYS_pause, SYS_exit, SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill, SYS_wait4, SYS_waitid,
    SYS_sync, SYS_syncfs, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_truncate, SYS_fallocate, SYS_fadvise64,
    SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_sendmmsg, SYS_bind, SYS_listen, SYS_connect,
    SYS_shutdown, SYS_getsockname, SYS_getpeername, SYS_getsockopt, SYS_setsockopt, SYS_mincore, SYS_msync,
    SYS_membarrier, SYS_restart_syscall, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_set_tid_address,
    SYS_unlink, SYS_unlinkat, SYS_rename, SYS_renameat, SYS_renameat2, SYS_link, SYS_linkat,
    SYS_symlink, SYS_symlinkat, SYS_mkdir, SYS_mkdirat, SYS_rmdir, SYS_mknod, SYS_mknodat, SYS_chmod, SYS_fchmod,
    SYS_fchmodat, SYS_chown, SYS_fchown, SYS_lchown, SYS_fchownat, SYS_utime, SYS_utimes, SYS_utimensat,
};

// Whether this process has more threads than the one that calls. Not by opendir, which allocates: the snapshot is taken by now, and
// a sanitizer's allocator may map memory for it, in between what is scanned after each input.
static int has_threads(void) {
    struct fuzzd_task_list tasks;
    int count = 0;
    if (fuzzd_open_task_list(&tasks, "/proc/self/task")) {
        while (fuzzd_next_task(&tasks) > 0) {
            count++;
        }
        fuzzd_close_task_list(&tasks);
    }
    // Where it cannot be read, the kernel does what is right for one thread as well.
    return count != 1;
}

// Harmless calls pass by their number alone, so that the kernel can remember that; others pass from the runtime's own place;
// the rest is trapped.
int fuzzd_install_call_filter(void) {
    static struct sock_filter program[COUNT(harmless_calls) * 2 + 24];
    size_t length = 0;
    program[length++] = STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    // Of ioctl(2) the request decides, which the kernel does not remember: first, because the runtime's own are many.
    size_t request = offsetof(struct seccomp_data, args) + sizeof(uint64_t);
    program[length++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 7);
    program[length++] = STATEMENT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)request);
    program[length++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIOCLEX, 3, 0);
    program[length++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIONCLEX, 2, 0);
    program[length++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIONBIO, 1, 0);
    program[length++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, FIOASYNC, 0, 1);
    program[length++] = STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    program[length++] = STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    for (size_t i = 0; i < COUNT(harmless_calls); i++) {
        program[length++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)harmless_calls[i], 0, 1);
        program[length++] = STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    uint64_t start = (uint64_t)fuzzd_raw_call_start;
    uint64_t end = (uint64_t)fuzzd_raw_call_end;
    size_t pointer = offsetof(struct seccomp_data, instruction_pointer);
    program[length++] = STATEMENT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)pointer + 4);
    program[length++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(start >> 32), 0, 4);
    program[length++] = STATEMENT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)pointer);
    program[length++] = JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)start, 0, 2);
    program[length++] = JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)end, 1, 0);
    program[length++] = STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[length++] = STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    struct sock_fprog filter = {.len = (unsigned short)length, .filter = program};
    long refused = fuzzd_raw_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0);
    if (refused != 0) {
        return (int)-refused;
    }
    unsigned int flags = has_threads() ? SECCOMP_FILTER_FLAG_TSYNC : 0;
    long result = fuzzd_raw_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, (long)&filter, 0, 0, 0);
    // Positive: the thread that could not be given the filter.
    return result == 0 ? 0 : result > 0 ? EBUSY : (int)-result;
}
