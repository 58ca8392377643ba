// Dies of the five hundredth input of one process, whatever it is.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static int inputs;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)data, (void)size;
    if (++inputs == 500) abort();
    return 0;
}
