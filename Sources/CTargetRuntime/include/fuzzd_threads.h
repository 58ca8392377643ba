// The threads of a target, kept over a fork: the machine parent parks them for good, each with its registers in a table, and a
// runner starts them anew at the same places of its copy of the memory. There they are parked again while memory is put back.
#ifndef FUZZD_THREADS_H
#define FUZZD_THREADS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// glibc's own signal for set*id calls: its functions never block it, as they do all others in threads that want no signals.
#define FUZZD_PARK_SIGNAL 33

enum fuzzd_thread_state {
    FUZZD_THREAD_RUNS = 0,
    FUZZD_THREAD_PARKED = 1,
    FUZZD_THREAD_GOES_ON = 2, // told to; it makes itself FUZZD_THREAD_RUNS
    FUZZD_THREAD_SLEEPS = 3,  // where it is parked: it goes on by itself when it has slept for a while
};

enum {
    FUZZD_MAX_PARKED_THREADS = 64,
    FUZZD_THREAD_STATE_BYTES = 16384, // of registers that XSAVE writes
    FUZZD_THREAD_STACK_BYTES = 262144, // that a thread is parked on, and its crash handler runs on
};

// One thread. In memory that is shared with the runners and put back by nobody. The machine parent fills it in, the runner
// that lives changes `thread_id` and `state`.
struct fuzzd_parked_thread {
    int32_t thread_id;
    uint32_t state;          // futex; enum fuzzd_thread_state
    int64_t blocked_call;    // number of the system call that it waits in; -1: it runs
    uint64_t thread_pointer; // of its thread-local storage
    uint64_t id_address;     // where glibc keeps its id, or 0
    uint64_t robust_list;
    uint64_t robust_list_bytes;
    uint64_t stack_end; // of its stack for parking
    char name[16];
    uint32_t is_asleep;   // the call that it waits in is a sleep
    uint32_t sleep_count; // times that it was told to sleep
    uint64_t padding[6];
    uint8_t registers[1024];                           // ucontext_t, behind the word that a signal frame has in front of it
    uint8_t extended_state[FUZZD_THREAD_STATE_BYTES]; // that `registers` points to
};

struct fuzzd_parked_threads {
    uint32_t count;
    uint32_t is_in_parent; // parked for good
    uint64_t main_id_address;
    uint64_t padding[6];
    struct fuzzd_parked_thread threads[FUZZD_MAX_PARKED_THREADS];
};

// XSAVE wants its area at a multiple of 64; the table begins a page.
_Static_assert(sizeof(struct fuzzd_parked_thread) % 64 == 0, "a parked thread");
_Static_assert(offsetof(struct fuzzd_parked_thread, extended_state) % 64 == 0, "extended state");
_Static_assert(offsetof(struct fuzzd_parked_threads, threads) % 64 == 0, "parked threads");

// Where the table is; it lies in memory that is put back, and is set before.
void fuzzd_set_parked_threads(struct fuzzd_parked_threads *table);
// Installs the handler that parks threads, and ends those that an input started. 0 or an errno.
int fuzzd_install_park_handler(void);
// Signals one thread, and waits until it is parked. 0 or an errno; ETIMEDOUT when it does not come.
int fuzzd_park(struct fuzzd_parked_thread *thread, int64_t timeout_nanoseconds);
// Parks a thread that sleeps where it is parked: 1, and nobody had to wait; 0 if it runs.
int fuzzd_park_asleep(struct fuzzd_parked_thread *thread);
// Lets a parked thread go on from where its registers in the table are; one that sleeps there does so where it is parked.
void fuzzd_release(struct fuzzd_parked_thread *thread);
// Where glibc keeps the number of the calling thread; 0 where that is not to be found.
uint64_t fuzzd_find_id_address(uint64_t thread_pointer);
// fork(2) past libc: the kernel writes the child's number to where glibc keeps it (0: nowhere), and the list of robust mutexes is the child's
// too. As fork(2), with errno.
pid_t fuzzd_fork_past_libc(uint64_t id_address, uint64_t robust_list, uint64_t robust_list_bytes);
// A copy of this process, threads excepted, made past libc: its handlers would prepare for the loss of the threads.
pid_t fuzzd_copy_process(struct fuzzd_parked_threads *table);
// In such a copy: starts the thread again, parked. 0 or an errno.
int fuzzd_revive(struct fuzzd_parked_thread *thread);
// Ends all threads of this process but the first and those in the table. 0 or an errno; ETIMEDOUT when one does not end.
int fuzzd_end_new_threads(int64_t timeout_nanoseconds);
// Whether the call that the thread waits in ends by no time limit of its own.
int fuzzd_waits_for_ever(const struct fuzzd_parked_thread *thread);
// CPU time of a thread of this process in nanoseconds; 0 where there is none such.
uint64_t fuzzd_thread_time(int32_t thread_id);

static inline struct fuzzd_parked_thread *fuzzd_parked_thread_at(struct fuzzd_parked_threads *table, size_t index) {
    return &table->threads[index];
}

#endif
