// Stops itself, as a debugger would.
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'S') raise(SIGSTOP);
    return 0;
}
