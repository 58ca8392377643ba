// Resets its machine itself, which works only where the thread that it started is alive.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile int state;
static volatile int wanted;
static volatile int done;

static void *machine_thread(void *argument) {
    (void)argument;
    for (;;) {
        if (done != wanted) {
            state = 0;
            done = wanted;
        }
        usleep(100);
    }
}

__attribute__((noinline)) void machine_reset(void) {
    wanted++;
    while (done != wanted) {
        usleep(100);
    }
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    if (*count > 1 && (*arguments)[1][0] == '-' && (*arguments)[1][1] == '-') {
        printf("usage: name a target\n");
        exit(3);
    }
    pthread_t thread;
    pthread_create(&thread, NULL, machine_thread, NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int before = state;
    if (size > 0 && data[0] == 'C') {
        abort();
    }
    if (size > 0) {
        state++;
        printf("state %d\n", before);
        fflush(stdout);
    }
    machine_reset();
    return size > 0 && before != 0 ? -1 : 0;
}
