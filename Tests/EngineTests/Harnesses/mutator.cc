// A C++ harness with its own mutator and cross-over; both have coverage of their own, which is not the inputs'.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity);

static volatile int noise;

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t capacity, unsigned int seed) {
    if (seed == 1) {
        if (size > 100) noise++;
        std::string text = "mutated";
        memcpy(data, text.data(), text.size());
        return text.size();
    }
    return LLVMFuzzerMutate(data, size, capacity);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(
    const uint8_t *left, size_t left_size, const uint8_t *right, size_t right_size, uint8_t *result, size_t capacity,
    unsigned int) {
    if (left_size + right_size > capacity) return 0;
    memcpy(result, left, left_size);
    memcpy(result + left_size, right, right_size);
    return left_size + right_size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return size == 7 && memcmp(data, "mutated", 7) == 0 ? -1 : 0;
}
