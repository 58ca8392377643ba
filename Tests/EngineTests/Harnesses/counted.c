// For source coverage: each kind of input has a function of its own.
#include <stdint.h>
#include <stdlib.h>

__attribute__((noinline)) void function_passed(void) { __asm__ volatile(""); }
__attribute__((noinline)) void function_crashed(void) { abort(); }
__attribute__((noinline)) void function_hung(void) {
    for (;;) {
        __asm__ volatile("");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0) {
        switch (data[0]) {
        case 'P': function_passed(); break;
        case 'C': function_crashed(); break;
        case 'H': function_hung(); break;
        }
    }
    return 0;
}
