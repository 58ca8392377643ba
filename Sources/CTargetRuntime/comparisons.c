// What comparisons leave: operands in the slot where the request asks for them, and distances in the value profile.
#include "fuzzd_target.h"

// Places looked at for one comparison.
#define COMPARISON_NEIGHBOURS 8u

uint32_t fuzzd_tracing;

static struct fuzzd_live *comparison_live;
static struct fuzzd_slot *comparison_slot;
static uint8_t *value_profile;

void fuzzd_collect_comparisons(struct fuzzd_live *live, struct fuzzd_slot *slot) {
    comparison_slot = slot;
    comparison_live = live;
    fuzzd_tracing = live != NULL || value_profile != NULL;
}

void fuzzd_set_value_profile(uint8_t *counters) {
    value_profile = counters;
    fuzzd_tracing = comparison_live != NULL || value_profile != NULL;
}

// Places are chosen by the operands, so that a loop's counter does not push everything else out. Of a few neighbours the first
// free one is taken: two different comparisons seldom displace each other before the table is full.
static void record_comparison(uint32_t size_bytes, uint64_t left, uint64_t right) {
    uint64_t mixed = (left ^ (right * 0x9E3779B97F4A7C15u)) * 0xBF58476D1CE4E5B9u;
    struct fuzzd_comparison *table = comparison_slot->comparisons;
    uint32_t first = (uint32_t)(mixed >> 32) % FUZZD_MAX_COMPARISONS, place = first;
    for (uint32_t i = 0; i < COMPARISON_NEIGHBOURS; i++) {
        uint32_t neighbour = (first + i) % FUZZD_MAX_COMPARISONS;
        int is_free = table[neighbour].size_bytes == 0;
        int is_same = table[neighbour].size_bytes == size_bytes && table[neighbour].left == left && table[neighbour].right == right;
        if (is_free || is_same) {
            place = neighbour;
            break;
        }
    }
    table[place] = (struct fuzzd_comparison){.left = left, .right = right, .size_bytes = size_bytes};
    comparison_live->comparison_count++;
}

// Only the caller's place in its page counts, which address randomisation leaves alone.
static void record_value(uintptr_t caller, uint32_t distance) {
    uint32_t mixed = (uint32_t)((caller & 4095) * 256 + distance) * 0x9E3779B1u;
    value_profile[mixed >> 16] = 1;
}

void fuzzd_trace_distance(uintptr_t caller, uint64_t left, uint64_t right) {
    if (value_profile == NULL) {
        return;
    }
    // Hamming distance, and the logarithm of the difference.
    record_value(caller, (uint32_t)__builtin_popcountll(left ^ right));
    record_value(caller, 128 + (left == right ? 0 : 64 - (uint32_t)__builtin_clzll(left > right ? left - right : right - left)));
}

void fuzzd_trace_comparison(uintptr_t caller, uint32_t size_bytes, uint64_t left, uint64_t right) {
    if (comparison_live != NULL && left != right) {
        record_comparison(size_bytes, left, right);
    }
    fuzzd_trace_distance(caller, left, right);
}

static void record_words(const uint8_t *left, size_t left_bytes, const uint8_t *right, size_t right_bytes) {
    uint64_t mixed = left_bytes * 31 + right_bytes;
    struct fuzzd_word_comparison words = {.left_bytes = (uint32_t)left_bytes, .right_bytes = (uint32_t)right_bytes};
    for (size_t i = 0; i < left_bytes; i++) {
        words.left[i] = left[i];
        mixed = (mixed ^ left[i]) * 0x100000001B3u;
    }
    for (size_t i = 0; i < right_bytes; i++) {
        words.right[i] = right[i];
        mixed = (mixed ^ right[i]) * 0x100000001B3u;
    }
    comparison_slot->word_comparisons[(mixed >> 32) % FUZZD_MAX_WORD_COMPARISONS] = words;
    comparison_live->word_comparison_count++;
}

void fuzzd_trace_words(
    uintptr_t caller, const void *left, size_t left_bytes, const void *right, size_t right_bytes, int is_search) {
    const uint8_t *a = left, *b = right;
    left_bytes = left_bytes < FUZZD_WORD_BYTES ? left_bytes : FUZZD_WORD_BYTES;
    right_bytes = right_bytes < FUZZD_WORD_BYTES ? right_bytes : FUZZD_WORD_BYTES;
    if (value_profile != NULL && !is_search) {
        uint32_t same = 0;
        while (same < left_bytes && same < right_bytes && a[same] == b[same]) {
            same++;
        }
        record_value(caller, same);
    }
    if (comparison_live != NULL && right_bytes > 1) {
        // What is searched for is of use; where it is searched is most of the input.
        record_words(a, is_search ? 0 : left_bytes, b, right_bytes);
    }
}
