// Between the two files that park threads and start them again.
#ifndef FUZZD_THREAD_PARK_H
#define FUZZD_THREAD_PARK_H

#include "fuzzd_threads.h"

// On the thread's parking stack: waits until it is released, and goes on with the registers of the table.
void fuzzd_wait_parked(struct fuzzd_parked_thread *thread) __attribute__((noreturn));
// 0 once the thread is parked, or ETIMEDOUT.
int fuzzd_wait_until_parked(struct fuzzd_parked_thread *thread, int64_t timeout_nanoseconds);

// Whether the thread is one of the machine's, which come back.
int fuzzd_is_parked_thread(int32_t thread);
// While it is set a thread that is none of them ends when it is signalled.
extern int fuzzd_is_ending_threads __attribute__((visibility("hidden")));

#endif
