// Waits until a moment of a frozen clock. A member for itself: a sanitizer has functions of these names of its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>

#include "fuzzd_target.h"

typedef int (*timed_wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
typedef int (*clock_wait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);

// The clock that the condition was made for, as glibc keeps it (nptl/pthread_cond_common.c: bit 1 of __wrefs).
static clockid_t clock_of(const pthread_cond_t *condition) {
    return condition->__data.__wrefs & 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

__attribute__((weak)) int pthread_cond_timedwait(
    pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *moment) {
    // Without a version it would be the one of 1999, which knows other conditions.
    timed_wait wait = (timed_wait)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (wait == NULL) {
        return EINVAL;
    }
    clockid_t clock = clock_of(condition);
    struct timespec real = fuzzd_real_moment(clock, moment);
    int result = wait(condition, mutex, &real);
    if (result == ETIMEDOUT) {
        fuzzd_has_waited_until(clock, moment);
    }
    return result;
}

__attribute__((weak)) int pthread_cond_clockwait(
    pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *moment) {
    clock_wait wait = (clock_wait)dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    if (wait == NULL) {
        return EINVAL;
    }
    struct timespec real = fuzzd_real_moment(clock, moment);
    int result = wait(condition, mutex, clock, &real);
    if (result == ETIMEDOUT) {
        fuzzd_has_waited_until(clock, moment);
    }
    return result;
}
