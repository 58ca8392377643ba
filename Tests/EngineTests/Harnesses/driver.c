// Has a main of its own.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*callback)(const uint8_t *, size_t));

static int run(const uint8_t *data, size_t size) {
    if (size == 0 || data[0] == 'C') {
        abort();
    }
    return 0;
}

int main(int count, char **arguments) { return LLVMFuzzerRunDriver(&count, &arguments, run); }
