// Clocks that stand still at the moment when the machine parent began to serve, and go on by what an input does: a little for
// each reading, and by the time that it sleeps.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fuzzd_code_patch.h"
#include "fuzzd_frozen.h"
#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"

enum {
    clock_count = 12,
    // A loop that only looks at the clock ends some twenty times earlier than it would; two readings are never the same.
    reading_nanoseconds = 1000,
};
static const int64_t nanoseconds_per_second = 1000000000;

static int64_t clocks[clock_count]; // when time stood still
static int is_time_frozen;
static int64_t passed;              // since then, for all threads
// How long a thread other than the first has slept: the first one's clock does not depend on when that was.
static __thread int64_t slept_here;

uint64_t fuzzd_monotonic_nanoseconds(void) {
    struct timespec now;
    fuzzd_raw_call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int64_t nanoseconds(const struct timespec *time) { return time->tv_sec * nanoseconds_per_second + time->tv_nsec; }

static int64_t read_clock(clockid_t clock) {
    return clocks[clock] + __atomic_fetch_add(&passed, reading_nanoseconds, __ATOMIC_RELAXED) + slept_here;
}

static void let_pass(int64_t duration) {
    if (duration <= 0) {
        return;
    }
    if (fuzzd_raw_call(SYS_gettid, 0, 0, 0, 0, 0, 0) == fuzzd_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0)) {
        __atomic_fetch_add(&passed, duration, __ATOMIC_RELAXED);
    } else {
        slept_here += duration;
    }
}

static int fail_with(long result) {
    errno = (int)-result;
    return -1;
}
static int checked(long result) { return result < 0 ? fail_with(result) : (int)result; }

// vDSO.

static int frozen_clock_gettime(clockid_t clock, struct timespec *time) {
    if (clock < 0 || clock >= clock_count || clocks[clock] < 0) {
        // The CPU clock of another process or thread, or no clock at all.
        return checked(fuzzd_raw_call(SYS_clock_gettime, clock, (long)time, 0, 0, 0, 0));
    }
    int64_t now = read_clock(clock);
    *time = (struct timespec){.tv_sec = now / nanoseconds_per_second, .tv_nsec = now % nanoseconds_per_second};
    return 0;
}

static int frozen_gettimeofday(struct timeval *time, struct timezone *zone) {
    int64_t now = read_clock(CLOCK_REALTIME);
    if (time != NULL) {
        *time = (struct timeval){.tv_sec = now / nanoseconds_per_second, .tv_usec = now % nanoseconds_per_second / 1000};
    }
    if (zone != NULL) {
        *zone = (struct timezone){0, 0};
    }
    return 0;
}

static time_t frozen_time(time_t *time) {
    time_t now = read_clock(CLOCK_REALTIME) / nanoseconds_per_second;
    if (time != NULL) {
        *time = now;
    }
    return now;
}

// What sleeps: really, and the clock goes on by as much as was asked for.

static int frozen_clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *rest) {
    if (clock == CLOCK_THREAD_CPUTIME_ID) {
        return EINVAL;
    }
    struct timespec wanted = *request, left = {0, 0};
    if ((flags & TIMER_ABSTIME) && clock >= 0 && clock < clock_count) {
        int64_t duration = nanoseconds(request) - read_clock(clock);
        if (duration <= 0) {
            return 0;
        }
        wanted = (struct timespec){
            .tv_sec = duration / nanoseconds_per_second, .tv_nsec = duration % nanoseconds_per_second};
    }
    pthread_testcancel();
    long result = fuzzd_raw_call(SYS_clock_nanosleep, clock, 0, (long)&wanted, (long)&left, 0, 0);
    if (result == 0 || result == -EINTR) {
        let_pass(nanoseconds(&wanted) - (result == 0 ? 0 : nanoseconds(&left)));
    }
    if (result == -EINTR && rest != NULL && (flags & TIMER_ABSTIME) == 0) {
        *rest = left;
    }
    pthread_testcancel();
    return (int)-result;
}

// The result of a call that waits at most `limit` for one of many.
static int waited(long result, int64_t limit) {
    if (result == 0) {
        let_pass(limit);
    }
    pthread_testcancel();
    return checked(result);
}
static int64_t milliseconds(int count) { return count > 0 ? count * (int64_t)1000000 : 0; }

static int frozen_poll(struct pollfd *polled, nfds_t count, int timeout) {
    pthread_testcancel();
    return waited(fuzzd_raw_call(SYS_poll, (long)polled, (long)count, timeout, 0, 0, 0), milliseconds(timeout));
}

// The kernel writes the rest of the time to its argument; the library's function does not.
static int frozen_ppoll(struct pollfd *polled, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    struct timespec copy = timeout != NULL ? *timeout : (struct timespec){0, 0};
    pthread_testcancel();
    long result = fuzzd_raw_call(
        SYS_ppoll, (long)polled, (long)count, (long)(timeout != NULL ? &copy : NULL), (long)mask, 8, 0);
    return waited(result, timeout != NULL ? nanoseconds(timeout) : 0);
}

static int frozen_select(int count, fd_set *readable, fd_set *writable, fd_set *special, struct timeval *timeout) {
    int64_t limit = timeout != NULL ? timeout->tv_sec * nanoseconds_per_second + timeout->tv_usec * 1000 : 0;
    pthread_testcancel();
    return waited(
        fuzzd_raw_call(SYS_select, count, (long)readable, (long)writable, (long)special, (long)timeout, 0), limit);
}

static int frozen_pselect(
    int count, fd_set *readable, fd_set *writable, fd_set *special, const struct timespec *timeout,
    const sigset_t *mask) {
    struct timespec copy = timeout != NULL ? *timeout : (struct timespec){0, 0};
    const struct {
        const sigset_t *mask;
        size_t bytes;
    } with_size = {mask, 8};
    pthread_testcancel();
    long result = fuzzd_raw_call(
        SYS_pselect6, count, (long)readable, (long)writable, (long)special, (long)(timeout != NULL ? &copy : NULL),
        (long)&with_size);
    return waited(result, timeout != NULL ? nanoseconds(timeout) : 0);
}

static int frozen_epoll_pwait(int epoll, struct epoll_event *events, int capacity, int timeout, const sigset_t *mask) {
    pthread_testcancel();
    long result = fuzzd_raw_call(SYS_epoll_pwait, epoll, (long)events, capacity, timeout, (long)mask, 8);
    return waited(result, milliseconds(timeout));
}
static int frozen_epoll_wait(int epoll, struct epoll_event *events, int capacity, int timeout) {
    return frozen_epoll_pwait(epoll, events, capacity, timeout, NULL);
}

static int is_frozen(clockid_t clock) { return is_time_frozen && clock >= 0 && clock < clock_count && clocks[clock] >= 0; }

static int64_t frozen_now(clockid_t clock) {
    return clocks[clock] + __atomic_load_n(&passed, __ATOMIC_RELAXED) + slept_here;
}

struct timespec fuzzd_real_moment(clockid_t clock, const struct timespec *moment) {
    struct timespec now;
    if (!is_frozen(clock) || fuzzd_raw_call(SYS_clock_gettime, clock, (long)&now, 0, 0, 0, 0) != 0) {
        return *moment;
    }
    int64_t real = nanoseconds(moment) - frozen_now(clock) + nanoseconds(&now);
    return (struct timespec){.tv_sec = real / nanoseconds_per_second, .tv_nsec = real % nanoseconds_per_second};
}

void fuzzd_has_waited_until(clockid_t clock, const struct timespec *moment) {
    if (is_frozen(clock)) {
        let_pass(nanoseconds(moment) - frozen_now(clock));
    }
}

int fuzzd_freeze_time(void) {
    static const struct fuzzd_replacement of_kernel[] = {
        {"__vdso_clock_gettime", frozen_clock_gettime},
        {"__vdso_gettimeofday", frozen_gettimeofday},
        {"__vdso_time", frozen_time},
    };
    static const struct fuzzd_replacement of_library[] = {
        {"clock_nanosleep", frozen_clock_nanosleep}, {"poll", frozen_poll},     {"ppoll", frozen_ppoll},
        {"select", frozen_select},                   {"pselect", frozen_pselect}, {"epoll_wait", frozen_epoll_wait},
        {"epoll_pwait", frozen_epoll_pwait},
    };
    for (clockid_t clock = 0; clock < clock_count; clock++) {
        struct timespec now;
        long result = fuzzd_raw_call(SYS_clock_gettime, clock, (long)&now, 0, 0, 0, 0);
        clocks[clock] = result == 0 ? nanoseconds(&now) : -1;
    }
    is_time_frozen = 1;
    int error = fuzzd_replace_in_vdso(of_kernel, sizeof of_kernel / sizeof of_kernel[0]);
    if (error == 0) {
        error = fuzzd_replace_in_libc(of_library, sizeof of_library / sizeof of_library[0]);
    }
    return error != 0 ? error : fuzzd_freeze_randomness();
}

// Threads that the machine parent has may have let time pass there.
void fuzzd_restart_time(void) {
    if (passed != 0) {
        passed = 0;
    }
    fuzzd_restart_randomness();
}
