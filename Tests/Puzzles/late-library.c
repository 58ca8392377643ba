// Opens an instrumented shared object with dlopen: at initialisation, or with LATE when the first input needs it.
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int (*inspect)(const uint8_t *data, size_t size);
static volatile int sink;

static void load(void) {
    void *library = dlopen("libshared-part.so", RTLD_NOW);
    if (library == NULL) {
        fprintf(stderr, "late-library: %s\n", dlerror());
        exit(9);
    }
    void *address = dlsym(library, "inspect");
    memcpy(&inspect, &address, sizeof inspect);
}

#ifndef LATE
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    load();
    return 0;
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    // Not on the empty input, which engines run before they serve.
    if (size == 0) return 0;
    if (inspect == NULL) load();
    sink = inspect(data, size);
    return 0;
}
