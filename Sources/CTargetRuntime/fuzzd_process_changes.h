// Between the parts that notice and undo what an input does to its process. Everything here runs in the handler of the
// trapped system calls, on any thread of the target, or in a runner's loop between two inputs: raw system calls only.
#ifndef FUZZD_PROCESS_CHANGES_H
#define FUZZD_PROCESS_CHANGES_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_snapshot.h"

// The record of this process; NULL before there is a snapshot. In memory that is put back, the record itself is not.
extern struct fuzzd_process_changes *fuzzd_changes __attribute__((visibility("hidden")));

// What a part answers when the call is to be made by the caller itself, with its own signal mask: because it may wait, or
// starts a thread. No system call has this result.
#define FUZZD_CALL_AGAIN LONG_MIN

static inline int fuzzd_has_failed(long result) { return result < 0 && result > -4096; }

// From one thread: an input's change that a reset has to undo, or one that it cannot.
static inline void fuzzd_note_to_undo(enum fuzzd_undo part) {
    __atomic_fetch_or(&fuzzd_changes->to_undo, part, __ATOMIC_RELAXED);
}
static inline void fuzzd_note_change(enum fuzzd_change kind, long number) {
    __atomic_fetch_or(&fuzzd_changes->kinds, kind, __ATOMIC_RELAXED);
    __atomic_store_n(&fuzzd_changes->last_call_number, (uint32_t)number, __ATOMIC_RELAXED);
}

// Held for a few instructions, never across a system call. The handler runs with signals blocked, so that no thread is
// parked while it holds it.
static inline void fuzzd_lock_changes(void) {
    while (__atomic_exchange_n(&fuzzd_changes->lock, 1, __ATOMIC_ACQUIRE)) {
        __builtin_ia32_pause();
    }
}
static inline void fuzzd_unlock_changes(void) { __atomic_store_n(&fuzzd_changes->lock, 0, __ATOMIC_RELEASE); }

// Each part's handlers take the call's number and arguments, carry it out, and return its result or FUZZD_CALL_AGAIN;
// `remember` is called at the snapshot, and returns 0 or an errno; `undo` after an input, and adds the kinds of change that
// it could not undo.

// Reads what a call's argument points to. 0, or -EFAULT as the call itself would answer.
long fuzzd_read_argument(void *to, long from, size_t bytes);

// A duplicate among the runtime's own descriptors of one that is closed then; a negative errno. If it could not be closed, the
// snapshot would have a descriptor more than the target.
#define FUZZD_DESCRIPTOR_STAYS (-(long)EBADFD)
long fuzzd_take_descriptor(long descriptor);

// Descriptors.
int fuzzd_remember_descriptors(void);
void fuzzd_undo_descriptors(struct fuzzd_process_changes *record);
int fuzzd_is_old_descriptor(long descriptor);
void fuzzd_note_descriptor(long descriptor);
long fuzzd_on_opening(long number, const long *a);
long fuzzd_on_accept(long number, const long *a, const ucontext_t *context);
long fuzzd_on_close(long number, const long *a);
long fuzzd_on_close_range(long number, const long *a);
long fuzzd_on_duplicate_to(long number, const long *a);
long fuzzd_on_two_descriptors(long number, const long *a, const int *pair);
long fuzzd_on_fcntl(long number, const long *a);
long fuzzd_on_ioctl(long number, const long *a);
long fuzzd_on_recvmsg(long number, const long *a, const ucontext_t *context);

// Mappings.
void fuzzd_undo_mappings(struct fuzzd_process_changes *record);
void fuzzd_undo_break(struct fuzzd_process_changes *record);
long fuzzd_on_mmap(long number, const long *a);
long fuzzd_on_munmap(long number, const long *a);
long fuzzd_on_mremap(long number, const long *a);
long fuzzd_on_mprotect(long number, const long *a);
long fuzzd_on_madvise(long number, const long *a);
long fuzzd_on_brk(long number, const long *a);

// Signals.
int fuzzd_remember_signals(void);
void fuzzd_undo_signals(struct fuzzd_process_changes *record);
long fuzzd_on_sigaction(long number, const long *a);
long fuzzd_on_sigprocmask(const long *a, ucontext_t *context);
long fuzzd_on_sigaltstack(long number, const long *a, ucontext_t *context);

// Timers.
void fuzzd_undo_timers(struct fuzzd_process_changes *record);
long fuzzd_on_setitimer(long number, const long *a);
long fuzzd_on_alarm(long number, const long *a);
long fuzzd_on_timer_create(long number, const long *a);
long fuzzd_on_timer_settime(long number, const long *a);
long fuzzd_on_timer_delete(long number, const long *a);
long fuzzd_on_timerfd_settime(long number, const long *a);

// Working directory and umask.
int fuzzd_remember_places(void);
void fuzzd_undo_places(struct fuzzd_process_changes *record);
long fuzzd_on_umask(long number, const long *a);
long fuzzd_on_chdir(long number, const long *a);

// Processes that an input forked, and the process's own limits and name.
int fuzzd_remember_processes(void);
void fuzzd_undo_processes(struct fuzzd_process_changes *record);
void fuzzd_undo_attributes(struct fuzzd_process_changes *record);
long fuzzd_on_new_task(long number, const long *a);
long fuzzd_on_execute(void) __attribute__((noreturn));
long fuzzd_on_set_limit(long number, const long *a);
long fuzzd_on_prctl(long number, const long *a);

// Files that were open at the snapshot.
// The files that a machine parent keeps, where no input reaches them; NULL if there are none. 0 or an errno.
int fuzzd_share_kept_files(const struct fuzzd_kept_files **result);
// 0, or not 0 if something is not as it was.
int fuzzd_undo_files(const struct fuzzd_kept_files *files);

// The filter, which traps what is not harmless.
int fuzzd_install_call_filter(void);

#endif
