// Two magic numbers, the second only looked at behind the first; big-endian.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static uint32_t bigEndian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8) return 0;
    if (bigEndian(data) != 0x71c3a95eU) return 0;
    if (bigEndian(data + 4) == 0x2d8e4b17U) abort();
    return 0;
}
