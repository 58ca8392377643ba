// A sum of int that overflows: undefined behaviour that only UBSan sees.
#include <stddef.h>
#include <stdint.h>

static volatile int sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    volatile int base = 0x7fffffff - 100;
    if (size > 1 && data[0] == 'I') sink = base + data[1];
    return 0;
}
