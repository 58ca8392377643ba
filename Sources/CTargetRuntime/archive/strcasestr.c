// strcasestr that tells what it compares. A member for itself: it is linked only where no sanitizer intercepts.
#define _GNU_SOURCE
#include "fuzzd_compare.h"

__attribute__((weak)) char *strcasestr(const char *text, const char *wanted) {
    char *result = NULL;
    for (size_t at = 0; result == NULL; at++) {
        size_t same = 0;
        while (wanted[same] != 0 && fuzzd_lower(text[at + same]) == fuzzd_lower(wanted[same])) {
            same++;
        }
        if (wanted[same] == 0) {
            result = (char *)text + at;
        } else if (text[at] == 0) {
            break;
        }
    }
    __sanitizer_weak_hook_strcasestr(__builtin_return_address(0), text, wanted, result);
    return result;
}
