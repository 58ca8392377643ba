// The nearer to the target, the more turns of a loop: hit counts lead there, edges alone do not.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static volatile unsigned turns;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size != 3) return 0;
    int32_t value = data[0] << 16 | data[1] << 8 | data[2];
    uint32_t distance = (uint32_t)abs(value - 0xa53c71);
    unsigned wanted = 1;
    // Each factor of eight nearer doubles the turns, and so changes the bucket they are counted in.
    for (uint32_t limit = 1u << 21; distance < limit; limit >>= 3) wanted *= 2;
    for (unsigned i = 0; i < wanted; i++) turns++;
    if (distance < 4) abort();
    return 0;
}
