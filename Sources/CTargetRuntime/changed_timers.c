// Timers that an input arms, makes and deletes.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>

#include "fuzzd_process_changes.h"

// As it is before the first change; a timer that was armed goes on from there.
static void note_interval_timer(long which) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    if (which < 0 || which > 2) {
        return;
    }
    struct fuzzd_timer_setting setting;
    long result = fuzzd_raw_call(SYS_getitimer, which, (long)&setting, 0, 0, 0, 0);
    fuzzd_lock_changes();
    if (!fuzzd_has_failed(result) && (record->changed_interval_timers >> which & 1) == 0) {
        record->interval_timers[which] = setting;
        record->changed_interval_timers |= 1u << which;
    }
    fuzzd_unlock_changes();
    fuzzd_note_to_undo(FUZZD_UNDO_TIMERS);
    if (fuzzd_has_failed(result)) {
        fuzzd_note_change(FUZZD_CHANGE_TIMERS, SYS_setitimer);
    }
}

long fuzzd_on_setitimer(long number, const long *a) {
    note_interval_timer(a[0]);
    return fuzzd_raw_call(number, a[0], a[1], a[2], 0, 0, 0);
}

long fuzzd_on_alarm(long number, const long *a) {
    note_interval_timer(ITIMER_REAL);
    return fuzzd_raw_call(number, a[0], 0, 0, 0, 0, 0);
}

static int is_new_timer(long timer) {
    fuzzd_lock_changes();
    int is_new = 0;
    for (uint32_t i = 0; i < fuzzd_changes->new_timer_count; i++) {
        is_new |= fuzzd_changes->new_timers[i] == timer;
    }
    fuzzd_unlock_changes();
    return is_new;
}

long fuzzd_on_timer_create(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], 0, 0, 0);
    if (result != 0) {
        return result;
    }
    fuzzd_lock_changes();
    int is_full = record->new_timer_count == FUZZD_MAX_NEW_TIMERS;
    if (!is_full) {
        record->new_timers[record->new_timer_count++] = *(const int32_t *)a[2];
    }
    fuzzd_unlock_changes();
    fuzzd_note_to_undo(FUZZD_UNDO_TIMERS);
    if (is_full) {
        fuzzd_note_change(FUZZD_CHANGE_OVERFLOW, number);
    }
    return result;
}

long fuzzd_on_timer_settime(long number, const long *a) {
    if (!is_new_timer((int32_t)a[0])) {
        fuzzd_note_change(FUZZD_CHANGE_TIMERS, number);
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

long fuzzd_on_timer_delete(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    int was_new = 0;
    fuzzd_lock_changes();
    for (uint32_t i = 0; i < record->new_timer_count; i++) {
        if (record->new_timers[i] == (int32_t)a[0]) {
            record->new_timers[i] = record->new_timers[--record->new_timer_count];
            was_new = 1;
        }
    }
    fuzzd_unlock_changes();
    if (!was_new) {
        fuzzd_note_change(FUZZD_CHANGE_TIMERS, number);
    }
    return fuzzd_raw_call(number, a[0], 0, 0, 0, 0, 0);
}

long fuzzd_on_timerfd_settime(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    int descriptor = (int)a[0];
    struct fuzzd_timer_setting setting;
    if (fuzzd_is_old_descriptor(descriptor)
        && fuzzd_raw_call(SYS_timerfd_gettime, descriptor, (long)&setting, 0, 0, 0, 0) == 0) {
        fuzzd_lock_changes();
        int is_known = 0;
        for (uint32_t i = 0; i < record->changed_timerfd_count; i++) {
            is_known |= record->timerfds[i].descriptor == descriptor;
        }
        int is_full = record->changed_timerfd_count == FUZZD_MAX_CHANGED_TIMERFDS;
        if (!is_known && !is_full) {
            record->timerfds[record->changed_timerfd_count].descriptor = descriptor;
            record->timerfds[record->changed_timerfd_count++].setting = setting;
        }
        fuzzd_unlock_changes();
        fuzzd_note_to_undo(FUZZD_UNDO_TIMERS);
        if (!is_known && is_full) {
            fuzzd_note_change(FUZZD_CHANGE_OVERFLOW, number);
        }
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

void fuzzd_undo_timers(struct fuzzd_process_changes *record) {
    long failed = 0;
    for (int which = 0; which < 3; which++) {
        if (record->changed_interval_timers >> which & 1) {
            failed |= fuzzd_raw_call(SYS_setitimer, which, (long)&record->interval_timers[which], 0, 0, 0, 0);
        }
    }
    for (uint32_t i = 0; i < record->new_timer_count; i++) {
        failed |= fuzzd_raw_call(SYS_timer_delete, record->new_timers[i], 0, 0, 0, 0, 0);
    }
    // Descriptors are back where they were by now.
    for (uint32_t i = 0; i < record->changed_timerfd_count; i++) {
        failed |= fuzzd_raw_call(
            SYS_timerfd_settime, record->timerfds[i].descriptor, 0, (long)&record->timerfds[i].setting, 0, 0, 0);
    }
    record->changed_interval_timers = 0;
    record->new_timer_count = 0;
    record->changed_timerfd_count = 0;
    if (failed != 0) {
        record->kinds |= FUZZD_CHANGE_TIMERS;
    }
}
