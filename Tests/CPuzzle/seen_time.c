// Prints what a process sees of time and randomness, from every source that a C library has.
#define _GNU_SOURCE
#include <inttypes.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "puzzle.h"

static void print_clock(const char *name, clockid_t clock) {
    struct timespec now = {0, 0};
    clock_gettime(clock, &now);
    printf("%s %jd.%09ld\n", name, (intmax_t)now.tv_sec, now.tv_nsec);
}

static void print_random(const char *name, const void *memory, size_t bytes) {
    printf("%s", name);
    for (size_t i = 0; i < bytes; i++) {
        printf(" %02x", ((const uint8_t *)memory)[i]);
    }
    printf("\n");
}

static int64_t milliseconds_since(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

void puzzle_print_time(void) {
    print_clock("realtime", CLOCK_REALTIME);
    print_clock("monotonic", CLOCK_MONOTONIC);
    print_clock("process", CLOCK_PROCESS_CPUTIME_ID);
    print_clock("thread", CLOCK_THREAD_CPUTIME_ID);
    print_clock("raw", CLOCK_MONOTONIC_RAW);
    print_clock("coarse", CLOCK_MONOTONIC_COARSE);
    print_clock("boot", CLOCK_BOOTTIME);
    struct timeval day;
    gettimeofday(&day, NULL);
    printf("day %jd.%06ld\ntime %jd\nclock %ld\n", (intmax_t)day.tv_sec, (long)day.tv_usec, (intmax_t)time(NULL), clock());
    uint8_t bytes[21] = {0};
    if (getrandom(bytes, sizeof bytes, 0) == sizeof bytes) {
        print_random("getrandom", bytes, sizeof bytes);
    }
    if (getentropy(bytes, sizeof bytes) == 0) {
        print_random("getentropy", bytes, sizeof bytes);
    }
#if __GLIBC_PREREQ(2, 36)
    arc4random_buf(bytes, sizeof bytes);
    print_random("arc4random_buf", bytes, sizeof bytes);
    printf("arc4random %" PRIu32 " %" PRIu32 "\n", arc4random(), arc4random_uniform(1000));
#endif
    fflush(stdout);
}

// Waits in each of the ways that loops wait; returns how many of them saw as much time pass as they had waited.
int puzzle_wait_in_loops(void) {
    struct timespec start, pause = {.tv_nsec = 2000000};
    int seen = 0;
    for (int way = 0; way < 5; way++) {
        clock_gettime(CLOCK_MONOTONIC, &start);
        int turns = 0;
        while (milliseconds_since(&start) < 20 && turns++ < 100000000) {
            switch (way) {
            case 0: usleep(2000); break;
            case 1: poll(NULL, 0, 2); break;
            case 2: ppoll(NULL, 0, &pause, NULL); break;
            case 3: select(0, NULL, NULL, NULL, &(struct timeval){.tv_usec = 2000}); break;
            default: break; // only looks
            }
        }
        seen += turns < (way < 4 ? 15 : 100000000);
    }
    return seen;
}
