// libFuzzer's entry points, for harnesses that are linked with the engine archive (libFuzzer documentation, "Using
// libFuzzer as a library" and "Custom mutators").
#include "fuzzd_target.h"

// Written in Swift.
int fuzzd_engine_drive(fuzzd_test_one_input callback);
size_t fuzzd_engine_mutate(uint8_t *data, size_t size, size_t capacity);

int LLVMFuzzerRunDriver(int *argument_count, char ***arguments, fuzzd_test_one_input callback) {
    fuzzd_remember_arguments(argument_count, arguments);
    return fuzzd_engine_drive(callback);
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity) {
    return fuzzd_engine_mutate(data, size, capacity);
}
