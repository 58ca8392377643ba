// A keyword known by its hash only: nothing in the program gives it away.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 8) return 0;
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < 8; i++) hash = (hash ^ data[i]) * 0x100000001b3ULL;
    // Of "Zr8!kQ.w".
    if (hash == 0x657586a812d84bbdULL) abort();
    return 0;
}
