// What Swift cannot express in the target: sancov callbacks, the signal handler, libc calls that are variadic,
// macros, or hidden from Swift. libc only; never instrumented; nothing allocates.
#ifndef FUZZD_TARGET_H
#define FUZZD_TARGET_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzzd_abi.h"

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

// One instrumented module, as its constructor announced it. `pcs` is NULL where there is no PC table.
struct fuzzd_registered_module {
    uint8_t *start;
    uint8_t *stop;
    const uintptr_t *pcs;
    size_t pc_words;
};

// Modules in the order of registration; idempotent: every object of a module announces the same range.
size_t fuzzd_module_count(void);
struct fuzzd_registered_module fuzzd_module_at(size_t index);
// Modules that did not fit into FUZZD_MAX_MODULES; they are not measured.
size_t fuzzd_modules_dropped(void);

// Where comparisons go during an input that asks for them; NULL otherwise. Set by the runtime alone.
void fuzzd_collect_comparisons(struct fuzzd_live *live, struct fuzzd_comparison *table);

// Installs handlers for the signals a crash raises and an alternate stack. Returns 0 or an errno.
int fuzzd_install_crash_handler(void);
// Where crash records go: that of the slot of the input that runs, which `live` names. Called once, before serving.
void fuzzd_set_crash_records(struct fuzzd_slot *slots, uint32_t slot_count, const struct fuzzd_live *live);

// In a fresh child: a process group of its own, and death with its parent. Ends the child if that is gone already.
void fuzzd_begin_child(pid_t parent);
// Ends a child as `_exit(0)` does.
void fuzzd_end_child(void) __attribute__((noreturn));
// Writes out what standard output has buffered.
void fuzzd_flush_output(void);

// The value of FUZZD_ENVIRONMENT, or NULL.
const char *fuzzd_handover_text(void);
int fuzzd_errno(void);
int fuzzd_pidfd_open(pid_t process);
int fuzzd_ppoll(struct pollfd *descriptors, size_t count, int64_t timeout_nanoseconds);
int fuzzd_outlive_parent(void);
int fuzzd_set_subreaper(int is_subreaper);
int fuzzd_move_descriptor(int descriptor, int at_least);
int fuzzd_set_nonblocking(int descriptor);
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
