// Kills itself with a signal that cannot be handled.
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'K') kill(getpid(), SIGKILL);
    return 0;
}
