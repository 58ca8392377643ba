// Says -1 to what begins with a small letter: such inputs must not enter the corpus, whatever they cover.
#include <stddef.h>
#include <stdint.h>

static volatile int sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] >= 'a' && data[0] <= 'z') {
        if (size > 1 && data[1] > 'p') sink = 1;
        if (size > 2 && data[2] > 'p') sink = 2;
        return -1;
    }
    if (size > 0 && data[0] >= 'A' && data[0] <= 'Z') sink = 3;
    return 0;
}
