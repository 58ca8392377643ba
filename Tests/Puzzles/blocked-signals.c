// Blocks all signals, then works for two seconds: a timer inside the process does not get through. It looks at the clock past
// the C library, where time is not frozen.
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || data[0] != 'B') return 0;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    struct timespec now, start;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &start);
    do syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    while (now.tv_sec - start.tv_sec < 3);
    return 0;
}
