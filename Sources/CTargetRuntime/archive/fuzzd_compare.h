// What the interceptors of memcmp and its kin share.
#ifndef FUZZD_COMPARE_H
#define FUZZD_COMPARE_H

#include <strings.h>

#include "fuzzd_target.h"

void __sanitizer_weak_hook_memcmp(void *caller, const void *left, const void *right, size_t size, int result);
void __sanitizer_weak_hook_strncmp(void *caller, const char *left, const char *right, size_t size, int result);
void __sanitizer_weak_hook_strcmp(void *caller, const char *left, const char *right, int result);
void __sanitizer_weak_hook_strncasecmp(void *caller, const char *left, const char *right, size_t size, int result);
void __sanitizer_weak_hook_strcasecmp(void *caller, const char *left, const char *right, int result);
void __sanitizer_weak_hook_strstr(void *caller, const char *text, const char *wanted, char *result);
void __sanitizer_weak_hook_strcasestr(void *caller, const char *text, const char *wanted, char *result);
void __sanitizer_weak_hook_memmem(
    void *caller, const void *text, size_t text_size, const void *wanted, size_t size, void *result);

static inline uint64_t fuzzd_word_at(const uint8_t *place) {
    uint64_t word;
    __builtin_memcpy(&word, place, sizeof word);
    return word;
}

static inline int fuzzd_lower(char character) {
    uint8_t byte = (uint8_t)character;
    return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
}

#endif
