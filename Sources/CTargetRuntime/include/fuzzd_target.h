// What Swift cannot express in the target: sancov callbacks, the signal handler, libc calls that are variadic,
// macros, or hidden from Swift. libc only; never instrumented; nothing allocates.
#ifndef FUZZD_TARGET_H
#define FUZZD_TARGET_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzzd_abi.h"
#include "fuzzd_faults.h"
#include "fuzzd_gate.h"
#include "fuzzd_snapshot.h"
#include "fuzzd_threads.h"

// What a harness gives: the functions of libFuzzer's interface, those it does not have NULL.
typedef int (*fuzzd_test_one_input)(const uint8_t *data, size_t size);
typedef void (*fuzzd_initialize)(void);
typedef size_t (*fuzzd_mutate)(uint8_t *data, size_t size, size_t capacity, uint32_t seed);
typedef size_t (*fuzzd_cross_over)(
    const uint8_t *left, size_t left_size, const uint8_t *right, size_t right_size, uint8_t *result, size_t capacity,
    uint32_t seed);
fuzzd_initialize fuzzd_harness_initialize(void);
fuzzd_mutate fuzzd_harness_mutate(void);
fuzzd_cross_over fuzzd_harness_cross_over(void);
fuzzd_initialize fuzzd_harness_child_start(void);

// The arguments of the program, where its own `main` keeps them: LLVMFuzzerInitialize may change them.
void fuzzd_remember_arguments(int *argument_count, char ***arguments);
int fuzzd_argument_count(void);
char **fuzzd_arguments(void);

// One instrumented module, as its constructor announced it: counters, or guards, which get counters later. `pcs` is NULL
// where there is no PC table.
struct fuzzd_registered_module {
    uint8_t *start;
    uint8_t *stop;
    const uintptr_t *pcs;
    size_t pc_words;
    uint32_t *guards;
    size_t count;
    size_t first_guard;
};

// Modules in the order of registration; idempotent: every object of a module announces the same range.
size_t fuzzd_module_count(void);
struct fuzzd_registered_module fuzzd_module_at(size_t index);
// Modules that did not fit into FUZZD_MAX_MODULES; they are not measured.
size_t fuzzd_modules_dropped(void);
// Guards of all modules, and where their counters are.
size_t fuzzd_guard_count(void);
void fuzzd_set_guard_counters(uint8_t *counters);
void fuzzd_number_guards(uint32_t *guards, size_t count, const uint8_t *counters);
// From now on a module that registers is handed to `handler` instead of being kept.
typedef void (*fuzzd_late_module_handler)(const struct fuzzd_registered_module *module);
void fuzzd_set_late_module_handler(fuzzd_late_module_handler handler);
// What stands in the section `__libfuzzer_extra_counters`; NULL without it.
uint8_t *fuzzd_extra_counters_begin(void);
uint8_t *fuzzd_extra_counters_end(void);

// Around a change of the late table, which all workers' children share.
void fuzzd_lock_late_modules(struct fuzzd_modules_header *header, pid_t process);
void fuzzd_unlock_late_modules(struct fuzzd_modules_header *header);

// Where comparisons go during an input that asks for them; NULL otherwise. Set by the runtime alone.
void fuzzd_collect_comparisons(struct fuzzd_live *live, struct fuzzd_slot *slot);
// FUZZD_VALUE_PROFILE_COUNTERS bytes, set to 1 by comparisons; NULL: no value profile.
void fuzzd_set_value_profile(uint8_t *counters);
// Not zero while either is collected.
extern uint32_t fuzzd_tracing;
// Around what is not the target's doing.
static inline uint32_t fuzzd_pause_tracing(void) {
    uint32_t tracing = fuzzd_tracing;
    fuzzd_tracing = 0;
    return tracing;
}
static inline void fuzzd_resume_tracing(uint32_t tracing) { fuzzd_tracing = tracing; }
void fuzzd_trace_comparison(uintptr_t caller, uint32_t size_bytes, uint64_t left, uint64_t right);
void fuzzd_trace_distance(uintptr_t caller, uint64_t left, uint64_t right);
void fuzzd_trace_words(
    uintptr_t caller, const void *left, size_t left_bytes, const void *right, size_t right_bytes, int is_search);

// Installs handlers for the signals a crash raises, where nobody else has, and an alternate stack. Returns 0 or an errno.
int fuzzd_install_crash_handler(uint64_t unhandled_signals);
// Where crash records go: that of the slot of the input that runs, which `live` names. Called once, before serving.
void fuzzd_set_crash_records(struct fuzzd_slot *slots, uint32_t slot_count, const struct fuzzd_live *live);
// Fills the crash record with this stack, without a signal.
void fuzzd_record_stack(const void *place);

// The target's sanitizers, as a mask of enum fuzzd_capability.
uint32_t fuzzd_sanitizers(void);
// Called once, before serving. Returns the descriptor that reports are written to, or -1 where there is no sanitizer.
int fuzzd_prepare_sanitizer(struct fuzzd_live *live, uint64_t malloc_limit_bytes, int detects_leaks);
// Whatever this memory points to is no leak.
void fuzzd_keep_reachable(const void *start, size_t bytes);
// Whether MemorySanitizer's interceptors check their operands: not those of the runtime, which it does not instrument.
void fuzzd_trust_interceptors(int trusts);
// Has AddressSanitizer note where memory is allocated and freed by one frame (1), or by as many as it was told (0).
void fuzzd_shorten_stacks(int shortens);
void fuzzd_mark_initialized(const void *start, size_t bytes);
// glibc's own `fork`, which nobody intercepts, and whether it may be called instead.
pid_t fuzzd_libc_fork(void);
int fuzzd_passes_interceptor(void);
// fork(2) past glibc, once that was prepared, where the target has no other thread, no sanitizer and no fork handlers.
void fuzzd_prepare_lean_fork(void);
int fuzzd_forks_leanly(void);
pid_t fuzzd_lean_fork(void);
// The kernel no longer writes to the memory of the one thread that there is each time it was interrupted, which every child copies a page for,
// and the machine parent too. glibc's `sched_getcpu` asks the kernel then. Nothing where the target uses restartable sequences itself.
void fuzzd_leave_restartable_sequences(void);
// Around an input: takes its reports, counts allocations, and looks for leaks at its end.
void fuzzd_begin_allocations(void);
void fuzzd_end_allocations(void);

// The machine is there: blocks allocated from here on are an input's, and not noted (FUZZD_ALLOCATIONS_ENVIRONMENT).
void fuzzd_end_noting_allocations(void);
// NULL where none were noted.
const struct fuzzd_allocations *fuzzd_noted_allocations(void);

// Source coverage: its counters, NULL without; the name of its file, taken away and given back by writing it.
uint8_t *fuzzd_profile_begin(void);
uint8_t *fuzzd_profile_end(void);
void fuzzd_silence_profile(void);
int fuzzd_write_profile(const char *path);

// Where the state of the running input is. Called once, before serving.
void fuzzd_set_live(struct fuzzd_live *live);
// Called at the end of the input, once its result is noted.
void fuzzd_set_end_handler(void (*handler)(void));
// The harness returned `result`, or came to the function that ends an input.
void fuzzd_finish_input(int result);
void fuzzd_end_input(void) __attribute__((noreturn));
// The running input cannot run here: FUZZD_OUTCOME_LEFT_TO_FORK.
void fuzzd_leave_to_fork(void);
// What a function that resets becomes: the end of the child, or nothing.
const void *fuzzd_end_of_input_routine(int ends_child);

// Writes code by way of /proc, which makes a private copy of a page whatever its protection: it is never writable for anybody, and its mapping
// stays whole. 0 or an errno.
int fuzzd_write_code(uintptr_t place, const void *code, size_t bytes);
// memcpy and memset that no sanitizer intercepts.
void fuzzd_copy(void *to, const void *from, size_t bytes);
void fuzzd_zero(void *memory, size_t bytes);
void fuzzd_fill(void *memory, uint8_t byte, size_t bytes);
int fuzzd_differs(const uint8_t *left, const uint8_t *right, size_t bytes);
int fuzzd_restore_default(int signal_number);
long fuzzd_raw_pwrite(int descriptor, const void *memory, size_t bytes, int64_t offset);
// mprotect(2). 0, or -1 and errno.
int fuzzd_protect(void *memory, size_t bytes, int protection);
// Without errno: the result, or below 0.
long fuzzd_raw_read(int descriptor, void *memory, size_t bytes);
// Reaps a child that has ended, whichever: its process id, 0 where none has, below 0 where there are none. Without errno.
pid_t fuzzd_reap_any(void);
void *fuzzd_raw_map(void *place, size_t bytes, int flags, int descriptor, int64_t offset);
int fuzzd_move_mapping(void *from, size_t bytes, void *to);
// mmap(2) for memory of the runtime's own, in a part of the address space where the target's mappings are not: between
// them it would part what is scanned as a whole. MAP_FAILED and errno when it fails.
void *fuzzd_map_apart(size_t bytes, int flags, int descriptor);
// munmap(2), past ASan's interceptor too.
int fuzzd_unmap(void *memory, size_t bytes);
int fuzzd_is_mapped(const void *page);
static inline void fuzzd_flush_code(void *code, size_t bytes) {
    __builtin___clear_cache((char *)code, (char *)code + bytes);
}
// "/proc/self/task/THREAD" and `name` behind it.
static inline void fuzzd_task_path(char *path, size_t bytes, int thread, const char *name) {
    (void)snprintf(path, bytes, "/proc/self/task/%d%s", thread, name);
}
// Whether `word` stands in `line` between spaces.
int fuzzd_has_word(const char *line, const char *word);
// The start routine of the thread whose handle lies in that range; NULL: not known.
const void *fuzzd_thread_start_routine(uintptr_t from, uintptr_t to);
void fuzzd_note_thread(uintptr_t handle, const void *start_routine);
// Load bias of the program itself.
uint64_t fuzzd_program_bias(void);
// The same for an address of a shared object in every process that loads it, wherever.
uint64_t fuzzd_identity(const void *address);

// The machine parent takes SIGCHLD from the harness; each child gives it back to itself. Not zero while it is taken.
extern int fuzzd_has_child_signal;
void fuzzd_take_child_signal(void);
void fuzzd_give_child_signal_back(void);

// In a fresh child: a process group of its own, and death with its parent. Ends the child if that is gone already.
void fuzzd_begin_child(pid_t parent);
// Ends a child as `_exit(0)` does.
void fuzzd_end_child(void) __attribute__((noreturn));
// Writes out what standard output has buffered.
void fuzzd_flush_output(void);

// Lets the clocks of this process and of all that it forks stand still, and randomness repeat itself; for good. 0 or an errno.
int fuzzd_freeze_time(void);
// At the start of an input: the moment when time stood still.
void fuzzd_restart_time(void);
// A moment of a frozen clock as the kernel's clock will have it, for a call that waits until then; the same moment where time
// is real. `fuzzd_has_waited_until`: it waited in vain, and the clock has come to that moment.
struct timespec fuzzd_real_moment(clockid_t clock, const struct timespec *moment);
void fuzzd_has_waited_until(clockid_t clock, const struct timespec *moment);
// CLOCK_MONOTONIC as it really is.
uint64_t fuzzd_monotonic_nanoseconds(void);
// Copies the pages of this process's ranges as if they were written to, as long as the gate is closed.
void fuzzd_populate(const struct iovec *ranges, size_t count, const struct fuzzd_gate *gate);
// The processors that this process may use now: remembered, and their number; 0 where they are to be left alone.
int fuzzd_read_processors(void);
// Gives the processor to a child that shares it; 1 if it has ended since, and is there to be reaped.
int fuzzd_run_child_first(pid_t child);
// Calls a function whose frame begins where a page of the stack does.
void fuzzd_run_at_page(void (*body)(void *), void *context);
// Notes where the stacks of inputs begin, below the caller's; and runs a harness's function there, from wherever it is called.
void fuzzd_place_stacks(void);
int32_t fuzzd_run_in_place(int32_t (*test_one_input)(const uint8_t *, size_t), const uint8_t *data, size_t size);
// The same with a copy of the input on that stack, where its allocator costs a child half a dozen pages and sees no more than this does: a target
// that writes to the copy, or behind it, is aborted when it returns. One zero behind it is there, and may be written.
int fuzzd_copies_to_stack(size_t size);
int32_t fuzzd_run_copy_in_place(int32_t (*test_one_input)(const uint8_t *, size_t), const uint8_t *data, size_t size);
// Whether a child has ended, and is there to be reaped.
int fuzzd_has_ended(pid_t child);
// The same, looked for again and again for some time.
int fuzzd_ends_soon(pid_t child, uint64_t nanoseconds);
// Leaves this process its processor, and gives a child all the others; `has_threads`: it may have begun to run, and have some.
void fuzzd_use_other_processors(pid_t child, int has_threads);
// Every one of those processors; and only the one that runs this.
void fuzzd_use_all_processors(void);
void fuzzd_use_this_processor(void);
// Makes another thread of this process, called after one of the two above, use the same.
void fuzzd_use_chosen_processors(int32_t thread);

// The value of FUZZD_ENVIRONMENT, or NULL.
const char *fuzzd_handover_text(void);
int fuzzd_errno(void);
int fuzzd_pidfd_open(pid_t process);
int fuzzd_ppoll(struct pollfd *descriptors, size_t count, int64_t timeout_nanoseconds);
// A timer as a descriptor that becomes readable; set for a time of CLOCK_MONOTONIC.
int fuzzd_timer(void);
void fuzzd_set_timer(int timer, uint64_t nanoseconds);
int fuzzd_outlive_parent(void);
// The list of this process's children, as a descriptor; whether `child` is all that it has.
int fuzzd_open_children(void);
int fuzzd_is_only_child(int children, pid_t child);
int fuzzd_set_subreaper(int is_subreaper);
// Where the runtime keeps its own descriptors: high, so that the target's numbers are what they would be without it, and
// within the hard limit, which a harness may have lowered.
int fuzzd_first_own_descriptor(void);
// Moves a descriptor to the first free number from `at_least` on, above the soft limit too. Returns -1 and sets errno.
int fuzzd_move_descriptor(int descriptor, int at_least);
int fuzzd_set_nonblocking(int descriptor);
// Bytes that the main stack may grow to.
uint64_t fuzzd_stack_limit(void);
int fuzzd_set_soft_limit(int resource, uint64_t value);
int fuzzd_open_for_reading(const char *path);
int fuzzd_memfd(const char *name);
static inline const char *fuzzd_entry_name(const struct dirent *entry) { return entry->d_name; }

enum {
    fuzzd_send_flags = MSG_NOSIGNAL | MSG_DONTWAIT,
    fuzzd_receive_flags = MSG_DONTWAIT,
    fuzzd_limit_core = RLIMIT_CORE,
    fuzzd_limit_file_size = RLIMIT_FSIZE,
    fuzzd_limit_descriptors = RLIMIT_NOFILE,
};

// Wait status, decoded: the signal that ended the process or 0, and its exit code.
int fuzzd_status_signal(int status);
int fuzzd_status_exit_code(int status);

// Calls `visit` for each executable segment's object: path, load bias, start and end address.
typedef void (*fuzzd_object_visitor)(const char *path, uint64_t bias, uint64_t start, uint64_t end, void *context);
void fuzzd_visit_objects(fuzzd_object_visitor visit, void *context);

#endif
