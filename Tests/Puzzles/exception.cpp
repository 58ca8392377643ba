// An exception that nobody catches.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

static int parse(const std::string &text) {
    if (text.size() > 1 && text[0] == 'X') throw std::out_of_range("position " + std::to_string(text.size()));
    return static_cast<int>(text.size());
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    volatile int length = parse(std::string(reinterpret_cast<const char *>(data), size));
    (void)length;
    return 0;
}
