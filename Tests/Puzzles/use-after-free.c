// Reads a block that it gave back.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static volatile int sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    volatile int *block = malloc(sizeof *block);
    *block = 7;
    int isEarly = size > 1 && data[0] == 'U' && data[1] == 'F';
    if (isEarly) free((void *)block);
    sink = *block;
    if (!isEarly) free((void *)block);
    return 0;
}
