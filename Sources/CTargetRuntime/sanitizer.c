// What the runtime asks of a sanitizer, if the target has one: everything by weak reference
// (compiler-rt, sanitizer/*_interface.h).
#include <dlfcn.h>
#include <execinfo.h>
#include <sys/single_threaded.h>

#include "fuzzd_target.h"

#define WEAK __attribute__((weak))
WEAK void __sanitizer_set_death_callback(void (*callback)(void));
WEAK int __sanitizer_install_malloc_and_free_hooks(
    void (*on_malloc)(const volatile void *, size_t), void (*on_free)(const volatile void *));
WEAK void __sanitizer_set_report_fd(void *descriptor);
WEAK void __sanitizer_print_stack_trace(void);
WEAK int __lsan_do_recoverable_leak_check(void);
WEAK void __lsan_disable(void);
WEAK void __lsan_enable(void);
WEAK void __lsan_register_root_region(const void *start, size_t bytes);
WEAK void __msan_scoped_disable_interceptor_checks(void);
WEAK void __msan_scoped_enable_interceptor_checks(void);
WEAK void __msan_unpoison(const volatile void *start, size_t bytes);
WEAK void __msan_unpoison_param(size_t count);
WEAK void __asan_init(void);
// Not public, but the same since LLVM 3.8; absent where AddressSanitizer is a shared library.
WEAK uint32_t asan_stack_frames(void) __asm__("_ZN6__asan20GetMallocContextSizeEv");
WEAK void asan_set_stack_frames(uint32_t frames) __asm__("_ZN6__asan20SetMallocContextSizeEj");
WEAK void __msan_init(void);
WEAK void __tsan_init(void);
WEAK void __lsan_init(void);
WEAK void __ubsan_handle_builtin_unreachable(void *data);

static struct fuzzd_live *live_of_inputs;
static uint64_t malloc_limit;
static int report_descriptor = -1;
static int is_counting;
static int counts_allocations;
static int checks_leaks;
static int is_lsan_disabled;
static size_t mallocs;
static size_t frees;
// Frames that AddressSanitizer notes of each allocation; 0: its number is left alone.
static uint32_t full_stack_frames;

uint32_t fuzzd_sanitizers(void) {
    int has_leaks = __lsan_do_recoverable_leak_check != NULL && (__asan_init != NULL || __lsan_init != NULL);
    return (__asan_init != NULL ? FUZZD_HAS_ASAN : 0) | (__msan_init != NULL ? FUZZD_HAS_MSAN : 0) |
           (__tsan_init != NULL ? FUZZD_HAS_TSAN : 0) | (has_leaks ? FUZZD_HAS_LSAN : 0) |
           (__ubsan_handle_builtin_unreachable != NULL ? FUZZD_HAS_UBSAN : 0);
}

static void say(const char *text) { (void)!write(2, text, strlen(text)); }

static void on_death(void) {
    if (live_of_inputs == NULL || live_of_inputs->child_outcome != 0 || fuzzd_is_before_gate()) {
        return;
    }
    live_of_inputs->child_outcome = FUZZD_OUTCOME_SANITIZER;
    fuzzd_record_stack(__builtin_return_address(0));
}

static void on_malloc(const volatile void *memory, size_t size) {
    (void)memory;
    if (!is_counting) {
        return;
    }
    mallocs++;
    if (malloc_limit != 0 && size > malloc_limit) {
        is_counting = 0;
        live_of_inputs->child_outcome = FUZZD_OUTCOME_MALLOC_LIMIT;
        fuzzd_record_stack(__builtin_return_address(0));
        char line[128];
        snprintf(line, sizeof line, "==%d== ERROR: libFuzzer: out-of-memory (malloc(%zu))\n", (int)getpid(), size);
        say(line);
        if (__sanitizer_print_stack_trace != NULL) {
            __sanitizer_print_stack_trace();
        }
        fuzzd_end_child();
    }
}

static void on_free(const volatile void *memory) {
    (void)memory;
    frees += (size_t)is_counting;
}

// What is allocated before serving stays allocated: nothing of it is a leak of an input. Before any constructor of the
// target, whose priority is higher.
__attribute__((constructor(101))) static void ignore_early_allocations(void) {
    if (fuzzd_handover_text() != NULL && __lsan_disable != NULL && (fuzzd_sanitizers() & FUZZD_HAS_LSAN)) {
        __lsan_disable();
        is_lsan_disabled = 1;
    }
}

// A leak is told by where it was allocated, and so is an allocation that is too large where that is an error.
static int can_shorten_stacks(void) {
    const char *options = getenv("ASAN_OPTIONS");
    return asan_stack_frames != NULL && asan_set_stack_frames != NULL && !checks_leaks && options != NULL &&
           strstr(options, "malloc_context_size") == NULL && strstr(options, "allocator_may_return_null=0") == NULL;
}

void fuzzd_shorten_stacks(int shortens) {
    // One frame is what nobody unwinds for; none would fail a check when a double free is reported.
    uint32_t frames = shortens ? 1 : full_stack_frames;
    // A page that is not written to is neither copied nor put back.
    if (full_stack_frames > 1 && asan_stack_frames() != frames) {
        asan_set_stack_frames(frames);
    }
}

// A sanitizer takes a report's file for its parent's in every process that was forked since, and opens one of its own: a child that
// a harness forks would report to nobody.
static void keep_report_file(void) { __sanitizer_set_report_fd((void *)(intptr_t)report_descriptor); }

// What `pthread_atfork` calls. A program that names neither has no fork handlers (lean_fork.c), and this archive must not name one for it.
static void keep_report_file_over_forks(void) {
    int (*add_handlers)(void (*before)(void), void (*in_parent)(void), void (*in_child)(void), void *object);
    void *found = dlsym(RTLD_DEFAULT, "__register_atfork");
    memcpy(&add_handlers, &found, sizeof found);
    if (add_handlers != NULL) {
        (void)add_handlers(NULL, NULL, keep_report_file, NULL);
    }
}

int fuzzd_prepare_sanitizer(struct fuzzd_live *live, uint64_t malloc_limit_bytes, int detects_leaks) {
    live_of_inputs = live;
    malloc_limit = malloc_limit_bytes;
    checks_leaks = detects_leaks && (fuzzd_sanitizers() & FUZZD_HAS_LSAN);
    if (__sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(on_death);
    }
    if ((checks_leaks || malloc_limit != 0) && __sanitizer_install_malloc_and_free_hooks != NULL) {
        counts_allocations = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0;
    }
    if (is_lsan_disabled && __lsan_enable != NULL) {
        is_lsan_disabled = 0;
        __lsan_enable();
    }
    full_stack_frames = can_shorten_stacks() ? asan_stack_frames() : 0;
    if (__sanitizer_set_report_fd == NULL) {
        return -1;
    }
    report_descriptor = fuzzd_move_descriptor(fuzzd_memfd("fuzzd-report"), fuzzd_first_own_descriptor());
    (void)fcntl(report_descriptor, F_SETFL, O_APPEND);
    keep_report_file_over_forks();
    return report_descriptor;
}

void fuzzd_keep_reachable(const void *start, size_t bytes) {
    if (__lsan_register_root_region != NULL && (fuzzd_sanitizers() & FUZZD_HAS_LSAN)) {
        __lsan_register_root_region(start, bytes);
    }
}

extern pid_t __fork(void);
pid_t fuzzd_libc_fork(void) { return __fork(); }
int fuzzd_passes_interceptor(void) { return __msan_init != NULL && __libc_single_threaded; }

// In memory that a child has inherited: the linker's table of addresses costs it a page fault.
static void (*volatile enable_checks)(void) = __msan_scoped_enable_interceptor_checks;
static void (*volatile disable_checks)(void) = __msan_scoped_disable_interceptor_checks;

void fuzzd_trust_interceptors(int trusts) {
    void (*change)(void) = trusts ? enable_checks : disable_checks;
    if (change != NULL) {
        change();
    }
}

void fuzzd_mark_initialized(const void *start, size_t bytes) {
    if (__msan_unpoison != NULL) {
        __msan_unpoison(start, bytes);
        __msan_unpoison_param(2);
    }
}

void fuzzd_begin_allocations(void) {
    // Also for a process that was forked past the handlers.
    if (report_descriptor >= 0) {
        keep_report_file();
    }
    if (counts_allocations) {
        mallocs = frees = 0;
        is_counting = 1;
    }
}

void fuzzd_end_allocations(void) {
    if (!is_counting) {
        return;
    }
    is_counting = 0;
    if (checks_leaks && mallocs > frees && __lsan_do_recoverable_leak_check() != 0) {
        live_of_inputs->child_outcome = FUZZD_OUTCOME_LEAKED;
    }
}
