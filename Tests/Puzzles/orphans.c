// Leaves a child behind that would live for a minute, in a session of its own.
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || data[0] < 128) return 0;
    if (fork() == 0) {
        setsid();
        sleep(60);
        _exit(0);
    }
    return 0;
}
