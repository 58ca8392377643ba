// A loop that never ends.
#include <stddef.h>
#include <stdint.h>

static volatile int isForever = 1;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'T')
        while (isForever) {
        }
    return 0;
}
