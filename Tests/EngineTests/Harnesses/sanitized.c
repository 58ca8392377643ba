// Everything that a sanitizer has to do with; the first byte chooses.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *forgotten;
static volatile int thread_is_ready;

// The only pointer to this memory is on the stack of a thread that no child has.
static void *hold_memory(void *argument) {
    (void)argument;
    char *volatile held = malloc(100);
    held[0] = 1;
    thread_is_ready = 1;
    for (;;) {
        pause();
    }
    free(held);
    return NULL;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    // Leaked before serving: nobody's input did it.
    forgotten = malloc(50);
    forgotten = NULL;
    pthread_t thread;
    pthread_create(&thread, NULL, hold_memory, NULL);
    while (!thread_is_ready) {
        usleep(1000);
    }
    return 0;
}

__attribute__((noinline)) static void leak(size_t bytes) {
    void *volatile memory = malloc(bytes);
    memory = NULL;
    (void)memory;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    volatile uint8_t byte = 0;
    switch (data[0]) {
    case 'O':
        byte = data[size];
        break;
    case 'U': {
        char *volatile freed = malloc(10);
        free(freed);
        byte = (uint8_t)freed[3];
        break;
    }
    case 'L':
        leak(77);
        break;
    case 'K': {
        // More allocated than freed, and all of it reachable.
        static void *kept;
        kept = malloc(33);
        byte = kept != NULL;
        break;
    }
    case 'M': {
        char *volatile large = malloc((size_t)64 << 20);
        free(large);
        break;
    }
    case 'F':
        // A report behind a flood.
        for (int i = 0; i < 5000; i++) {
            fprintf(stderr, "a line of output that fills every buffer, number %d\n", i);
        }
        byte = data[size];
        break;
    case 'V':
        *(volatile int *)16 = 1;
        break;
    case 'G':
        // In a child of the harness's own, whose end it does not look at.
        if (fork() == 0) {
            byte = data[size];
            _exit(0);
        }
        wait(NULL);
        break;
    case 'A':
        abort();
    }
    (void)byte;
    return 0;
}
