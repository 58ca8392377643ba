// A block whose only pointer is on the stack of a thread that was started during initialisation: no leak, though a
// forked child has lost that thread.
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile kept;
static volatile int isReady;

static void *hold(void *unused) {
    (void)unused;
    void *volatile block = malloc(53);
    isReady = 1;
    for (;;) pause();
    return block;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    pthread_t thread;
    if (pthread_create(&thread, NULL, hold, NULL) != 0) return 1;
    while (!isReady) usleep(1000);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'K' && kept == NULL) kept = malloc(59);
    return 0;
}
