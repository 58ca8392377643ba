// A thread, started during initialisation, answers every input's question. A forked child has lost it, and
// fuzzd_child_start starts another.
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int question = -1;
static int answer = -1;

static void *serve(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (question < 0) pthread_cond_wait(&changed, &lock);
        answer = question ^ 0x55;
        question = -1;
        pthread_cond_broadcast(&changed);
    }
    return NULL;
}

static void startServer(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, NULL) != 0) abort();
    pthread_detach(thread);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    startServer();
    return 0;
}

#ifdef RESTARTS
void fuzzd_child_start(void);

void fuzzd_child_start(void) {
    // The lost thread may have held or waited on both.
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&changed, NULL);
    startServer();
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    pthread_mutex_lock(&lock);
    question = data[0];
    pthread_cond_broadcast(&changed);
    while (answer < 0) pthread_cond_wait(&changed, &lock);
    int given = answer;
    answer = -1;
    pthread_mutex_unlock(&lock);
    if (given == ('S' ^ 0x55)) abort();
    return 0;
}
