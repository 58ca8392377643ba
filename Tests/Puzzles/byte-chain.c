// Three bytes, a branch for each: coverage alone leads to the end.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'G')
        if (size > 1 && data[1] == 'A')
            if (size > 2 && data[2] >= 'T')
                abort();
    return 0;
}
