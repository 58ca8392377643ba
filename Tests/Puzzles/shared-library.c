// All that there is to find is in an instrumented shared library.
#include <stddef.h>
#include <stdint.h>

int inspect(const uint8_t *data, size_t size);

static volatile int sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sink = inspect(data, size);
    return 0;
}
