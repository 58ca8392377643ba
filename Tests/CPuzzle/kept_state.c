// Keeps state from one input to the next, each kind in the place that its letter names, and says whether it found its own
// trace there. Under a strategy that isolates inputs it never does.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kept_state.h"
#include "puzzle.h"

enum { page_bytes = 4096, kept_descriptor = 200 };

static uint32_t kept_global;
static __thread uint32_t kept_of_thread;
static uint32_t *kept_on_heap;
static uint8_t *first_page, *second_page;
static void *const kept_mapping = (void *)0x100000000000;
static void *first_break;

// Before the snapshot: what inputs will change.
void puzzle_prepare_kept_state(void) {
    kept_on_heap = calloc(page_bytes, 4);
    first_page = mmap(NULL, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    second_page = mmap(NULL, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    puzzle_prepare_kernel_state();
    first_break = sbrk(0);
}

static int in_file_of_zeroes(void *place) {
    int descriptor = open("/dev/zero", O_RDONLY);
    ssize_t count = read(descriptor, place, 1);
    close(descriptor);
    return count == 1;
}

static int on_stack(void) {
    volatile uint32_t below[8192];
    int is_kept = below[17] == 0x6b657074;
    below[17] = 0x6b657074;
    return is_kept;
}

static int is_mapped(void *place) {
    unsigned char resident;
    return mincore(place, page_bytes, &resident) == 0;
}

static int thread_count(void) {
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *entry; tasks != NULL && (entry = readdir(tasks)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(tasks);
    return count;
}

static void *wait_for_ever(void *unused) {
    for (;;) {
        pause();
    }
    return unused;
}

static int in_memory(uint8_t kind) {
    switch (kind) {
    case 'g': return kept_global++ != 0;
    case 'l': return kept_of_thread++ != 0;
    case 'h': return kept_on_heap[4000]++ != 0;
    case 'a': {
        // Freed memory keeps what was in it.
        uint32_t *block = malloc(1000);
        int is_kept = block[200] == 0x6b657074;
        block[200] = 0x6b657074;
        free(block);
        return is_kept;
    }
    case 's': return on_stack();
    case 'e': {
        int is_kept = getenv("PUZZLE_KEPT") != NULL;
        setenv("PUZZLE_KEPT", "1", 1);
        return is_kept;
    }
    default: return -1;
    }
}

static int in_mappings(uint8_t kind) {
    int is_kept;
    switch (kind) {
    case 'm':
        is_kept = is_mapped(kept_mapping);
        mmap(kept_mapping, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return is_kept;
    case 'u':
        is_kept = !is_mapped(first_page);
        munmap(first_page, page_bytes);
        return is_kept;
    case 'p':
        is_kept = !in_file_of_zeroes(second_page);
        mprotect(second_page, page_bytes, PROT_READ);
        return is_kept;
    case 'b':
        is_kept = sbrk(0) != first_break;
        return sbrk(16 * page_bytes) == (void *)-1 ? -1 : is_kept;
    case 'M': {
        void *large = malloc(1 << 20);
        memset(large, 1, 1 << 20);
        return 0;
    }
    default: return -1;
    }
}

// Has the allocator's locks at nearly any moment.
static void *use_memory(void *argument) {
    for (size_t bytes = 16;; bytes = bytes % 100000 + 4096) {
        free(memset(malloc(bytes), 7, bytes));
    }
    return argument;
}

static int in_kernel(uint8_t kind) {
    int is_kept;
    struct sigaction old, ignore = {.sa_handler = SIG_IGN};
    struct itimerval timer, hour = {.it_value = {.tv_sec = 3600}};
    sigset_t set, mask;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    char path[page_bytes];
    pthread_t thread;
    switch (kind) {
    case 'o':
        is_kept = fcntl(kept_descriptor, F_GETFD) >= 0;
        dup2(1, kept_descriptor);
        return is_kept;
    case 'c':
        is_kept = fcntl(0, F_GETFD) < 0;
        close(0);
        return is_kept;
    case 'H':
        sigaction(SIGUSR1, NULL, &old);
        sigaction(SIGUSR1, &ignore, NULL);
        return old.sa_handler == SIG_IGN;
    case 'k':
        sigprocmask(SIG_BLOCK, &set, &mask);
        return sigismember(&mask, SIGUSR2);
    case 'P':
        sigpending(&mask);
        sigprocmask(SIG_BLOCK, &set, NULL);
        raise(SIGUSR2);
        return sigismember(&mask, SIGUSR2);
    case 'i':
        getitimer(ITIMER_REAL, &timer);
        setitimer(ITIMER_REAL, &hour, NULL);
        return timer.it_value.tv_sec != 0;
    case 'w': return umask(0751) == 0751;
    case 'd':
        is_kept = getcwd(path, sizeof path) != NULL && strcmp(path, "/proc") == 0;
        return chdir("/proc") == 0 ? is_kept : -1;
    case 'T':
        is_kept = thread_count() > 1;
        return pthread_create(&thread, NULL, wait_for_ever, NULL) == 0 ? is_kept : -1;
    case 'B':
        is_kept = thread_count() > 1;
        for (int i = 0; i < 3; i++) {
            if (pthread_create(&thread, NULL, use_memory, NULL) != 0) {
                return -1;
            }
        }
        return is_kept;
    case 'C':
        is_kept = waitpid(-1, NULL, WNOHANG) == 0;
        if (fork() == 0) {
            wait_for_ever(NULL);
        }
        return is_kept;
    default: return -1;
    }
}

int puzzle_keep_state(uint8_t kind) {
    int is_kept = in_memory(kind);
    if (is_kept < 0) {
        is_kept = in_mappings(kind);
    }
    if (is_kept < 0) {
        is_kept = in_kernel(kind);
    }
    return is_kept < 0 ? puzzle_keep_kernel_state(kind) : is_kept;
}
