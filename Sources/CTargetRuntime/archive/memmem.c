// memmem that tells what it compares. A member for itself: it is linked only where no sanitizer intercepts.
#define _GNU_SOURCE
#include "fuzzd_compare.h"

__attribute__((weak)) void *memmem(const void *text, size_t text_size, const void *wanted, size_t size) {
    const uint8_t *bytes = text, *sought = wanted;
    void *result = NULL;
    for (size_t at = 0; result == NULL && at + size <= text_size; at++) {
        size_t same = 0;
        while (same < size && bytes[at + same] == sought[same]) {
            same++;
        }
        if (same == size) {
            result = (void *)(uintptr_t)(bytes + at);
        }
    }
    __sanitizer_weak_hook_memmem(__builtin_return_address(0), text, text_size, wanted, size, result);
    return result;
}
