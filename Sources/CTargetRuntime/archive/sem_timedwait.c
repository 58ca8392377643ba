// Waits until a moment of a frozen clock. A member for itself: a sanitizer has functions of these names of its own.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <semaphore.h>

#include "fuzzd_target.h"

typedef int (*timed_wait)(sem_t *, const struct timespec *);
typedef int (*clock_wait)(sem_t *, clockid_t, const struct timespec *);

static int waited(int result, clockid_t clock, const struct timespec *moment) {
    if (result != 0 && errno == ETIMEDOUT) {
        fuzzd_has_waited_until(clock, moment);
        errno = ETIMEDOUT;
    }
    return result;
}

__attribute__((weak)) int sem_timedwait(sem_t *semaphore, const struct timespec *moment) {
    timed_wait wait = (timed_wait)dlsym(RTLD_NEXT, "sem_timedwait");
    if (wait == NULL) {
        errno = EINVAL;
        return -1;
    }
    struct timespec real = fuzzd_real_moment(CLOCK_REALTIME, moment);
    return waited(wait(semaphore, &real), CLOCK_REALTIME, moment);
}

__attribute__((weak)) int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *moment) {
    clock_wait wait = (clock_wait)dlsym(RTLD_NEXT, "sem_clockwait");
    if (wait == NULL) {
        errno = EINVAL;
        return -1;
    }
    struct timespec real = fuzzd_real_moment(clock, moment);
    return waited(wait(semaphore, clock, &real), clock, moment);
}
