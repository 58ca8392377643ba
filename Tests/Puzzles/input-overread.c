// Reads the byte behind the input: the engine must hand out inputs that end where a sanitizer sees it.
#include <stddef.h>
#include <stdint.h>

static volatile uint8_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'O') sink = ((const volatile uint8_t *)data)[size];
    return 0;
}
