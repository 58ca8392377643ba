// A checksum field in front of what it sums up: the comparison shows what belongs there.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8) return 0;
    uint32_t sum = 0x1d0f7351U;
    for (size_t i = 4; i < size; i++) sum = (sum ^ data[i]) * 16777619U;
    uint32_t field = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
    if (field == sum) abort();
    return 0;
}
