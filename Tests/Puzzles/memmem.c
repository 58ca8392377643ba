// Five bytes anywhere in the input, looked for with memmem.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char text[64];
    size_t length = size < sizeof text - 1 ? size : sizeof text - 1;
    memcpy(text, data, length);
    text[length] = 0;
    if (memmem(text, length, "\xff\x00\x55\xaa\x5a", 5) != NULL) abort();
    return 0;
}
