// bcmp that tells what it compares. A member for itself: it is linked only where no sanitizer intercepts.
#define _GNU_SOURCE
#include "fuzzd_compare.h"

__attribute__((weak)) int bcmp(const void *left, const void *right, size_t size) {
    const uint8_t *a = left, *b = right;
    size_t i = 0;
    while (i + 8 <= size && fuzzd_word_at(a + i) == fuzzd_word_at(b + i)) {
        i += 8;
    }
    int result = 0;
    for (; i < size && result == 0; i++) {
        result = (int)a[i] - (int)b[i];
    }
    __sanitizer_weak_hook_memcmp(__builtin_return_address(0), left, right, size, result);
    return result;
}
