// The threads of a process, as /proc/PID/task lists them. Without the C library: a runner looks between two inputs.
#ifndef FUZZD_TASK_LIST_H
#define FUZZD_TASK_LIST_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "fuzzd_raw_call.h"

struct fuzzd_task_list {
    long directory;
    long length;
    long place;
    char buffer[4096] __attribute__((aligned(8)));
};

// As getdents64(2) writes them.
struct fuzzd_task_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

// Not zero if it could be opened; whoever opened it closes it.
static inline int fuzzd_open_task_list(struct fuzzd_task_list *list, const char *path) {
    list->directory = fuzzd_raw_call(SYS_open, (long)path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0, 0, 0);
    list->length = list->place = 0;
    return list->directory >= 0;
}

static inline void fuzzd_close_task_list(struct fuzzd_task_list *list) {
    fuzzd_unfailing_call(SYS_close, list->directory, 0, 0, 0, 0, 0);
}

// The next thread's number; 0 behind the last one, -1 where the list cannot be read.
static inline int32_t fuzzd_next_task(struct fuzzd_task_list *list) {
    for (;;) {
        if (list->place >= list->length) {
            list->place = 0;
            list->length = fuzzd_raw_call(SYS_getdents64, list->directory, (long)list->buffer, sizeof list->buffer, 0, 0, 0);
            if (list->length <= 0) {
                return list->length < 0 ? -1 : 0;
            }
        }
        const struct fuzzd_task_entry *entry = (const struct fuzzd_task_entry *)(list->buffer + list->place);
        list->place += entry->bytes;
        int32_t number = 0;
        for (const char *name = entry->name; *name >= '0' && *name <= '9'; name++) {
            number = number * 10 + (*name - '0');
        }
        // `.` and `..` are none.
        if (number != 0) {
            return number;
        }
    }
}

#endif
