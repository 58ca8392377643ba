// Forgets a descriptor with every input and dies when it gets no more.
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    struct rlimit limit = {200, 200};
    return setrlimit(RLIMIT_NOFILE, &limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)data, (void)size;
    if (open("/dev/null", O_RDONLY) < 0) abort();
    return 0;
}
