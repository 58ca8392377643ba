#include <stddef.h>
#include <stdint.h>

int look(const uint8_t *data, size_t size) {
    if (size > 1 && data[1] == 'a') {
        if (size > 2 && data[2] == 'b') {
            *(volatile int *)16 = 1;
        }
        return 0;
    }
    return 0;
}
