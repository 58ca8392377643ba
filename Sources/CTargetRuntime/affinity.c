// Which processors the machine parent and its children run on (sched_setaffinity(2)).
#define _GNU_SOURCE
#include <sched.h>
#include <sys/syscall.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"

static cpu_set_t allowed;
static cpu_set_t chosen;

int fuzzd_read_processors(void) {
    // Under SCHED_FIFO an endless child would never let its parent have the processor that they share.
    if (getenv("FUZZD_NO_AFFINITY") != NULL || sched_getscheduler(0) == SCHED_FIFO || sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return 0;
    }
    return CPU_COUNT(&allowed);
}

int fuzzd_run_child_first(pid_t child) {
    siginfo_t ended = {.si_pid = 0};
    sched_yield();
    if (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) != 0) {
        // Where the target ignores SIGCHLD the kernel keeps nothing of a child that has ended.
        return errno == ECHILD;
    }
    return ended.si_pid == child;
}

// Past the filter of a snapshot's runner.
void fuzzd_use_chosen_processors(int32_t thread) {
    fuzzd_raw_call(SYS_sched_setaffinity, thread, sizeof chosen, (long)&chosen, 0, 0, 0);
}

void fuzzd_use_all_processors(void) {
    chosen = allowed;
    fuzzd_use_chosen_processors(0);
}

void fuzzd_use_this_processor(void) {
    int processor = sched_getcpu();
    if (processor < 0 || processor >= CPU_SETSIZE) {
        return;
    }
    CPU_ZERO(&chosen);
    CPU_SET(processor, &chosen);
    fuzzd_use_chosen_processors(0);
}
