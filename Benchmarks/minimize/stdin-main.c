// `main` of a harness for afl-tmin: runs what it reads from standard input.
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(void) {
    static uint8_t input[1 << 16];
    size_t size = 0;
    ssize_t count;
    while ((count = read(0, input + size, sizeof input - size)) > 0) size += (size_t)count;
    return LLVMFuzzerTestOneInput(input, size);
}
