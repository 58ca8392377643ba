// Leaves its process group and sets an alarm that would kill it later.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || data[0] < 64) return 0;
    setsid();
    if (data[0] == 'P') {
        for (;;) sleep(1);
    }
    return 0;
}
