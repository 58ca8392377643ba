// Where the stack of an input begins. Code that compares pointers into its stack leaves other operands where the stack is deeper, and
// children are forked from more than one place of the machine parent's code.
#define _GNU_SOURCE
#include <alloca.h>
#include <dlfcn.h>

#include "fuzzd_target.h"

enum { page_bytes = 4096, fence_bytes = 64, fence_byte = 0xA5, largest_copy_bytes = 4096 };
// Below all frames of the fork server that a child is forked in: its own are below that of the function that calls `fuzzd_place_stacks`.
// Where they are small a harness finds room on the page that the child copies anyway.
#if defined(__OPTIMIZE__)
enum { room_bytes = 9 << 8 };
#else
enum { room_bytes = 12 << 10 };
#endif

static uintptr_t place;
static size_t most_copied_bytes;

__attribute__((noinline)) void fuzzd_run_at_page(void (*body)(void *), void *context) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    // Kept alive, so that the call is made below it.
    volatile uint8_t *room = alloca(here % page_bytes);
    __asm__ volatile("" : : "r"(room) : "memory");
    body(context);
    __asm__ volatile("" : : "r"(room) : "memory");
}

// Whether blocks of the allocator tell more about an input that is read or written beyond its end: a sanitizer's, and whoever else put his own
// in place of the C library's.
static int is_allocator_watchful(void) {
    const uint32_t with_allocator = FUZZD_HAS_ASAN | FUZZD_HAS_MSAN | FUZZD_HAS_TSAN | FUZZD_HAS_LSAN;
    void *library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL) {
        return 1;
    }
    int is_other = dlsym(RTLD_DEFAULT, "malloc") != dlsym(library, "malloc");
    dlclose(library);
    return is_other || (fuzzd_sanitizers() & with_allocator) != 0;
}

__attribute__((noinline)) void fuzzd_place_stacks(void) {
    if (place == 0) {
        place = ((uintptr_t)__builtin_frame_address(0) - room_bytes) & ~(uintptr_t)63;
        most_copied_bytes = is_allocator_watchful() ? 0 : largest_copy_bytes;
    }
}

int fuzzd_copies_to_stack(size_t size) { return size < most_copied_bytes; }

// Frames above are the fork server's: what a target writes there must not be taken for a result.
static void fuzzd_check_copy(const uint8_t *copy, const uint8_t *data, size_t size, size_t with_fence) {
    int is_changed = fuzzd_differs(copy, data, size);
    // A harness may end its input with a zero where there was one: libFuzzer lets it.
    size_t fence = copy[size] == 0 ? size + 1 : size;
    while (fence < with_fence && copy[fence] == fence_byte) {
        fence++;
    }
    if (is_changed || fence < with_fence) {
        static const char changed[] = "ERROR: libFuzzer: fuzz target overwrites its const input\n";
        static const char overrun[] = "ERROR: libFuzzer: fuzz target writes beyond the end of its input\n";
        (void)!write(2, is_changed ? changed : overrun, is_changed ? sizeof changed - 1 : sizeof overrun - 1);
        abort();
    }
}

__attribute__((noinline)) int32_t fuzzd_run_copy_in_place(
    int32_t (*test_one_input)(const uint8_t *, size_t), const uint8_t *data, size_t size) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    size_t with_fence = ((size + 15) & ~(size_t)15) + fence_bytes;
    size_t above = here > place ? here - place : 0;
    uint8_t *copy = (uint8_t *)(((uintptr_t)alloca(above + with_fence + 16) + 15) & ~(uintptr_t)15);
    fuzzd_copy(copy, data, size);
    fuzzd_fill(copy + size, fence_byte, with_fence - size);
    copy[size] = 0;
    // What the fork server left there differs from input to input: who reads behind the fence shall read the same each time.
    fuzzd_fill(copy + with_fence, 0, above);
    int32_t result = test_one_input(copy, size);
    fuzzd_check_copy(copy, data, size, with_fence);
    return result;
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
