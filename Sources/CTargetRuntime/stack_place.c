// Where the stack of an input begins. Code that compares pointers into its stack leaves other operands where the stack is deeper, and
// children are forked from more than one place of the machine parent's code.
#include <alloca.h>

#include "fuzzd_target.h"

enum { page_bytes = 4096 };
// Below all frames of the fork server that a child is forked in: its own are below that of the function that calls `fuzzd_place_stacks`.
#if defined(__OPTIMIZE__)
enum { room_bytes = 2 << 10 };
#else
enum { room_bytes = 12 << 10 };
#endif

static uintptr_t place;

__attribute__((noinline)) void fuzzd_run_at_page(void (*body)(void *), void *context) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    // Kept alive, so that the call is made below it.
    volatile uint8_t *room = alloca(here % page_bytes);
    __asm__ volatile("" : : "r"(room) : "memory");
    body(context);
    __asm__ volatile("" : : "r"(room) : "memory");
}

__attribute__((noinline)) void fuzzd_place_stacks(void) {
    if (place == 0) {
        place = ((uintptr_t)__builtin_frame_address(0) - room_bytes) & ~(uintptr_t)(page_bytes - 1);
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
