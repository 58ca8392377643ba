// Sleeps for four seconds, using no processor time.
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == 'Z')
        for (int i = 0; i < 40; i++) usleep(100000);
    return 0;
}
