// A magic number of four bytes, compared at once.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t magic;
    if (size < sizeof magic) return 0;
    memcpy(&magic, data, sizeof magic);
    if (magic == 0xfee1900dU) abort();
    return 0;
}
