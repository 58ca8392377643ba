// A bare loop of fork, _exit and wait in a process of a given resident size: what the machine itself can do, with
// nothing of ours in between. Part of `fuzzd-bench`, which speaks with it line by line:
//
//   bare-fork KIBIBYTES     grows to that resident size, then prints "ready RESIDENT_KIB PAGE_TABLES_KIB"
//   stdin: a decimal number of turns; stdout: the loop's duration in nanoseconds
//
// Ends at the end of its input.
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, LINE_BYTES = 256 };

// A figure of /proc/self/status in KiB; 0 if it is not there.
static long status_kibibytes(const char *name) {
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL) {
        return 0;
    }
    char line[LINE_BYTES];
    long value = 0;
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            value = strtol(line + strlen(name), NULL, 10);
        }
    }
    fclose(status);
    return value;
}

// Ordinary private memory, every page written; huge pages only where the system hands them out unasked.
static int grow_to(long kibibytes) {
    long missing_bytes = (kibibytes - status_kibibytes("VmRSS:")) * 1024;
    if (missing_bytes <= 0) {
        return 0;
    }
    char *memory = mmap(NULL, (size_t)missing_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -1;
    }
    for (long offset = 0; offset < missing_bytes; offset += PAGE_BYTES) {
        memory[offset] = 1;
    }
    return 0;
}

static uint64_t monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t run(long turns) {
    uint64_t start = monotonic_nanoseconds();
    for (long turn = 0; turn < turns; turn++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        if (child < 0 || waitpid(child, NULL, 0) != child) {
            perror("bare-fork");
            exit(1);
        }
    }
    return monotonic_nanoseconds() - start;
}

int main(int argc, char **argv) {
    if (argc != 2 || grow_to(strtol(argv[1], NULL, 10)) != 0) {
        fprintf(stderr, "usage: bare-fork KIBIBYTES (resident size to grow to)\n");
        return 2;
    }
    printf("ready %ld %ld\n", status_kibibytes("VmRSS:"), status_kibibytes("VmPTE:"));
    fflush(stdout);
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        printf("%" PRIu64 "\n", run(strtol(line, NULL, 10)));
        fflush(stdout);
    }
    return 0;
}
