// Takes arguments of its own out of the command line, as QEMU's harness does.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int isDeep;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    for (int i = 1; i < *argc; i++) {
        if (strcmp((*argv)[i], "--depth=deep") != 0) continue;
        isDeep = 1;
        memmove(*argv + i, *argv + i + 1, (size_t)(*argc - i) * sizeof **argv);
        *argc -= 1;
        break;
    }
    fprintf(stderr, "arguments: %s of %s\n", isDeep ? "deep" : "shallow", strrchr((*argv)[0], '/') ? "a path" : "a name");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (isDeep && size > 0 && data[0] == 'D') abort();
    return 0;
}
