// A lock whose states show only in counters of its own.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

__attribute__((section("__libfuzzer_extra_counters"))) static volatile uint8_t states[64];

// Not instrumented: edges say nothing of how far the lock is open.
#ifdef UNCOUNTED
static uint8_t plain[64];
#define states plain
#endif
__attribute__((noinline, no_sanitize("coverage"))) static int turn(const uint8_t *data, size_t size) {
    static const uint8_t combination[2] = {0x91, 0x07};
    size_t open = 0;
    while (open < 2 && open < size && data[open] == combination[open]) states[++open] = 1;
    return open == 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (turn(data, size)) abort();
    return 0;
}
