// fork(2) alone. glibc's `fork` puts locks and lists in order that other threads may have held, and calls the target's fork handlers: a child
// copies four pages for that. A process with one thread and no handlers has nothing to put in order.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>

#include "fuzzd_code_patch.h"
#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"
#include "fuzzd_threads.h"

// Where glibc keeps the number of its first thread, which the kernel writes in the child (set_tid_address(2)); 0: `fork` it is.
static uint64_t thread_id_address;
static uint64_t robust_list;
static uint64_t robust_list_bytes;

void fuzzd_prepare_lean_fork(void) {
    static const char *const adders_of_handlers[] = {"pthread_atfork", "__register_atfork"};
    // A program without a shared C library does not say what it uses of it.
    void *library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL) {
        return;
    }
    // Nor is anybody's own `fork` passed by.
    int is_glibcs = (void *)fork == dlsym(library, "fork");
    if (is_glibcs && __libc_single_threaded && fuzzd_sanitizers() == 0 && !fuzzd_is_any_used(adders_of_handlers, 2)
        && fuzzd_raw_call(SYS_get_robust_list, 0, (long)&robust_list, (long)&robust_list_bytes, 0, 0, 0) == 0) {
        thread_id_address = fuzzd_find_id_address((uint64_t)__builtin_thread_pointer());
    }
    if (thread_id_address != 0) {
        fuzzd_leave_restartable_sequences();
    }
    dlclose(library);
}

int fuzzd_forks_leanly(void) { return thread_id_address != 0; }

pid_t fuzzd_fork_past_libc(uint64_t id_address, uint64_t list, uint64_t list_bytes) {
    long flags = SIGCHLD | (id_address != 0 ? CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID : 0);
#if defined(__x86_64__)
    long process = fuzzd_raw_call(SYS_clone, flags, 0, 0, (long)id_address, 0, 0);
#else
    long process = fuzzd_raw_call(SYS_clone, flags, 0, 0, 0, (long)id_address, 0);
#endif
    if (process == 0) {
        fuzzd_raw_call(SYS_set_robust_list, (long)list, (long)list_bytes, 0, 0, 0, 0);
    }
    return (pid_t)fuzzd_checked(process);
}

pid_t fuzzd_lean_fork(void) { return fuzzd_fork_past_libc(thread_id_address, robust_list, robust_list_bytes); }
