// A library as somebody else's project has one: a format of chunks, with a bug in one of them.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "parser.h"

int parse(const uint8_t *data, size_t size) {
    uint8_t table[16] = {0};
    size_t at = 0;
    if (size < 4 || memcmp(data, "CHNK", 4) != 0) return -1;
    for (at = 4; at + 2 < size; at += 3) {
        if (data[at] != 'S') continue;
        // The bug: the index is not checked.
        table[data[at + 1]] = data[at + 2];
    }
    return table[0];
}
