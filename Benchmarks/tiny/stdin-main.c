// `main` of the tiny harness for AFL++: reads its input from standard input, as a program under its fork server does.
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(void) {
    static uint8_t input[4096];
    ssize_t size = read(0, input, sizeof input);
    return LLVMFuzzerTestOneInput(input, size < 0 ? 0 : (size_t)size);
}
