// A system call made from one known place, which the snapshot's filter lets through whatever the call is.
#ifndef FUZZD_RAW_CALL_H
#define FUZZD_RAW_CALL_H

#include <errno.h>

// As libc's functions return: -1 and errno for a failure.
static inline long fuzzd_checked(long result) {
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

// Result as the kernel gives it: a negative errno for a failure.
long fuzzd_raw_call(long number, long first, long second, long third, long fourth, long fifth, long sixth);
// The same, past a test's faults (faults.c).
long fuzzd_unfailing_call(long number, long first, long second, long third, long fourth, long fifth, long sixth);
// The instructions of `fuzzd_raw_call`.
extern const char fuzzd_raw_call_start[], fuzzd_raw_call_end[];

#endif
