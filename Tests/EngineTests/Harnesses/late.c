// Opens an instrumented shared object, which the environment names, while an input runs.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    void *object = dlopen(getenv(data[0] == '2' ? "LATE_OBJECT_2" : "LATE_OBJECT"), RTLD_NOW);
    if (object == NULL) {
        puts(dlerror());
        return -1;
    }
    int (*look)(const uint8_t *, size_t) = (int (*)(const uint8_t *, size_t))dlsym(object, "look");
    return look == NULL ? -1 : look(data, size);
}
