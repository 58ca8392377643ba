// A program with a main of its own, which asks the engine to drive a function of another name.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

static int isReady;

static int runOne(const uint8_t *data, size_t size) {
    if (!isReady) return 0;
    if (size > 1 && data[0] == 'M' && data[1] == 'N') abort();
    return 0;
}

int main(int argc, char **argv) {
    isReady = 1;
    int result = LLVMFuzzerRunDriver(&argc, &argv, runOne);
    printf("the driver returned %d\n", result);
    return result;
}
