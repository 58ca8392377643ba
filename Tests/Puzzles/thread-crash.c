// Starts a thread for each input; one of them dies.
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static void *work(void *argument) {
    if (*(const uint8_t *)argument == 'C') abort();
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pthread_t thread;
    uint8_t first = size > 0 ? data[0] : 0;
    if (pthread_create(&thread, NULL, work, &first) == 0) pthread_join(thread, NULL);
    return 0;
}
