// A tiny harness: what a fork server costs is nearly all of what an input costs.
#include <stddef.h>
#include <stdint.h>

static volatile uint32_t result;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t sum = 0;
    for (size_t i = 0; i < size && i < 64; i++) sum = sum * 31 + data[i];
    if (size > 3 && data[0] == 'T' && data[1] == 'I') sum ^= 1;
    result = sum;
    return 0;
}
