// Callbacks that instrumented code calls (clang's SanitizerCoverage). They are C because they need their caller's
// address, and because a comparison's callback must be as small as a load and a branch when nobody collects.
#include "fuzzd_target.h"

static struct fuzzd_registered_module modules[FUZZD_MAX_MODULES];
static size_t module_count;
static size_t modules_dropped;
static fuzzd_late_module_handler late_module_handler;

// Guards are numbered from 1 through all modules; 0 is a guard that counts nothing.
static uint32_t guard_count;
static uint8_t *guard_counters;

size_t fuzzd_module_count(void) { return module_count; }
struct fuzzd_registered_module fuzzd_module_at(size_t index) { return modules[index]; }
size_t fuzzd_modules_dropped(void) { return modules_dropped; }
size_t fuzzd_guard_count(void) { return guard_count; }

void fuzzd_set_guard_counters(uint8_t *counters) {
    for (size_t i = 0; i < module_count; i++) {
        if (modules[i].guards != NULL) {
            modules[i].start = counters + modules[i].first_guard;
            modules[i].stop = modules[i].start + modules[i].count;
        }
    }
    guard_counters = counters;
}

void fuzzd_set_late_module_handler(fuzzd_late_module_handler handler) { late_module_handler = handler; }

static void register_module(struct fuzzd_registered_module module) {
    if (late_module_handler != NULL) {
        late_module_handler(&module);
    } else if (module_count == FUZZD_MAX_MODULES) {
        modules_dropped++;
    } else {
        modules[module_count++] = module;
    }
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
    register_module((struct fuzzd_registered_module){.start = start, .stop = stop, .count = (size_t)(stop - start)});
}

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop) {
    if (start == stop || *start != 0) {
        return;
    }
    size_t count = (size_t)(stop - start);
    if (late_module_handler != NULL) {
        late_module_handler(&(struct fuzzd_registered_module){.guards = start, .count = count});
        return;
    }
    register_module((struct fuzzd_registered_module){.guards = start, .count = count, .first_guard = guard_count});
    for (uint32_t *guard = start; guard < stop; guard++) {
        *guard = ++guard_count;
    }
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard) {
    if (guard_counters != NULL && *guard != 0) {
        guard_counters[*guard - 1]++;
    }
}

// A late module's guards count from where its counters lie, which is beyond those of the others.
void fuzzd_number_guards(uint32_t *guards, size_t count, const uint8_t *counters) {
    for (size_t i = 0; i < count; i++) {
        guards[i] = (uint32_t)(counters - guard_counters) + (uint32_t)i + 1;
    }
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
        if (modules[i].pcs == NULL && modules[i].count * 2 == words) {
            modules[i].pcs = start;
            modules[i].pc_words = words;
            return;
        }
    }
}

#define CALLER ((uintptr_t)__builtin_return_address(0))

#define FUZZD_COMPARISON(name, type)                                                                                   \
    void __sanitizer_cov_trace_##name(type left, type right) {                                                         \
        if (__builtin_expect(fuzzd_tracing != 0, 0)) {                                                                 \
            fuzzd_trace_comparison(CALLER, sizeof(type), left, right);                                                 \
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
    if (__builtin_expect(fuzzd_tracing == 0, 1)) {
        return;
    }
    for (uint64_t i = 0; i < cases[0]; i++) {
        fuzzd_trace_comparison(CALLER + i, (uint32_t)(cases[1] / 8), value, cases[2 + i]);
    }
}

void __sanitizer_cov_trace_div4(uint32_t divisor) {
    if (__builtin_expect(fuzzd_tracing != 0, 0)) {
        fuzzd_trace_distance(CALLER, divisor, 0);
    }
}
void __sanitizer_cov_trace_div8(uint64_t divisor) {
    if (__builtin_expect(fuzzd_tracing != 0, 0)) {
        fuzzd_trace_distance(CALLER, divisor, 0);
    }
}
void __sanitizer_cov_trace_gep(uintptr_t index) {
    if (__builtin_expect(fuzzd_tracing != 0, 0)) {
        fuzzd_trace_distance(CALLER, index, 0);
    }
}

// What else clang 14 to 21 may call. Nothing is learnt from these.
void __sanitizer_cov_trace_pc_indir(uintptr_t callee) { (void)callee; }
void __sanitizer_cov_trace_pc(void) {}
void __sanitizer_cov_bool_flag_init(uint8_t *start, uint8_t *stop) { (void)start, (void)stop; }
void __sanitizer_cov_cfs_init(const uintptr_t *start, const uintptr_t *stop) { (void)start, (void)stop; }
#define FUZZD_ACCESS(bytes)                                                                                            \
    void __sanitizer_cov_load##bytes(const void *address) { (void)address; }                                           \
    void __sanitizer_cov_store##bytes(const void *address) { (void)address; }
FUZZD_ACCESS(1)
FUZZD_ACCESS(2)
FUZZD_ACCESS(4)
FUZZD_ACCESS(8)
FUZZD_ACCESS(16)

// Code compiled with -fsanitize-coverage=stack-depth keeps the lowest stack address here.
__attribute__((tls_model("initial-exec"))) _Thread_local uintptr_t __sancov_lowest_stack = UINTPTR_MAX;
