// A system call made from one known place, which the snapshot's filter lets through whatever the call is.
#ifndef FUZZD_RAW_CALL_H
#define FUZZD_RAW_CALL_H

#include <errno.h>

// Result as the kernel gives it: a negative errno for a failure.
long fuzzd_raw_call(long number, long first, long second, long third, long fourth, long fifth, long sixth);
// The instructions of `fuzzd_raw_call`.
extern const char fuzzd_raw_call_start[], fuzzd_raw_call_end[];

#endif
