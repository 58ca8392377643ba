// What is lost here was lost before the first input; the inputs themselves give everything back but a block that stays reachable.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static void *volatile block;
static void *volatile kept;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    block = malloc(41);
    block = NULL;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'K' && kept == NULL) kept = malloc(43);
    return 0;
}
