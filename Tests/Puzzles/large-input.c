// Wants an input of a mebibyte; the last byte decides.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 1 << 20 && data[size - 1] == 'Z') abort();
    return 0;
}
