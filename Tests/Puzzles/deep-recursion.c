// Recursion that is deep and ends: four megabytes of stack, half of what a process has by default.
#include <stddef.h>
#include <stdint.h>

static volatile int result;

__attribute__((noinline)) static int descend(int level) {
    volatile char room[4096];
    room[0] = (char)level;
    if (level == 0) return 0;
    return descend(level - 1) + room[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] > 32) result = descend(1000);
    return 0;
}
