// strcasecmp that tells what it compares. A member for itself: it is linked only where no sanitizer intercepts.
#define _GNU_SOURCE
#include "fuzzd_compare.h"

__attribute__((weak)) int strcasecmp(const char *left, const char *right) {
    int result = 0;
    for (size_t i = 0;; i++) {
        result = fuzzd_lower(left[i]) - fuzzd_lower(right[i]);
        if (result != 0 || left[i] == 0) {
            break;
        }
    }
    __sanitizer_weak_hook_strcasecmp(__builtin_return_address(0), left, right, result);
    return result;
}
