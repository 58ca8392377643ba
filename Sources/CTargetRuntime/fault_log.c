// A log of page faults: the kernel's software event writes the address of each to memory that this process reads
// (perf_event_open(2)).
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_snapshot.h"
#include "fuzzd_target.h"

enum { page_bytes = 4096, data_bytes = 16 * page_bytes };

static int open_event(int32_t thread, int excludes_kernel) {
    struct perf_event_attr event = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof event,
        // Of those that succeeded, as getrusage(2) counts them.
        .config = PERF_COUNT_SW_PAGE_FAULTS_MIN,
        .sample_period = 1,
        .sample_type = PERF_SAMPLE_ADDR,
        // Nobody waits for it: waking is an interrupt to oneself.
        .watermark = 1,
        .wakeup_watermark = data_bytes,
        .exclude_kernel = excludes_kernel != 0,
        .exclude_hv = 1,
    };
    return (int)fuzzd_checked(
        fuzzd_raw_call(SYS_perf_event_open, (long)&event, thread, -1, -1, PERF_FLAG_FD_CLOEXEC, 0));
}

int fuzzd_fault_log_open(struct fuzzd_fault_log *log, int32_t thread) {
    log->memory = NULL;
    if (getenv("FUZZD_NO_FAULT_LOG") != NULL) {
        errno = EPERM;
        return -1;
    }
    log->descriptor = open_event(thread, 0);
    if (log->descriptor < 0) {
        // Where perf_event_paranoid is 2, the kernel's own are not for everybody.
        log->descriptor = open_event(thread, 1);
    }
    return log->descriptor < 0 ? -1 : 0;
}

int fuzzd_fault_log_map(struct fuzzd_fault_log *log) {
    void *memory = fuzzd_map_apart(page_bytes + data_bytes, MAP_SHARED, log->descriptor);
    if (memory == MAP_FAILED) {
        return -1;
    }
    log->memory = memory;
    return 0;
}

long fuzzd_fault_log_read(struct fuzzd_fault_log *log, uint64_t *addresses, size_t capacity) {
    struct perf_event_mmap_page *page = (void *)log->memory;
    const uint64_t *data = (const uint64_t *)(log->memory + page_bytes);
    uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
    uint64_t tail = page->data_tail;
    size_t count = 0;
    long result = 0;
    while (tail < head) {
        // Records are whole words, and their header is one.
        uint64_t header = data[tail % data_bytes / 8];
        uint32_t type = (uint32_t)header;
        uint64_t bytes = header >> 48;
        if (bytes < 8 || (type == PERF_RECORD_SAMPLE && count == capacity) || type == PERF_RECORD_LOST) {
            result = -1;
            break;
        }
        if (type == PERF_RECORD_SAMPLE) {
            addresses[count++] = data[(tail + 8) % data_bytes / 8];
        }
        tail += bytes;
    }
    __atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
    return result < 0 ? -1 : (long)count;
}

int64_t fuzzd_page_faults(void) {
    struct rusage use;
    if (fuzzd_raw_call(SYS_getrusage, RUSAGE_SELF, (long)&use, 0, 0, 0, 0) < 0) {
        return -1;
    }
    return (int64_t)use.ru_minflt + (int64_t)use.ru_majflt;
}
