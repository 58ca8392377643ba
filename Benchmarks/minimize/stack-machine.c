// A calculator with a stack: `0`-`9` push, `+`, `-` and `*` combine two numbers, `/` does not look at the divisor.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int32_t stack[64];
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t code = data[i];
        if (code >= '0' && code <= '9') {
            if (count < 64) stack[count++] = code - '0';
            continue;
        }
        if (count < 2) continue;
        int32_t right = stack[--count], left = stack[count - 1];
        switch (code) {
        case '+': stack[count - 1] = (int32_t)((uint32_t)left + (uint32_t)right); break;
        case '-': stack[count - 1] = (int32_t)((uint32_t)left - (uint32_t)right); break;
        case '*': stack[count - 1] = (int32_t)((uint32_t)left * (uint32_t)right); break;
        case '/':
            if (right == 0 && left > 20) abort();
            stack[count - 1] = right == 0 ? 0 : (int32_t)((int64_t)left / right);
            break;
        default: count++; break;
        }
    }
    return 0;
}
