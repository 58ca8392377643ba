// The part of shared-library.c and late-library.c that is in a shared object.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int inspect(const uint8_t *data, size_t size);

int inspect(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'L')
        if (size > 1 && data[1] == 'I')
            if (size > 2 && data[2] == 'B') abort();
    return size > 3 && data[3] == data[0];
}
