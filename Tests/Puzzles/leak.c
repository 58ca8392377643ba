// Forgets a block of memory.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static void *volatile block;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    block = malloc(37);
    if (size == 0 || data[0] != 'L') free(block);
    block = NULL;
    return 0;
}
