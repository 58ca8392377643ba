// Ends the threads that an input started. What they leave behind is memory, descriptors and mappings, which are put back.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"
#include "fuzzd_thread_park.h"

int fuzzd_is_ending_threads;

// As getdents64(2) writes them.
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

static int32_t number_in(const char *name) {
    int32_t number = 0;
    for (; *name >= '0' && *name <= '9'; name++) {
        number = number * 10 + (*name - '0');
    }
    return number;
}

// Signals each thread but the first and those of the machine; their number, or -1 when they cannot be listed.
static int signal_new_threads(int32_t process) {
    long directory = fuzzd_raw_call(SYS_open, (long)"/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0, 0);
    if (directory < 0) {
        return -1;
    }
    int count = 0;
    long length;
    char buffer[4096] __attribute__((aligned(8)));
    while ((length = fuzzd_raw_call(SYS_getdents64, directory, (long)buffer, sizeof buffer, 0, 0, 0)) > 0) {
        for (long place = 0; place < length; place += ((struct entry *)(buffer + place))->bytes) {
            int32_t thread = number_in(((struct entry *)(buffer + place))->name);
            if (thread != 0 && thread != process && !fuzzd_is_parked_thread(thread)) {
                fuzzd_raw_call(SYS_tgkill, process, thread, FUZZD_PARK_SIGNAL, 0, 0, 0);
                count++;
            }
        }
    }
    fuzzd_raw_call(SYS_close, directory, 0, 0, 0, 0, 0);
    return length < 0 ? -1 : count;
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
