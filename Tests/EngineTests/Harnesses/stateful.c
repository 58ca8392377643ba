// Takes another path, or the same one more often, where an earlier input left something behind.
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static int seen[16];
static uint8_t *kept[64];
static size_t kept_count;

static void count(int times) {
    for (int i = 0; i < times; i++) __asm__ volatile("");
}

static void use_heap(size_t size) {
    uint8_t *memory = malloc(size * 40 + 1);
    if (memory == NULL) return;
    // Of what others left in memory only what is theirs is read: addresses are other ones in each process.
    if (kept_count > 0) count(kept[kept_count - 1][0] % 7);
    for (size_t i = 0; i <= size * 40; i++) memory[i] = (uint8_t)size;
    if (size % 3 != 0 || kept_count == 64) free(memory);
    else kept[kept_count++] = memory;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        switch (data[i] % 8) {
        case 0: count(seen[data[i] % 16]++); break;
        case 1: use_heap(data[i]); break;
        case 2: count((int)kept_count); break;
        case 3: count(open("/dev/null", O_RDONLY) % 32); break;
        case 4: close(data[i] % 32 + 64); break;
        case 5: if (kept_count > 0) free(kept[--kept_count]); break;
        case 6: if (seen[1] + seen[2] > 40) abort(); break;
        default: if (data[i] == 255 && size > 60) *(volatile int *)8 = 0;
        }
    }
    return size % 17 == 0 ? -1 : 0;
}
