#include "parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    volatile int result = parse(data, size);
    (void)result;
    return 0;
}
