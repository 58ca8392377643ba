// Exceptions for every second input, all of them caught; standard containers and streams besides.
#include <cstddef>
#include <cstdint>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

static std::map<std::string, int> table;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try {
        if (size % 2 == 1) throw std::invalid_argument("odd");
        std::ostringstream text;
        text << size << ':' << (size > 0 ? data[0] : 0);
        table[text.str()] += 1;
    } catch (const std::exception &) {
        return 0;
    }
    return 0;
}
