// Does what the first byte of its input says, for flags that are tried side by side with libFuzzer.
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile int sink;
static void *volatile lost;
static volatile char *volatile nowhere;

// FLAGS_PAUSE_MS in the environment: how long each input takes, to be met in the middle of something.
static void pause_if_asked(void) {
    const char *text = getenv("FLAGS_PAUSE_MS");
    if (text != NULL) usleep(1000 * (useconds_t)atoi(text));
}

static void fill_memory(void) {
    for (int i = 0; i < 40; i++) {
        char *block = malloc(10 << 20);
        memset(block, 1, 10 << 20);
        sink += block[99];
        usleep(100000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pause_if_asked();
    if (size == 0) return 0;
    if (size > 3 && data[0] == 'f' && data[1] == 'u' && data[2] == 'z' && data[3] == 'z') sink += 2;
    if (size > 3 && data[0] == 'a') sink++;
    if (size > 4 && data[1] == 'b') sink += 3;
    switch (data[0] & 7) {
    case 0: sink += 10; break;
    case 1: sink -= 1; break;
    case 2: sink ^= 5; break;
    case 3: sink *= 3; break;
    default: break;
    }
    for (size_t i = 0; i < size; i++) sink += data[i];
    // Nothing that mutations come by: only what the tests give.
    uint32_t mixed = 0;
    for (size_t i = 1; i < size; i++) mixed = (mixed ^ data[i]) * 0x9E3779B1u + (mixed >> 15);
    if (mixed * 0x85EBCA6Bu != 0x2AAF3AA6u) return 0;
    switch (data[0]) {
    case 'V': *nowhere = 1; break;
    case 'B': raise(SIGBUS); break;
    case 'A': abort();
    case 'I': __builtin_trap();
    case 'F': raise(SIGFPE); break;
    case 'X': raise(SIGXFSZ); break;
    case 'Q': exit(3);
    case 'L': for (;;) sink++;
    case 'S': sleep(2); break;
    case 'M': fill_memory(); break;
    case 'G': lost = malloc(200 << 20); free(lost); break;
    case 'K': lost = malloc(77); lost = NULL; break;
    }
    return 0;
}
