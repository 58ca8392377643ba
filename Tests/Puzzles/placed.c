// Ends abnormally from its 200th input on unless most children ran where the machine parent did not: forked ahead, on processors of
// their own. Linked without a sanitizer's runtime, it is so small that the fork server's variables are next to its counters.
#define _GNU_SOURCE
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
    int inputs;
    int apart;
} *seen;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    // Shared memory is not put back.
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return seen == MAP_FAILED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)data, (void)size;
    cpu_set_t own, parents, both;
    if (sched_getaffinity(0, sizeof own, &own) != 0 || sched_getaffinity(getppid(), sizeof parents, &parents) != 0) return 0;
    CPU_AND(&both, &own, &parents);
    seen->inputs++;
    seen->apart += CPU_COUNT(&both) == 0;
    if (seen->inputs >= 200 && seen->apart * 4 < seen->inputs * 3) abort();
    return 0;
}
