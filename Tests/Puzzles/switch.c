// A switch over far-apart constants; only one case is bad.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

volatile int sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint32_t command;
    if (size < sizeof command) return 0;
    memcpy(&command, data, sizeof command);
    switch (command) {
    case 0x10203040U: sink = 1; break;
    case 0x5a17c0deU: sink = 2; break;
    case 0x7e57ab1eU: abort();
    case 0xe0d0c0b0U: sink = 3; break;
    case 0xf00dfaceU: sink = 4; break;
    default: sink = 5; break;
    }
    return 0;
}
