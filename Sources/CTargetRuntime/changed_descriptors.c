// Descriptors that an input opens, closes, replaces or changes. Those that were there at the snapshot have a duplicate among the
// runtime's own, from which they are put back; those own ones do not exist as far as the input can tell.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "fuzzd_process_changes.h"

// The kernel's record of a directory entry (getdents64(2)), which glibc does not show.
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short bytes;
    unsigned char type;
    char name[];
};

static int is_marked(const uint64_t *words, long descriptor) {
    return (__atomic_load_n(&words[descriptor / 64], __ATOMIC_RELAXED) >> (descriptor % 64)) & 1;
}
static void mark(uint64_t *words, long descriptor) {
    __atomic_fetch_or(&words[descriptor / 64], 1ull << (descriptor % 64), __ATOMIC_RELAXED);
}
static void unmark(uint64_t *words, long descriptor) {
    __atomic_fetch_and(&words[descriptor / 64], ~(1ull << (descriptor % 64)), __ATOMIC_RELAXED);
}

static int is_told_apart(long descriptor) { return descriptor >= 0 && descriptor < FUZZD_MAX_DESCRIPTORS; }

int fuzzd_is_old_descriptor(long descriptor) {
    return is_told_apart(descriptor) && is_marked(fuzzd_changes->old_descriptors, descriptor);
}

static int is_own(long descriptor) {
    return descriptor >= FUZZD_FIRST_OWN_DESCRIPTOR && fuzzd_is_old_descriptor(descriptor);
}

void fuzzd_note_descriptor(long descriptor) {
    if (descriptor < 0 || fuzzd_is_old_descriptor(descriptor)) {
        return;
    }
    if (!is_told_apart(descriptor)) {
        fuzzd_note_change(FUZZD_CHANGE_OVERFLOW, SYS_open);
        return;
    }
    mark(fuzzd_changes->new_descriptors, descriptor);
    fuzzd_note_to_undo(FUZZD_UNDO_DESCRIPTORS);
}

// An old descriptor is not what it was.
static void note_changed(long descriptor, long number) {
    if (fuzzd_changes->saved_descriptors[descriptor] == 0) {
        fuzzd_note_change(FUZZD_CHANGE_DESCRIPTORS, number);
    }
    mark(fuzzd_changes->changed_descriptors, descriptor);
    fuzzd_note_to_undo(FUZZD_UNDO_DESCRIPTORS);
}

// Before the call: once a descriptor is closed, another thread may open it again and mark it.
static void note_closing(long descriptor, long number) {
    if (fuzzd_is_old_descriptor(descriptor)) {
        note_changed(descriptor, number);
    } else if (is_told_apart(descriptor)) {
        unmark(fuzzd_changes->new_descriptors, descriptor);
    }
}

long fuzzd_on_opening(long number, const long *a) {
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], 0);
    // One that was closed before: it is changed already, and is put back from its duplicate.
    fuzzd_note_descriptor(result);
    return result;
}

// Waits until there is something to take, with the caller's own signal mask, so that it can be interrupted. 0 or a
// negative errno.
static long wait_for(long descriptor, const ucontext_t *context) {
    long flags = fuzzd_raw_call(SYS_fcntl, descriptor, F_GETFL, 0, 0, 0, 0);
    if (fuzzd_has_failed(flags) || (flags & O_NONBLOCK) != 0) {
        return 0;
    }
    struct timeval limit = {0, 0};
    socklen_t bytes = sizeof limit;
    fuzzd_raw_call(SYS_getsockopt, descriptor, SOL_SOCKET, SO_RCVTIMEO, (long)&limit, (long)&bytes, 0);
    struct timespec timeout = {.tv_sec = limit.tv_sec, .tv_nsec = limit.tv_usec * 1000};
    int is_limited = timeout.tv_sec != 0 || timeout.tv_nsec != 0;
    struct pollfd polled = {.fd = (int)descriptor, .events = POLLIN};
    long ready = fuzzd_raw_call(
        SYS_ppoll, (long)&polled, 1, (long)(is_limited ? &timeout : NULL), (long)&context->uc_sigmask, 8, 0);
    return fuzzd_has_failed(ready) ? ready : ready == 0 ? -EAGAIN : 0;
}

long fuzzd_on_accept(long number, const long *a, const ucontext_t *context) {
    long failed = wait_for((int)a[0], context);
    return failed != 0 ? failed : fuzzd_on_opening(number, a);
}

// Messages may carry descriptors.
long fuzzd_on_recvmsg(long number, const long *a, const ucontext_t *context) {
    struct msghdr before, *message = (struct msghdr *)a[1];
    if (fuzzd_read_argument(&before, a[1], sizeof before) != 0 || before.msg_controllen == 0) {
        return FUZZD_CALL_AGAIN;
    }
    long failed = a[2] & MSG_DONTWAIT ? 0 : wait_for((int)a[0], context);
    if (failed != 0) {
        return failed;
    }
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], 0, 0, 0);
    if (fuzzd_has_failed(result)) {
        return result;
    }
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const int *descriptors = (const int *)(const void *)CMSG_DATA(part);
        for (size_t i = 0; i < (part->cmsg_len - CMSG_LEN(0)) / sizeof *descriptors; i++) {
            fuzzd_note_descriptor(descriptors[i]);
        }
    }
    return result;
}

long fuzzd_on_close(long number, const long *a) {
    long descriptor = (int)a[0];
    if (is_own(descriptor)) {
        return -EBADF;
    }
    note_closing(descriptor, number);
    return fuzzd_raw_call(number, descriptor, 0, 0, 0, 0, 0);
}

long fuzzd_on_close_range(long number, const long *a) {
    uint64_t first = (unsigned int)a[0], last = (unsigned int)a[1];
    if (first > last || (a[2] & ~(long)CLOSE_RANGE_CLOEXEC) != 0) {
        // Invalid, or with a table of its own for this thread, which nobody undoes.
        fuzzd_note_change(FUZZD_CHANGE_DESCRIPTORS, number);
        return fuzzd_raw_call(number, a[0], a[1], a[2], 0, 0, 0);
    }
    int closes = (a[2] & CLOSE_RANGE_CLOEXEC) == 0;
    for (uint64_t descriptor = first; descriptor <= last && descriptor < FUZZD_MAX_DESCRIPTORS; descriptor++) {
        if (is_own((long)descriptor)) {
            continue;
        }
        int is_old = fuzzd_is_old_descriptor((long)descriptor);
        if (!is_old && !is_marked(fuzzd_changes->new_descriptors, (long)descriptor)) {
            continue;
        }
        if (closes) {
            note_closing((long)descriptor, number);
            fuzzd_raw_call(SYS_close, (long)descriptor, 0, 0, 0, 0, 0);
        } else if (!fuzzd_has_failed(fuzzd_raw_call(SYS_fcntl, (long)descriptor, F_SETFD, FD_CLOEXEC, 0, 0, 0)) && is_old) {
            note_changed((long)descriptor, number);
        }
    }
    return 0;
}

long fuzzd_on_duplicate_to(long number, const long *a) {
    long from = (int)a[0], to = (int)a[1];
    if (is_own(from) || is_own(to)) {
        return -EBADF;
    }
    int replaces = from != to;
    if (replaces && fuzzd_is_old_descriptor(to)) {
        note_changed(to, number);
    }
    long result = fuzzd_raw_call(number, from, to, a[2], 0, 0, 0);
    if (replaces && result == to) {
        fuzzd_note_descriptor(to);
    }
    return result;
}

long fuzzd_on_two_descriptors(long number, const long *a, const int *pair) {
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
    if (result == 0) {
        fuzzd_note_descriptor(pair[0]);
        fuzzd_note_descriptor(pair[1]);
    }
    return result;
}

// The flags of an open file, which its duplicates share, as they were before the first change.
static void note_status_flags(long descriptor, long number) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    long flags = fuzzd_raw_call(SYS_fcntl, descriptor, F_GETFL, 0, 0, 0, 0);
    if (fuzzd_has_failed(flags)) {
        return;
    }
    fuzzd_lock_changes();
    int is_known = 0;
    for (uint32_t i = 0; i < record->status_flag_count; i++) {
        is_known |= record->status_flags[i].descriptor == descriptor;
    }
    int is_full = record->status_flag_count == FUZZD_MAX_CHANGED_STATUS_FLAGS;
    if (!is_known && !is_full) {
        record->status_flags[record->status_flag_count].descriptor = (int32_t)descriptor;
        record->status_flags[record->status_flag_count++].flags = (int32_t)flags;
    }
    fuzzd_unlock_changes();
    if (!is_known && is_full) {
        fuzzd_note_change(FUZZD_CHANGE_OVERFLOW, number);
    }
    note_changed(descriptor, number);
}

long fuzzd_on_fcntl(long number, const long *a) {
    long descriptor = (int)a[0];
    int command = (int)a[1];
    if (is_own(descriptor)) {
        return -EBADF;
    }
    int is_old = fuzzd_is_old_descriptor(descriptor);
    switch (command) {
    case F_GETFD:
    case F_GETFL:
    case F_GETLK:
    case F_OFD_GETLK:
    case F_GETOWN:
    case F_GETOWN_EX:
    case F_GETSIG:
    case F_GETLEASE:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
        break;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC: return fuzzd_on_opening(number, a);
    case F_SETLKW:
    case F_OFD_SETLKW: fuzzd_note_change(FUZZD_CHANGE_DESCRIPTORS, number); return FUZZD_CALL_AGAIN;
    case F_SETFD:
        if (is_old) {
            note_changed(descriptor, number);
        }
        break;
    case F_SETFL:
        if (is_old) {
            note_status_flags(descriptor, number);
        }
        break;
    default:
        if (is_old) {
            fuzzd_note_change(FUZZD_CHANGE_DESCRIPTORS, number);
        }
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], 0, 0, 0);
}

// Only the requests that change a descriptor or the flags of its file are trapped.
long fuzzd_on_ioctl(long number, const long *a) {
    long descriptor = (int)a[0];
    if (is_own(descriptor)) {
        return -EBADF;
    }
    if (fuzzd_is_old_descriptor(descriptor)) {
        switch ((unsigned int)a[1]) {
        case FIONBIO:
        case FIOASYNC: note_status_flags(descriptor, number); break;
        default: note_changed(descriptor, number);
        }
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], 0, 0, 0);
}

// A duplicate among the runtime's own; without one the descriptor's change costs a fresh runner.
static void save(long descriptor) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    long flags = fuzzd_raw_call(SYS_fcntl, descriptor, F_GETFD, 0, 0, 0, 0);
    if (!fuzzd_has_failed(flags) && (flags & FD_CLOEXEC)) {
        mark(record->closed_at_exec, descriptor);
    }
    if (fuzzd_has_failed(flags) || record->saved_descriptor_count == FUZZD_MAX_SAVED_DESCRIPTORS) {
        return;
    }
    long saved = fuzzd_raw_call(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, FUZZD_FIRST_SAVED_DESCRIPTOR, 0, 0, 0);
    if (is_told_apart(saved)) {
        record->saved_descriptors[descriptor] = (int32_t)saved;
        record->saved_descriptor_count++;
        mark(record->old_descriptors, saved);
    } else if (!fuzzd_has_failed(saved)) {
        fuzzd_raw_call(SYS_close, saved, 0, 0, 0, 0, 0);
    }
}

static int list_descriptors(void) {
    long directory = fuzzd_raw_call(SYS_open, (long)"/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0, 0);
    if (fuzzd_has_failed(directory)) {
        return (int)-directory;
    }
    char buffer[4096] __attribute__((aligned(8)));
    long bytes;
    while ((bytes = fuzzd_raw_call(SYS_getdents64, directory, (long)buffer, sizeof buffer, 0, 0, 0)) > 0) {
        for (long at = 0; at < bytes; at += ((struct entry *)&buffer[at])->bytes) {
            const char *name = ((struct entry *)&buffer[at])->name;
            long descriptor = name[0] == '.' ? -1 : atol(name);
            if (is_told_apart(descriptor) && descriptor != directory) {
                mark(fuzzd_changes->old_descriptors, descriptor);
            }
        }
    }
    long result = fuzzd_raw_call(SYS_close, directory, 0, 0, 0, 0, 0);
    return fuzzd_has_failed(bytes) ? (int)-bytes : (int)-result;
}

int fuzzd_remember_descriptors(void) {
    int error = list_descriptors();
    for (long descriptor = 0; error == 0 && descriptor < FUZZD_FIRST_OWN_DESCRIPTOR; descriptor++) {
        if (fuzzd_is_old_descriptor(descriptor)) {
            save(descriptor);
        }
    }
    return error;
}

long fuzzd_take_descriptor(long descriptor) {
    if (fuzzd_has_failed(descriptor)) {
        return descriptor;
    }
    long taken = fuzzd_raw_call(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, FUZZD_FIRST_SAVED_DESCRIPTOR, 0, 0, 0);
    return fuzzd_has_failed(fuzzd_raw_call(SYS_close, descriptor, 0, 0, 0, 0, 0)) ? FUZZD_DESCRIPTOR_STAYS : taken;
}

static void put_back(struct fuzzd_process_changes *record, long descriptor) {
    int flags = is_marked(record->closed_at_exec, descriptor) ? O_CLOEXEC : 0;
    long result = fuzzd_raw_call(SYS_dup3, record->saved_descriptors[descriptor], descriptor, flags, 0, 0, 0);
    if (result != descriptor) {
        record->kinds |= FUZZD_CHANGE_DESCRIPTORS;
    }
}

void fuzzd_undo_descriptors(struct fuzzd_process_changes *record) {
    for (int word = 0; word < FUZZD_DESCRIPTOR_WORDS; word++) {
        for (uint64_t rest = record->new_descriptors[word]; rest != 0; rest &= rest - 1) {
            long result = fuzzd_raw_call(SYS_close, word * 64 + __builtin_ctzll(rest), 0, 0, 0, 0, 0);
            // Noted after it was opened: another thread may have closed it before.
            if (fuzzd_has_failed(result) && result != -EBADF) {
                record->kinds |= FUZZD_CHANGE_DESCRIPTORS;
            }
        }
        for (uint64_t rest = record->changed_descriptors[word]; rest != 0; rest &= rest - 1) {
            long descriptor = word * 64 + __builtin_ctzll(rest);
            if (record->saved_descriptors[descriptor] != 0) {
                put_back(record, descriptor);
            }
        }
        record->new_descriptors[word] = 0;
        record->changed_descriptors[word] = 0;
    }
    for (uint32_t i = 0; i < record->status_flag_count; i++) {
        long result = fuzzd_raw_call(
            SYS_fcntl, record->status_flags[i].descriptor, F_SETFL, record->status_flags[i].flags, 0, 0, 0);
        if (fuzzd_has_failed(result)) {
            record->kinds |= FUZZD_CHANGE_DESCRIPTORS;
        }
    }
    record->status_flag_count = 0;
}
