// Brackets nested deeper than a stack is high. Other letters are skipped, a closing bracket of the wrong kind ends the text.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char stack[6];
    size_t depth = 0;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '(' || data[i] == '[') {
            if (depth == sizeof stack) abort();
            stack[depth++] = data[i] == '(' ? ')' : ']';
        } else if (data[i] == ')' || data[i] == ']') {
            if (depth == 0 || stack[--depth] != (char)data[i]) return 0;
        }
    }
    return 0;
}
