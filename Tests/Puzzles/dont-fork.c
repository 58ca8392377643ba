// Reads memory that was marked as none of a forked child's business.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { bytes = 1 << 20 };
static volatile uint8_t *memory;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 1;
    memory[4096] = 'F';
    return madvise((void *)memory, bytes, MADV_DONTFORK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (memory[4096] != 'F') exit(5);
    memory[0] = 1;
    if (size > 0 && data[0] == memory[4096]) abort();
    return 0;
}
