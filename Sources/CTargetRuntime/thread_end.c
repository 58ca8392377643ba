// Ends the threads that an input started. What they leave behind is memory, descriptors and mappings, which are put back.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_task_list.h"
#include "fuzzd_target.h"
#include "fuzzd_thread_park.h"

int fuzzd_is_ending_threads;

// Signals each thread but the first and those of the machine; their number, or -1 when they cannot be listed.
static int signal_new_threads(int32_t process) {
    struct fuzzd_task_list list;
    if (!fuzzd_open_task_list(&list, "/proc/self/task")) {
        return -1;
    }
    int count = 0;
    int32_t thread;
    while ((thread = fuzzd_next_task(&list)) > 0) {
        if (thread != process && !fuzzd_is_parked_thread(thread)) {
            fuzzd_raw_call(SYS_tgkill, process, thread, FUZZD_PARK_SIGNAL, 0, 0, 0);
            count++;
        }
    }
    fuzzd_close_task_list(&list);
    return thread < 0 ? -1 : count;
}

int fuzzd_end_new_threads(int64_t timeout_nanoseconds) {
    int32_t process = (int32_t)fuzzd_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
    struct timespec pause = {.tv_nsec = 20000};
    __atomic_store_n(&fuzzd_is_ending_threads, 1, __ATOMIC_SEQ_CST);
    int remaining = signal_new_threads(process);
    for (int64_t waited = 0; remaining > 0 && waited < timeout_nanoseconds; waited += pause.tv_nsec) {
        fuzzd_raw_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&pause, 0, 0, 0);
        // One may have started another before it was ended.
        remaining = signal_new_threads(process);
    }
    __atomic_store_n(&fuzzd_is_ending_threads, 0, __ATOMIC_SEQ_CST);
    return remaining == 0 ? 0 : ETIMEDOUT;
}
