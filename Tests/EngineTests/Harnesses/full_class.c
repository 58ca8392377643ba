// Leaves a sanitizer's allocator with as little room for blocks of 32 KiB as BLOCKS says: sooner or later the next one needs a mapping.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static void *volatile blocks[16];

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    const char *count = getenv("BLOCKS");
    for (int i = 0; count != NULL && i < atoi(count) && i < 16; i++) {
        blocks[i] = malloc(32768);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return size > 3 && data[0] == 'x' && data[1] == 'y' ? -1 : 0;
}
