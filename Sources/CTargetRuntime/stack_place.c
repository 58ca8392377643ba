// Where the stack of an input begins. Code that compares pointers into its stack leaves other operands where the stack is deeper, and
// children are forked from more than one place of the machine parent's code.
#include <alloca.h>

#include "fuzzd_target.h"

// Below all frames of the fork server.
enum { room_bytes = 12 << 10 };

static uintptr_t place;

__attribute__((noinline)) void fuzzd_place_stacks(void) {
    if (place == 0) {
        place = ((uintptr_t)__builtin_frame_address(0) - room_bytes) & ~(uintptr_t)63;
    }
}

__attribute__((noinline)) int32_t fuzzd_run_in_place(
    int32_t (*test_one_input)(const uint8_t *, size_t), const uint8_t *data, size_t size) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (place != 0 && here > place) {
        // Kept alive, so that the call is made below it.
        volatile uint8_t *room = alloca(here - place);
        __asm__ volatile("" : : "r"(room) : "memory");
        int32_t result = test_one_input(data, size);
        __asm__ volatile("" : : "r"(room) : "memory");
        return result;
    }
    return test_one_input(data, size);
}
