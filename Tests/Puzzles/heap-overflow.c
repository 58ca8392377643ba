// Writes one byte behind a block of the heap.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    volatile uint8_t *block = malloc(16);
    if (size > 1 && data[0] == 'H') block[data[1] > 128 ? 16 : 15] = 1;
    free((void *)block);
    return 0;
}
