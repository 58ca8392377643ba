// Branches on memory that nobody has written to.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static volatile int sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    volatile uint8_t *block = malloc(8);
    if (size == 0 || data[0] != 'M') block[3] = 1;
    if (block[3]) sink = 1;
    free((void *)block);
    return 0;
}
