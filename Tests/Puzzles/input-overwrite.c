// Changes its input, which is const.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'W') ((volatile uint8_t *)data)[0] = 'X';
    return 0;
}
