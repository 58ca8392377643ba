// Pages of a child that waits for its input, copied before they are written to. One call for many ranges, of the calling process
// itself, is allowed since Linux 6.13 (process_madvise(2)); before that there is one for each.
#include <sys/syscall.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"

#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

enum { populate_write = 23, own_process = -10000 };
// Some 50 us: so long the machine parent may have to wait for its processor.
enum { pages_at_once = 24 };

static void populate(const struct iovec *ranges, size_t count) {
    // The descriptor that stands for the caller is a little younger than the permission (6.15).
    long done = fuzzd_raw_call(SYS_process_madvise, own_process, (long)ranges, (long)count, populate_write, 0, 0);
    for (size_t i = 0; done < 0 && i < count; i++) {
        fuzzd_raw_call(SYS_madvise, (long)ranges[i].iov_base, (long)ranges[i].iov_len, populate_write, 0, 0, 0);
    }
}

void fuzzd_populate(const struct iovec *ranges, size_t count, const struct fuzzd_gate *gate) {
    size_t first = 0;
    while (first < count && fuzzd_is_gate_far(gate)) {
        size_t end = first, pages = 0;
        while (end < count && pages < pages_at_once) {
            pages += ranges[end++].iov_len / FUZZD_PAGE_BYTES;
        }
        populate(ranges + first, end - first);
        first = end;
        fuzzd_raw_call(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
    }
}
