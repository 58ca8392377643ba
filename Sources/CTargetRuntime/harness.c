// What a libFuzzer harness may bring: weak references, so that one without them links too.
#include "fuzzd_target.h"

__attribute__((weak)) int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
__attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t capacity, unsigned int seed);
__attribute__((weak)) size_t LLVMFuzzerCustomCrossOver(
    const uint8_t *left, size_t left_size, const uint8_t *right, size_t right_size, uint8_t *result, size_t capacity,
    unsigned int seed);
__attribute__((weak)) void fuzzd_child_start(void);

static int *argument_count_place;
static char ***arguments_place;

void fuzzd_remember_arguments(int *argument_count, char ***arguments) {
    argument_count_place = argument_count;
    arguments_place = arguments;
}

int fuzzd_argument_count(void) { return argument_count_place == NULL ? 0 : *argument_count_place; }
char **fuzzd_arguments(void) { return arguments_place == NULL ? NULL : *arguments_place; }

static void initialize_harness(void) { (void)LLVMFuzzerInitialize(argument_count_place, arguments_place); }
fuzzd_initialize fuzzd_harness_initialize(void) { return LLVMFuzzerInitialize == NULL ? NULL : initialize_harness; }
fuzzd_mutate fuzzd_harness_mutate(void) { return LLVMFuzzerCustomMutator; }
fuzzd_cross_over fuzzd_harness_cross_over(void) { return LLVMFuzzerCustomCrossOver; }
fuzzd_initialize fuzzd_harness_child_start(void) { return fuzzd_child_start; }
