// Divides by zero.
#include <stddef.h>
#include <stdint.h>

static volatile int sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 1 && data[0] == '/') sink = 1000 / (volatile int){data[1] - '0'};
    return 0;
}
