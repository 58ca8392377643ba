// Takes 400 MB bit by bit, then rests for two seconds.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile blocks[100];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || data[0] != 'O') return 0;
    for (int i = 0; i < 100; i++) {
        blocks[i] = malloc(4 << 20);
        if (blocks[i]) memset(blocks[i], i + 1, 4 << 20);
    }
    sleep(2);
    for (int i = 0; i < 100; i++) free(blocks[i]);
    return 0;
}
