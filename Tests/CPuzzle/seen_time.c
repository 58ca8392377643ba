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

static void print_clock(FILE *to, const char *name, clockid_t clock) {
    struct timespec now = {0, 0};
    clock_gettime(clock, &now);
    fprintf(to, "%s %jd.%09ld\n", name, (intmax_t)now.tv_sec, now.tv_nsec);
}

static void print_random(FILE *to, const char *name, const void *memory, size_t bytes) {
    fprintf(to, "%s", name);
    for (size_t i = 0; i < bytes; i++) {
        fprintf(to, " %02x", ((const uint8_t *)memory)[i]);
    }
    fprintf(to, "\n");
}

static void print_all(FILE *to) {
    print_clock(to, "realtime", CLOCK_REALTIME);
    print_clock(to, "monotonic", CLOCK_MONOTONIC);
    print_clock(to, "process", CLOCK_PROCESS_CPUTIME_ID);
    print_clock(to, "thread", CLOCK_THREAD_CPUTIME_ID);
    print_clock(to, "raw", CLOCK_MONOTONIC_RAW);
    print_clock(to, "coarse", CLOCK_MONOTONIC_COARSE);
    print_clock(to, "boot", CLOCK_BOOTTIME);
    struct timeval day;
    gettimeofday(&day, NULL);
    fprintf(to, "day %jd.%06ld\ntime %jd\n", (intmax_t)day.tv_sec, (long)day.tv_usec, (intmax_t)time(NULL));
    fprintf(to, "clock %ld\n", clock());
    uint8_t bytes[21] = {0};
    if (getrandom(bytes, sizeof bytes, 0) == sizeof bytes) {
        print_random(to, "getrandom", bytes, sizeof bytes);
    }
    if (getentropy(bytes, sizeof bytes) == 0) {
        print_random(to, "getentropy", bytes, sizeof bytes);
    }
#if __GLIBC_PREREQ(2, 36)
    arc4random_buf(bytes, sizeof bytes);
    print_random(to, "arc4random_buf", bytes, sizeof bytes);
    fprintf(to, "arc4random %" PRIu32 " %" PRIu32 "\n", arc4random(), arc4random_uniform(1000));
#endif
}

uint32_t puzzle_print_time(void) {
    char text[4096];
    FILE *to = fmemopen(text, sizeof text, "w");
    if (to == NULL) {
        return 0;
    }
    print_all(to);
    long length = ftell(to);
    fclose(to);
    printf("%.*s", (int)length, text);
    uint32_t mixed = 2166136261u;
    for (long i = 0; i < length; i++) {
        mixed = (mixed ^ (uint8_t)text[i]) * 16777619u;
    }
    return mixed;
}

static int64_t milliseconds_since(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
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
