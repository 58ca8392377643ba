#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzzd_faults.h"
#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"

// Looked at by every system call of the runtime (raw_call.c); NULL but in tests.
struct fuzzd_faults *fuzzd_faults;

void fuzzd_map_faults(void) {
    const char *path = getenv("FUZZD_FAULTS");
    int descriptor = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) {
        return;
    }
    void *memory = fuzzd_map_apart(4096, MAP_SHARED, descriptor);
    close(descriptor);
    if (memory != MAP_FAILED) {
        fuzzd_faults = memory;
    }
}

void fuzzd_begin_faults(enum fuzzd_fault_phase phase) {
    if (fuzzd_faults != NULL) {
        fuzzd_faults->step_counts[phase] = 0;
        fuzzd_faults->thread_id = (int32_t)fuzzd_unfailing_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
        fuzzd_faults->phase = phase;
        __atomic_fetch_add(&fuzzd_faults->begun[phase], 1, __ATOMIC_SEQ_CST);
    }
}

void fuzzd_end_faults(void) {
    if (fuzzd_faults != NULL) {
        fuzzd_faults->phase = FUZZD_FAULTS_NOWHERE;
    }
}

// Where `fuzzd_raw_call` goes on if there is a plan.
long fuzzd_faulty_call(long number, long first, long second, long third, long fourth, long fifth, long sixth) {
    struct fuzzd_faults *plan = fuzzd_faults;
    // The clock is never refused.
    if (plan->phase != FUZZD_FAULTS_NOWHERE && number != SYS_clock_gettime && fuzzd_unfailing_call(SYS_gettid, 0, 0, 0, 0, 0, 0) == plan->thread_id) {
        uint32_t step = plan->step_counts[plan->phase]++;
        if (!plan->has_happened && plan->phase == plan->wanted_phase && step == plan->wanted_step) {
            plan->has_happened = 1;
            plan->call_number = (uint32_t)number;
            if (plan->error != 0) {
                return -(long)plan->error;
            }
            fuzzd_unfailing_call(SYS_kill, fuzzd_unfailing_call(SYS_getpid, 0, 0, 0, 0, 0, 0), SIGKILL, 0, 0, 0, 0);
        }
    }
    return fuzzd_unfailing_call(number, first, second, third, fourth, fifth, sixth);
}
