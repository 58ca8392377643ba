// Writes through a null pointer once the input begins with "N".
#include <stddef.h>
#include <stdint.h>

static volatile int *nowhere;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'N') *nowhere = 1;
    return 0;
}
