// Parks a thread wherever it is, and lets it go on from a place that was remembered. Runs on the thread's own parking stack
// and calls nothing of libc: its memory may be put back under it meanwhile.
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"
#include "fuzzd_thread_park.h"

static struct fuzzd_parked_threads *parked_threads;

void fuzzd_set_parked_threads(struct fuzzd_parked_threads *table) { parked_threads = table; }

static void wait_while(uint32_t *word, uint32_t value) {
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value) {
        fuzzd_raw_call(SYS_futex, (long)word, FUTEX_WAIT, value, 0, 0, 0);
    }
}

static void set_state(struct fuzzd_parked_thread *thread, uint32_t state) {
    __atomic_store_n(&thread->state, state, __ATOMIC_SEQ_CST);
    fuzzd_raw_call(SYS_futex, (long)&thread->state, FUTEX_WAKE, 64, 0, 0, 0);
}

// The kernel's signal frame (arch/x86/include/asm/sigframe.h) is a return address and a ucontext; rt_sigreturn(2) takes the
// stack pointer for the ucontext.
static __attribute__((noreturn)) void load_registers(struct fuzzd_parked_thread *thread) {
    void *frame = thread->registers + 8;
    __asm__ volatile("mov %0, %%rsp\n mov %1, %%eax\n syscall\n hlt\n" : : "r"(frame), "i"(SYS_rt_sigreturn) : "memory");
    __builtin_unreachable();
}

// Longer than most inputs, so that a sleeper is rarely woken, and shorter than people sleep who wait for something.
enum { sleep_nanoseconds = 2000000 };

static int has_slept(struct fuzzd_parked_thread *thread, uint32_t *seen) {
    uint32_t count = __atomic_load_n(&thread->sleep_count, __ATOMIC_SEQ_CST), sleeps = FUZZD_THREAD_SLEEPS;
    int is_same = *seen == count;
    *seen = count;
    return is_same && __atomic_compare_exchange_n(&thread->state, &sleeps, FUZZD_THREAD_RUNS, 0, __ATOMIC_SEQ_CST,
                                                  __ATOMIC_SEQ_CST);
}

// Nobody wakes it when it is told to sleep: it looks now and then. One told to sleep at two looks in a row has slept enough.
static void sleep_parked(struct fuzzd_parked_thread *thread) {
    struct timespec interval = {.tv_nsec = sleep_nanoseconds};
    uint32_t seen = __atomic_load_n(&thread->sleep_count, __ATOMIC_SEQ_CST);
    do {
        fuzzd_raw_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&interval, 0, 0, 0);
    } while (!has_slept(thread, &seen));
}

void fuzzd_wait_parked(struct fuzzd_parked_thread *thread) {
    set_state(thread, FUZZD_THREAD_PARKED);
    if (thread->is_asleep) {
        sleep_parked(thread);
    } else {
        wait_while(&thread->state, FUZZD_THREAD_PARKED);
        __atomic_store_n(&thread->state, FUZZD_THREAD_RUNS, __ATOMIC_SEQ_CST);
    }
    load_registers(thread);
}

int fuzzd_park_asleep(struct fuzzd_parked_thread *thread) {
    uint32_t sleeps = FUZZD_THREAD_SLEEPS;
    return __atomic_compare_exchange_n(&thread->state, &sleeps, FUZZD_THREAD_PARKED, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static struct fuzzd_parked_thread *entry_of(int32_t thread) {
    for (uint32_t i = 0; parked_threads != NULL && i < parked_threads->count; i++) {
        if (parked_threads->threads[i].thread_id == thread) {
            return &parked_threads->threads[i];
        }
    }
    return NULL;
}

int fuzzd_is_parked_thread(int32_t thread) { return entry_of(thread) != NULL; }

// glibc's thread descriptor begins at the thread pointer and holds the id; the kernel tells where, if it can checkpoint.
uint64_t fuzzd_find_id_address(uint64_t thread_pointer) {
    uint64_t address = 0;
    if (fuzzd_raw_call(SYS_prctl, PR_GET_TID_ADDRESS, (long)&address, 0, 0, 0, 0) == 0) {
        return address;
    }
    int32_t own = (int32_t)fuzzd_raw_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
    for (uint64_t offset = 0x200; offset < 0x400; offset += 4) {
        if (*(volatile int32_t *)(thread_pointer + offset) == own) {
            return thread_pointer + offset;
        }
    }
    return 0;
}

static void keep_registers(struct fuzzd_parked_thread *thread, const ucontext_t *context) {
    ucontext_t *kept = (ucontext_t *)(thread->registers + 8);
    // As far as the kernel's goes, whose signal mask is 8 bytes: glibc's has more behind it.
    size_t bytes = offsetof(ucontext_t, uc_sigmask) + 8;
    fuzzd_copy(kept, context, bytes);
    // Trapped system calls must come through in every thread.
    *(uint64_t *)&kept->uc_sigmask &= ~(1ull << (SIGSYS - 1));
    const uint8_t *extended = (const uint8_t *)context->uc_mcontext.fpregs;
    uint32_t magic = *(const uint32_t *)(extended + 464), extended_bytes = *(const uint32_t *)(extended + 468);
    enum { legacy_bytes = 512, extended_magic = 0x46505853 };
    size_t state_bytes = magic == extended_magic ? extended_bytes : legacy_bytes;
    fuzzd_copy(thread->extended_state, extended, state_bytes < FUZZD_THREAD_STATE_BYTES ? state_bytes : legacy_bytes);
    // A call that the signal interrupted is made again, as if nothing had been: the thread waits in it and runs nothing.
    greg_t *registers = kept->uc_mcontext.gregs;
    const uint8_t *place = (const uint8_t *)registers[REG_RIP];
    if (thread->blocked_call >= 0 && registers[REG_RAX] == -EINTR && place[-2] == 0x0f && place[-1] == 0x05) {
        registers[REG_RAX] = thread->blocked_call;
        registers[REG_RIP] -= 2;
    }
}

static void describe(struct fuzzd_parked_thread *thread) {
    fuzzd_raw_call(SYS_arch_prctl, ARCH_GET_FS, (long)&thread->thread_pointer, 0, 0, 0, 0);
    fuzzd_raw_call(SYS_get_robust_list, 0, (long)&thread->robust_list, (long)&thread->robust_list_bytes, 0, 0, 0);
    fuzzd_raw_call(SYS_prctl, PR_GET_NAME, (long)thread->name, 0, 0, 0, 0);
    thread->id_address = fuzzd_find_id_address(thread->thread_pointer);
}

// For a while, not until a moment.
static int is_sleep(const struct fuzzd_parked_thread *thread) {
    const greg_t *registers = ((const ucontext_t *)(thread->registers + 8))->uc_mcontext.gregs;
    return thread->blocked_call == SYS_nanosleep || (thread->blocked_call == SYS_clock_nanosleep && registers[REG_RSI] == 0);
}

static void on_park(int signal_number, siginfo_t *info, void *context) {
    (void)signal_number;
    if (info->si_code != SI_TKILL) {
        return;
    }
    struct fuzzd_parked_thread *thread = entry_of((int32_t)fuzzd_raw_call(SYS_gettid, 0, 0, 0, 0, 0, 0));
    if (thread == NULL) {
        if (__atomic_load_n(&fuzzd_is_ending_threads, __ATOMIC_SEQ_CST)) {
            fuzzd_raw_call(SYS_exit, 0, 0, 0, 0, 0, 0);
        }
        return;
    }
    if (parked_threads->is_in_parent) {
        describe(thread);
        keep_registers(thread, context);
        thread->is_asleep = is_sleep(thread);
        set_state(thread, FUZZD_THREAD_PARKED);
        for (;;) {
            fuzzd_raw_call(SYS_pause, 0, 0, 0, 0, 0, 0);
        }
    }
    fuzzd_wait_parked(thread);
}

// Past glibc, which keeps the signal to itself. The kernel's structure has the restorer, which nobody returns by.
int fuzzd_install_park_handler(void) {
    struct {
        void (*handler)(int, siginfo_t *, void *);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {.handler = on_park, .flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | 0x04000000, .mask = ~0ull};
    extern void fuzzd_return_from_signal(void);
    action.restorer = fuzzd_return_from_signal;
    if (parked_threads != NULL && parked_threads->main_id_address == 0) {
        uint64_t thread_pointer = 0;
        fuzzd_raw_call(SYS_arch_prctl, ARCH_GET_FS, (long)&thread_pointer, 0, 0, 0, 0);
        parked_threads->main_id_address = fuzzd_find_id_address(thread_pointer);
    }
    return (int)-fuzzd_raw_call(SYS_rt_sigaction, FUZZD_PARK_SIGNAL, (long)&action, 0, 8, 0, 0);
}

__asm__(".text\n"
        ".globl fuzzd_return_from_signal\n"
        ".hidden fuzzd_return_from_signal\n"
        ".type fuzzd_return_from_signal, @function\n"
        "fuzzd_return_from_signal:\n"
        "  mov $15, %eax\n"
        "  syscall\n"
        ".size fuzzd_return_from_signal, . - fuzzd_return_from_signal\n");

static uint64_t now_nanoseconds(void) {
    struct timespec now = {0};
    fuzzd_raw_call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int fuzzd_wait_until_parked(struct fuzzd_parked_thread *thread, int64_t timeout_nanoseconds) {
    // Mostly it takes a few microseconds on another core: going to sleep for it would take longer.
    for (int i = 0; i < 100; i++) {
        if (__atomic_load_n(&thread->state, __ATOMIC_SEQ_CST) == FUZZD_THREAD_PARKED) {
            return 0;
        }
        __builtin_ia32_pause();
    }
    uint64_t end = now_nanoseconds() + (uint64_t)timeout_nanoseconds;
    for (;;) {
        uint32_t state = __atomic_load_n(&thread->state, __ATOMIC_SEQ_CST);
        uint64_t now = now_nanoseconds();
        if (state == FUZZD_THREAD_PARKED) {
            return 0;
        }
        if (now >= end) {
            return ETIMEDOUT;
        }
        struct timespec rest = {.tv_sec = (time_t)((end - now) / 1000000000u), .tv_nsec = (long)((end - now) % 1000000000u)};
        fuzzd_raw_call(SYS_futex, (long)&thread->state, FUTEX_WAIT, state, (long)&rest, 0, 0);
    }
}

int fuzzd_park(struct fuzzd_parked_thread *thread, int64_t timeout_nanoseconds) {
    long process = fuzzd_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
    long result = fuzzd_raw_call(SYS_tgkill, process, thread->thread_id, FUZZD_PARK_SIGNAL, 0, 0, 0);
    return result < 0 ? (int)-result : fuzzd_wait_until_parked(thread, timeout_nanoseconds);
}

void fuzzd_release(struct fuzzd_parked_thread *thread) {
    if (thread->is_asleep) {
        __atomic_add_fetch(&thread->sleep_count, 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&thread->state, FUZZD_THREAD_SLEEPS, __ATOMIC_SEQ_CST);
    } else {
        set_state(thread, FUZZD_THREAD_GOES_ON);
    }
}

uint64_t fuzzd_thread_time(int32_t thread_id) {
    // The kernel's number for that clock (posix-timers: CPUCLOCK_SCHED of one thread).
    clockid_t clock = (clockid_t)((~(uint32_t)thread_id << 3) | 6);
    struct timespec time = {0};
    if (fuzzd_raw_call(SYS_clock_gettime, clock, (long)&time, 0, 0, 0, 0) < 0) {
        return 0;
    }
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int fuzzd_waits_for_ever(const struct fuzzd_parked_thread *thread) {
    const greg_t *registers = ((const ucontext_t *)(thread->registers + 8))->uc_mcontext.gregs;
    switch (thread->blocked_call) {
    case SYS_futex: return registers[REG_R10] == 0;
    case SYS_rt_sigtimedwait:
    case SYS_ppoll: return registers[REG_RDX] == 0;
    case SYS_poll: return (int)registers[REG_RDX] < 0;
    case SYS_epoll_wait:
    case SYS_epoll_pwait: return (int)registers[REG_R10] < 0;
    case SYS_select:
    case SYS_pselect6: return registers[REG_R8] == 0;
    case SYS_pause:
    case SYS_rt_sigsuspend:
    case SYS_read:
    case SYS_accept:
    case SYS_accept4:
    case SYS_recvfrom:
    case SYS_recvmsg: return 1;
    default: return 0;
    }
}
