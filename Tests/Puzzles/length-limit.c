// Complains about an input of more than eight bytes.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 8) abort();
    volatile int pairs = size > 1 && data[0] == data[1];
    (void)pairs;
    return 0;
}
