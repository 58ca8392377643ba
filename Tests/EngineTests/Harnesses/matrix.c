// One bug of the kind that BUG names, behind two bytes, and a little to cover. Compiles as C and as C++.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __cplusplus
#include <string>
#include <vector>
extern "C"
#endif
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BUG_ABORT 0
#define BUG_OVERFLOW 1
#define BUG_ARITHMETIC 2
#define BUG_LEAK 3
#define BUG_UNINITIALISED 4
#ifndef BUG
#define BUG BUG_ABORT
#endif

static volatile int sink;
static void *volatile kept;

static void go_wrong(const uint8_t *data, size_t size) {
    (void)data, (void)size;
#if BUG == BUG_ABORT
    abort();
#elif BUG == BUG_OVERFLOW
    char *room = (char *)malloc(size);
    sink = room[size + data[0] / 255];
    free(room);
#elif BUG == BUG_ARITHMETIC
    sink = 0x7fffffff;
    sink = sink + data[0];
#elif BUG == BUG_LEAK
    kept = malloc(100 + size);
    kept = NULL;
#elif BUG == BUG_UNINITIALISED
    volatile int values[4];
    if (values[data[0] % 4] == 3) sink = 1;
#endif
}

static size_t words(const uint8_t *data, size_t size) {
#ifdef __cplusplus
    std::vector<std::string> found(1);
    for (size_t i = 0; i < size; i++) {
        if (data[i] == ' ') found.emplace_back();
        else found.back().push_back((char)data[i]);
    }
    return found.size();
#else
    size_t count = 1;
    for (size_t i = 0; i < size; i++) count += data[i] == ' ';
    return count;
#endif
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (words(data, size) > 3) sink = 2;
    if (size >= 2 && data[0] == 'F' && data[1] == 'Z') go_wrong(data, size);
    return 0;
}
