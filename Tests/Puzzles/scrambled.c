// The input's bits are shuffled before they are compared: no operand of the comparison fits into the input,
// only getting nearer bit by bit leads to the end, which is what a value profile sees.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size != 2) return 0;
    uint32_t bits = (uint32_t)data[0] << 8 | data[1];
    uint32_t shuffled = 0;
    for (unsigned i = 0; i < 16; i++) shuffled |= (bits >> i & 1) << (i * 7 % 16);
    if ((shuffled ^ 0x95c6U) == 0x1dea) abort();
    return 0;
}
