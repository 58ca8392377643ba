// Ends abnormally where a child is not the process that a target expects: each letter looks at one thing. Linked without a sanitizer's runtime
// and without threads it is forked by fork(2) alone; with fork handlers (WITH_HANDLERS) by glibc's function.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t parent;
static int is_handled;
// One page that a child finds empty (madvise(2), MADV_WIPEONFORK), as generators of random numbers have it.
static uint8_t wiped[3 * 4096] __attribute__((aligned(4096)));
// What the first child read behind its input; shared, so that it stays.
static uint64_t *read_behind;

static void in_child(void) { is_handled = 1; }

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    parent = getpid();
    memset(wiped, 7, sizeof wiped);
    read_behind = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (madvise(wiped + 4096, 4096, MADV_WIPEONFORK) != 0 || read_behind == MAP_FAILED) return 1;
#if defined(WITH_HANDLERS)
    return pthread_atfork(NULL, NULL, in_child);
#else
    (void)in_child;
    return 0;
#endif
}

// The C library knows this thread by its own number, not by the machine parent's.
static void check_identity(void) {
    pthread_mutexattr_t attributes;
    pthread_mutex_t mutex;
    cpu_set_t processors;
    if (getpid() == parent || syscall(SYS_gettid) != getpid() || pthread_kill(pthread_self(), 0) != 0) abort();
    // Names and processors of a thread are set by its number; the machine parent's are no child's business.
    if (pthread_setname_np(pthread_self(), "child") != 0) abort();
    if (pthread_getaffinity_np(pthread_self(), sizeof processors, &processors) != 0 || CPU_COUNT(&processors) == 0) abort();
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    if (pthread_mutex_init(&mutex, &attributes) != 0 || pthread_mutex_lock(&mutex) != 0) abort();
    if (pthread_mutex_lock(&mutex) != EDEADLK || pthread_mutex_unlock(&mutex) != 0) abort();
}

static void *add(void *number) {
    ++*(int *)number;
    return NULL;
}

// What was left out for a child with one thread works for one that starts more.
static void check_threads(void) {
    pthread_t thread;
    int number = 1;
    if (pthread_create(&thread, NULL, add, &number) != 0 || pthread_join(thread, NULL) != 0 || number != 2) abort();
    pid_t child = fork();
    if (child == 0) _exit(pthread_kill(pthread_self(), 0) == 0 && getppid() != parent ? 7 : 1);
    siginfo_t end;
    if (child < 0 || waitid(P_PID, (id_t)child, &end, WEXITED) != 0 || end.si_status != 7) abort();
}

// An input that is read behind its end: whatever is there is there each time.
__attribute__((no_sanitize("address"))) static void check_behind(const uint8_t *data) {
    uint64_t sum = 1;
    for (size_t i = 0; i < 900; i++) sum = sum * 31 + ((const volatile uint8_t *)data)[i];
    if (*read_behind == 0) *read_behind = sum;
    if (*read_behind != sum) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rusage usage;
    if (size < 2 || data[0] != '=') return 0;
    switch (data[1]) {
    case 'i': check_identity(); break;
    case 't': check_threads(); break;
    case 'a':
        if (wiped[0] != 7 || wiped[4096] != 0 || wiped[2 * 4096] != 7) abort();
        break;
    case 'b': check_behind(data); break;
    // A zero directly behind an input is what some harnesses write.
    case 'z': ((uint8_t *)(uintptr_t)data)[size] = 0; break;
    case 'p':
        if (sched_getcpu() < 0 || sched_getcpu() >= CPU_SETSIZE) abort();
        break;
    case 'f':
        // Of twenty that a child took until here and to its end there are some five left.
        if (getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_minflt > 12) abort();
        break;
    case 'h':
        if (!is_handled) abort();
        break;
    case 'w': ((uint8_t *)(uintptr_t)data)[size] = 1; break;
    case 'c':
        if (memcmp(data, "=c, and nothing behind it", size) != 0) abort();
        break;
    default: break;
    }
    return 0;
}
