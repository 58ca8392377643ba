// The hooks that sanitizers' interceptors of memcmp and its kin call, and the archive's own where no sanitizer
// intercepts (compiler-rt, sanitizer/common_interface_defs.h).
#include "fuzzd_target.h"

#define TRACING __builtin_expect(fuzzd_tracing != 0, 0)

static size_t bounded_length(const char *text, size_t limit) {
    size_t length = 0;
    while (length < limit && text[length] != 0) {
        length++;
    }
    return length;
}

static void trace_text(void *caller, const char *left, const char *right, size_t limit, int result) {
    limit = limit < FUZZD_WORD_BYTES ? limit : FUZZD_WORD_BYTES;
    if (result != 0) {
        fuzzd_trace_words(
            (uintptr_t)caller, left, bounded_length(left, limit), right, bounded_length(right, limit), 0);
    }
}

void __sanitizer_weak_hook_memcmp(void *caller, const void *left, const void *right, size_t size, int result) {
    if (TRACING && result != 0) {
        fuzzd_trace_words((uintptr_t)caller, left, size, right, size, 0);
    }
}
void __sanitizer_weak_hook_strncmp(void *caller, const char *left, const char *right, size_t size, int result) {
    if (TRACING) {
        trace_text(caller, left, right, size, result);
    }
}
void __sanitizer_weak_hook_strcmp(void *caller, const char *left, const char *right, int result) {
    if (TRACING) {
        trace_text(caller, left, right, FUZZD_WORD_BYTES, result);
    }
}
void __sanitizer_weak_hook_strncasecmp(void *caller, const char *left, const char *right, size_t size, int result) {
    if (TRACING) {
        trace_text(caller, left, right, size, result);
    }
}
void __sanitizer_weak_hook_strcasecmp(void *caller, const char *left, const char *right, int result) {
    if (TRACING) {
        trace_text(caller, left, right, FUZZD_WORD_BYTES, result);
    }
}
void __sanitizer_weak_hook_strstr(void *caller, const char *text, const char *wanted, char *result) {
    (void)result;
    if (TRACING) {
        fuzzd_trace_words((uintptr_t)caller, text, 0, wanted, bounded_length(wanted, FUZZD_WORD_BYTES), 1);
    }
}
void __sanitizer_weak_hook_strcasestr(void *caller, const char *text, const char *wanted, char *result) {
    __sanitizer_weak_hook_strstr(caller, text, wanted, result);
}
void __sanitizer_weak_hook_memmem(
    void *caller, const void *text, size_t text_size, const void *wanted, size_t size, void *result) {
    (void)text_size, (void)result;
    if (TRACING) {
        fuzzd_trace_words((uintptr_t)caller, text, 0, wanted, size, 1);
    }
}
