// A magic number of eight bytes behind a header byte.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint64_t magic;
    if (size < 1 + sizeof magic) return 0;
    memcpy(&magic, data + 1, sizeof magic);
    if (magic == 0x8badf00d5ca1ab1eULL) abort();
    return 0;
}
