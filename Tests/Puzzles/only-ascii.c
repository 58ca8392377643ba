// Complains about a byte that is no printable character and no white space.
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (data[i] >= 128 || (!isprint(data[i]) && !isspace(data[i]))) abort();
    return 0;
}
