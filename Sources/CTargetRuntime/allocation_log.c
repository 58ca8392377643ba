// Notes where the target allocates the blocks of its heap, for `fuzzd audit`; a target that is not audited is left as it is.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <execinfo.h>

#include "fuzzd_code_patch.h"
#include "fuzzd_target.h"

static struct fuzzd_allocations *noted;
static pid_t noting_process;
static int lock;
// Set while this thread looks at its stack, which may allocate.
static __thread int is_inside __attribute__((tls_model("initial-exec")));

// The allocator's own functions, which the target's objects no longer call.
static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
} own;

static uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDu;
    return value ^ value >> 33;
}

// By address; a place once taken stays taken, because the allocator gives the same addresses again.
static struct fuzzd_allocation *place_of(uint64_t address) {
    for (uint32_t turn = 0, at = (uint32_t)mixed(address); turn < 64; turn++, at++) {
        struct fuzzd_allocation *place = &noted->blocks[at % FUZZD_MAX_ALLOCATIONS];
        if (place->address == address || place->address == 0) {
            return place;
        }
    }
    return NULL;
}

// The number of a stack, plus one; 0: no room.
static uint32_t number_of(const struct fuzzd_allocation_stack *stack) {
    uint64_t hash = 0;
    for (uint32_t i = 0; i < FUZZD_ALLOCATION_FRAMES; i++) {
        hash = mixed(hash + stack->frames[i]);
    }
    for (uint32_t turn = 0, at = (uint32_t)hash; turn < 64; turn++, at++) {
        struct fuzzd_allocation_stack *place = &noted->stacks[at % FUZZD_MAX_ALLOCATION_STACKS];
        if (place->frames[0] == 0) {
            *place = *stack;
        }
        if (memcmp(place, stack, sizeof *stack) == 0) {
            return at % FUZZD_MAX_ALLOCATION_STACKS + 1;
        }
    }
    return 0;
}

static void take_lock(void) {
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) {
        sched_yield();
    }
}
static void release_lock(void) { __atomic_store_n(&lock, 0, __ATOMIC_RELEASE); }

static int is_noting(void) { return noting_process != 0 && noting_process == getpid() && !is_inside; }

static void note(const void *block, size_t bytes) {
    if (block == NULL || !is_noting()) {
        return;
    }
    is_inside = 1;
    // This function, and the one that the target called.
    enum { own_frames = 2 };
    void *frames[FUZZD_ALLOCATION_FRAMES + own_frames];
    int count = backtrace(frames, FUZZD_ALLOCATION_FRAMES + own_frames);
    struct fuzzd_allocation_stack stack = {0};
    for (int i = own_frames; i < count; i++) {
        stack.frames[i - own_frames] = (uint64_t)frames[i];
    }
    take_lock();
    struct fuzzd_allocation *place = place_of((uint64_t)block);
    uint32_t number = stack.frames[0] == 0 ? 0 : number_of(&stack);
    if (place == NULL || number == 0) {
        noted->dropped++;
    }
    if (place != NULL) {
        *place = (struct fuzzd_allocation){
            .address = (uint64_t)block, .bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX, .stack = number};
    }
    release_lock();
    is_inside = 0;
}

static void forget(const void *block) {
    if (block == NULL || !is_noting()) {
        return;
    }
    take_lock();
    struct fuzzd_allocation *place = place_of((uint64_t)block);
    if (place != NULL && place->address != 0) {
        place->stack = 0;
    }
    release_lock();
}

__attribute__((noinline)) static void *noting_malloc(size_t bytes) {
    void *block = own.malloc(bytes);
    note(block, bytes);
    return block;
}

__attribute__((noinline)) static void *noting_calloc(size_t count, size_t bytes) {
    void *block = own.calloc(count, bytes);
    note(block, count * bytes);
    return block;
}

__attribute__((noinline)) static void *noting_realloc(void *old, size_t bytes) {
    // Another thread may be given the old block before this one is back.
    forget(old);
    void *block = own.realloc(old, bytes);
    note(block == NULL && bytes != 0 ? old : block, bytes);
    return block;
}

static void noting_free(void *block) {
    forget(block);
    own.free(block);
}

__attribute__((noinline)) static int noting_posix_memalign(void **block, size_t alignment, size_t bytes) {
    int error = own.posix_memalign(block, alignment, bytes);
    note(error == 0 ? *block : NULL, bytes);
    return error;
}

__attribute__((noinline)) static void *noting_aligned_alloc(size_t alignment, size_t bytes) {
    void *block = own.aligned_alloc(alignment, bytes);
    note(block, bytes);
    return block;
}

__attribute__((noinline)) static void *noting_memalign(size_t alignment, size_t bytes) {
    void *block = own.memalign(alignment, bytes);
    note(block, bytes);
    return block;
}

// Addresses of functions, by way of a pointer to where they are kept (POSIX, dlsym).
static int find(const char *name, void *kept) {
    void *found = dlsym(RTLD_DEFAULT, name);
    memcpy(kept, &found, sizeof found);
    return found != NULL;
}

static void replace_allocator(void) {
    if (!find("malloc", &own.malloc) || !find("calloc", &own.calloc) || !find("realloc", &own.realloc) ||
        !find("free", &own.free) || !find("posix_memalign", &own.posix_memalign) ||
        !find("aligned_alloc", &own.aligned_alloc) || !find("memalign", &own.memalign)) {
        return;
    }
    const struct fuzzd_replacement replacements[] = {
        {"malloc", (const void *)noting_malloc},
        {"calloc", (const void *)noting_calloc},
        {"realloc", (const void *)noting_realloc},
        {"free", (const void *)noting_free},
        {"posix_memalign", (const void *)noting_posix_memalign},
        {"aligned_alloc", (const void *)noting_aligned_alloc},
        {"memalign", (const void *)noting_memalign},
    };
    (void)fuzzd_replace_in_objects(replacements, sizeof replacements / sizeof replacements[0]);
}

// Before any constructor of the target, whose priority is higher: QEMU's types are registered there.
__attribute__((constructor(102))) static void start_noting_allocations(void) {
    // A sanitizer's allocator is its own, and its blocks are not looked into.
    const uint32_t with_allocator = FUZZD_HAS_ASAN | FUZZD_HAS_MSAN | FUZZD_HAS_TSAN | FUZZD_HAS_LSAN;
    if (getenv(FUZZD_ALLOCATIONS_ENVIRONMENT) == NULL || (fuzzd_sanitizers() & with_allocator)) {
        return;
    }
    // Shared, so that no snapshot has it; the runners only look.
    void *memory = fuzzd_map_apart(sizeof *noted, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (memory == MAP_FAILED) {
        return;
    }
    noted = memory;
    // The first backtrace loads the unwinder.
    void *warm_up[4];
    (void)backtrace(warm_up, 4);
    noting_process = getpid();
    replace_allocator();
}

void fuzzd_end_noting_allocations(void) {
    if (noted == NULL) {
        return;
    }
    take_lock();
    noting_process = 0;
    release_lock();
}

const struct fuzzd_allocations *fuzzd_noted_allocations(void) { return noted; }
