// Which processors the machine parent and its children run on (sched_setaffinity(2)).
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"
#include "fuzzd_task_list.h"

// Alone on their page: what shares one with counters is put back after each child, for the machine parent too.
static struct {
    _Alignas(4096) cpu_set_t allowed;
    cpu_set_t chosen;
} processors;

int fuzzd_read_processors(void) {
    // Under SCHED_FIFO an endless child would never let its parent have the processor that they share.
    if (getenv("FUZZD_NO_AFFINITY") != NULL || sched_getscheduler(0) == SCHED_FIFO || sched_getaffinity(0, sizeof processors.allowed, &processors.allowed) != 0) {
        return 0;
    }
    return CPU_COUNT(&processors.allowed);
}

int fuzzd_run_child_first(pid_t child) {
    sched_yield();
    return fuzzd_has_ended(child);
}

int fuzzd_has_ended(pid_t child) {
    siginfo_t ended = {.si_pid = 0};
    if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) != 0) {
        // Where the target ignores SIGCHLD the kernel keeps nothing of a child that has ended.
        return errno == ECHILD;
    }
    return ended.si_pid == child;
}

// Past the filter of a snapshot's runner.
void fuzzd_use_chosen_processors(int32_t thread) {
    fuzzd_raw_call(SYS_sched_setaffinity, thread, sizeof processors.chosen, (long)&processors.chosen, 0, 0, 0);
}

int fuzzd_ends_soon(pid_t child, uint64_t nanoseconds) {
    uint64_t end = fuzzd_monotonic_nanoseconds() + nanoseconds;
    while (!fuzzd_has_ended(child)) {
        if (fuzzd_monotonic_nanoseconds() >= end) {
            return 0;
        }
        for (int i = 0; i < 32; i++) {
            fuzzd_pause_turn();
        }
    }
    return 1;
}

// Not inlined: its list would make each caller write to a further page of the stack.
__attribute__((noinline)) static void place_threads(pid_t child, const cpu_set_t *places) {
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/%d/task", child);
    struct fuzzd_task_list list;
    if (!fuzzd_open_task_list(&list, path)) {
        return;
    }
    for (int32_t thread; (thread = fuzzd_next_task(&list)) > 0;) {
        fuzzd_raw_call(SYS_sched_setaffinity, thread, sizeof *places, (long)places, 0, 0, 0);
    }
    fuzzd_close_task_list(&list);
}

// What has not run yet, or sleeps, is moved without being waited for.
void fuzzd_use_other_processors(pid_t child, int has_threads) {
    cpu_set_t others;
    CPU_XOR(&others, &processors.allowed, &processors.chosen);
    if (CPU_COUNT(&others) == 0) {
        return;
    }
    if (has_threads) {
        place_threads(child, &others);
    } else {
        fuzzd_raw_call(SYS_sched_setaffinity, child, sizeof others, (long)&others, 0, 0, 0);
    }
}

void fuzzd_use_all_processors(void) {
    processors.chosen = processors.allowed;
    fuzzd_use_chosen_processors(0);
}

void fuzzd_use_this_processor(void) {
    int processor = sched_getcpu();
    if (processor < 0 || processor >= CPU_SETSIZE) {
        return;
    }
    CPU_ZERO(&processors.chosen);
    CPU_SET(processor, &processors.chosen);
    fuzzd_use_chosen_processors(0);
}
