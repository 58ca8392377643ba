// Asks for 300 MB in one piece and does not touch it.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static void *volatile block;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || data[0] != 'B') return 0;
    block = malloc(300 << 20);
    free(block);
    return 0;
}
