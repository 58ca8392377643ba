// Records of type, length and payload. A record of type 1 names a table's size, one of type 3 an index that is not compared with it.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t at = 0, entries = 0;
    while (at + 2 <= size) {
        uint8_t type = data[at], length = data[at + 1];
        const uint8_t *payload = data + at + 2;
        if (length > size - at - 2) return 0;
        if (type == 1 && length >= 2) entries = payload[0] + 1;
        if (type == 3 && length >= 4 && entries > 0 && payload[3] >= entries) abort();
        at += 2 + (size_t)length;
    }
    return 0;
}
