// Callbacks that instrumented code calls (clang's SanitizerCoverage). They are C because a comparison's
// callback must be as small as a load and a branch when nobody collects.
#include "fuzzd_target.h"

static struct fuzzd_registered_module modules[FUZZD_MAX_MODULES];
static size_t module_count;
static size_t modules_dropped;

static struct fuzzd_live *comparison_live;
static struct fuzzd_comparison *comparison_table;

size_t fuzzd_module_count(void) { return module_count; }
struct fuzzd_registered_module fuzzd_module_at(size_t index) { return modules[index]; }
size_t fuzzd_modules_dropped(void) { return modules_dropped; }

void fuzzd_collect_comparisons(struct fuzzd_live *live, struct fuzzd_comparison *table) {
    comparison_table = table;
    comparison_live = live;
}

void __sanitizer_cov_8bit_counters_init(uint8_t *start, uint8_t *stop) {
    if (start == stop) {
        return;
    }
    for (size_t i = 0; i < module_count; i++) {
        if (modules[i].start == start) {
            return;
        }
    }
    if (module_count == FUZZD_MAX_MODULES) {
        modules_dropped++;
        return;
    }
    modules[module_count++] = (struct fuzzd_registered_module){.start = start, .stop = stop};
}

// A module's PC table is announced right after its counters, with one pair of words a counter.
void __sanitizer_cov_pcs_init(const uintptr_t *start, const uintptr_t *stop) {
    size_t words = (size_t)(stop - start);
    for (size_t i = 0; i < module_count; i++) {
        if (modules[i].pcs == start) {
            return;
        }
    }
    for (size_t i = module_count; i-- > 0;) {
        if (modules[i].pcs == NULL && (size_t)(modules[i].stop - modules[i].start) * 2 == words) {
            modules[i].pcs = start;
            modules[i].pc_words = words;
            return;
        }
    }
}

// Slots are chosen by the operands, so that a loop's counter does not push everything else out.
static void record_comparison(uint32_t size_bytes, uint64_t left, uint64_t right) {
    if (left == right) {
        return;
    }
    uint64_t mixed = (left ^ (right * 0x9E3779B97F4A7C15u)) * 0xBF58476D1CE4E5B9u;
    uint32_t index = (uint32_t)(mixed >> 32) % FUZZD_MAX_COMPARISONS;
    comparison_table[index] = (struct fuzzd_comparison){.left = left, .right = right, .size_bytes = size_bytes};
    comparison_live->comparison_count++;
}

#define FUZZD_COMPARISON(name, type)                                                                                   \
    void __sanitizer_cov_trace_##name(type left, type right) {                                                         \
        if (__builtin_expect(comparison_live != NULL, 0)) {                                                            \
            record_comparison(sizeof(type), left, right);                                                              \
        }                                                                                                              \
    }

FUZZD_COMPARISON(cmp1, uint8_t)
FUZZD_COMPARISON(cmp2, uint16_t)
FUZZD_COMPARISON(cmp4, uint32_t)
FUZZD_COMPARISON(cmp8, uint64_t)
FUZZD_COMPARISON(const_cmp1, uint8_t)
FUZZD_COMPARISON(const_cmp2, uint16_t)
FUZZD_COMPARISON(const_cmp4, uint32_t)
FUZZD_COMPARISON(const_cmp8, uint64_t)

// cases[0] is their number, cases[1] the operand's width in bits.
void __sanitizer_cov_trace_switch(uint64_t value, uint64_t *cases) {
    if (__builtin_expect(comparison_live == NULL, 1)) {
        return;
    }
    for (uint64_t i = 0; i < cases[0]; i++) {
        record_comparison((uint32_t)(cases[1] / 8), value, cases[2 + i]);
    }
}

void __sanitizer_cov_trace_pc_indir(uintptr_t callee) { (void)callee; }
