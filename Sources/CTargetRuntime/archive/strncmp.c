// strncmp that tells what it compares. A member for itself: it is linked only where no sanitizer intercepts.
#define _GNU_SOURCE
#include "fuzzd_compare.h"

__attribute__((weak)) int strncmp(const char *left, const char *right, size_t size) {
    int result = 0;
    for (size_t i = 0; i < size; i++) {
        result = (uint8_t)left[i] - (uint8_t)right[i];
        if (result != 0 || left[i] == 0) {
            break;
        }
    }
    __sanitizer_weak_hook_strncmp(__builtin_return_address(0), left, right, size, result);
    return result;
}
