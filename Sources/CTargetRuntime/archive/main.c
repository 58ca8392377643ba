// `main` of a harness that has none of its own. A file and an archive member for itself: a harness with a `main` calls
// LLVMFuzzerRunDriver, and the linker leaves this out.
#include "fuzzd_target.h"

int LLVMFuzzerRunDriver(int *argument_count, char ***arguments, fuzzd_test_one_input callback);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argument_count, char **arguments) {
    return LLVMFuzzerRunDriver(&argument_count, &arguments, LLVMFuzzerTestOneInput);
}
