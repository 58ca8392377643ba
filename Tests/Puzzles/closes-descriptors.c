// Closes every descriptor it can think of, then goes on.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || data[0] < 64) return 0;
    for (int descriptor = 3; descriptor < 1024; descriptor++) close(descriptor);
    if (data[0] == 'C' && data[1] == 'D') abort();
    return 0;
}
