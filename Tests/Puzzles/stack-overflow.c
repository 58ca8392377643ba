// Recursion without an end.
#include <stddef.h>
#include <stdint.h>

static volatile int depth;

__attribute__((noinline)) static int descend(int level) {
    volatile char room[512];
    room[level & 511] = (char)level;
    if (depth < 0) return 0;
    return descend(level + 1) + room[level & 511];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'R') depth = descend(0);
    return 0;
}
