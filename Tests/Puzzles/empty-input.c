// Cannot take an input without bytes.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)data;
    if (size == 0) abort();
    return 0;
}
