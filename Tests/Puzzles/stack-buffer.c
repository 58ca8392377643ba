// An index that is not checked, into an array on the stack.
#include <stddef.h>
#include <stdint.h>

static volatile uint8_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    volatile uint8_t table[32] = {0};
    if (size > 2 && data[0] == 'S') {
        table[data[1] % 40] = data[2];
        sink = table[data[2] % 32];
    }
    return 0;
}
