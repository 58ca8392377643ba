// Only an input of 200 bytes or more is looked at.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size >= 200 && (data[199] & 1)) abort();
    return 0;
}
