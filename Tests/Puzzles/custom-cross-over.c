// Two halves that only its own cross-over puts together: it tells what it made by a mark that no mutation would find.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mark[16] = {0xd1, 0x5e, 0xa5, 0xed, 0x0b, 0xad, 0xc0, 0xde, 0x17, 0x2a, 0x39, 0x44, 0x58, 0x6f, 0x73, 0x82};

__attribute__((no_sanitize("coverage"))) static int isMarked(const uint8_t *data) {
    int difference = 0;
    for (size_t i = 0; i < sizeof mark; i++) difference |= ((const volatile uint8_t *)data)[i] ^ mark[i];
    return difference == 0;
}

__attribute__((no_sanitize("coverage"))) size_t LLVMFuzzerCustomCrossOver(
    const uint8_t *data, size_t size, const uint8_t *other, size_t otherSize, uint8_t *result, size_t maximumSize,
    unsigned int seed) {
    (void)seed;
    if (size == 0 || otherSize == 0 || maximumSize < sizeof mark + 2) return 0;
    memcpy(result, mark, sizeof mark);
    result[sizeof mark] = data[0];
    result[sizeof mark + 1] = other[0];
    return sizeof mark + 2;
}

static volatile int kinds;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'a') kinds = 1;
    if (size > 0 && data[0] == 'b') kinds = 2;
    if (size == sizeof mark + 2 && isMarked(data) && data[sizeof mark] != data[sizeof mark + 1]) abort();
    return 0;
}
