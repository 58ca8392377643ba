// A harness without a sanitizer: what libFuzzer's interface promises; the first byte chooses.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int child_was_started;
static char *unforked;
static volatile int thread_is_ready;

__attribute__((section("__libfuzzer_extra_counters"))) static volatile uint8_t extra[64];

void *sample_thread(void *argument) {
    (void)argument;
    pthread_setname_np(pthread_self(), "sample-thread");
    thread_is_ready = 1;
    for (;;) {
        pause();
    }
}

void fuzzd_child_start(void) { child_was_started = 1; }

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    printf("initialised with %d: %s %s\n", *count, (*arguments)[0], *count > 1 ? (*arguments)[1] : "-");
    fflush(stdout);
    unforked = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unforked[5] = 42;
    madvise(unforked, 8192, MADV_DONTFORK);
    pthread_t thread;
    pthread_create(&thread, NULL, sample_thread, NULL);
    while (!thread_is_ready) {
        usleep(1000);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    switch (data[0]) {
    case 'R':
        return -1;
    case 'S':
        return child_was_started ? 0 : -1;
    case 'D':
        return unforked[5] == 42 ? 0 : -1;
    case 'W':
        ((uint8_t *)(uintptr_t)data)[0] = 'w';
        return 0;
    case 'E':
        exit(7);
    case 'X':
        extra[13] = 3;
        return 0;
    case 'm':
        return size > 8 && memcmp(data + 1, "MAGICKEY", 8) == 0 ? -1 : 0;
    case 's': {
        char text[32] = {0};
        memcpy(text, data, size < 31 ? size : 31);
        return strcmp(text, "s-password") == 0 || strstr(text, "needle") != NULL ? -1 : 0;
    }
    case 'v': {
        uint32_t value = 0;
        memcpy(&value, data + 1, size > 4 ? 4 : 0);
        return value == 0x12345678 ? -1 : 0;
    }
    case 'T':
        for (;;) {
        }
    }
    return 0;
}
