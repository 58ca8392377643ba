// Keeps the address of a local variable and reads it two hundred calls after its function returned.
#include <stddef.h>
#include <stdint.h>

static volatile int *kept;
static volatile int sink;

__attribute__((noinline)) static void keep(int value) {
    volatile int local = value;
    kept = &local;
}

__attribute__((noinline)) static void call(int value) {
    volatile int local = value;
    volatile int *other = &local;
    sink = *other;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    keep((int)size);
    for (int count = 0; count < 200; count++) call(count);
    if (size > 1 && data[0] == 'U' && data[1] == 'R') sink = *kept;
    return 0;
}
