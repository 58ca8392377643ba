// The area of restartable sequences (rseq(2)) that glibc (2.35) registers for each thread: the kernel writes there whenever the thread was
// interrupted. Its names are looked up and not linked to, so that who links to them is somebody who uses it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/rseq.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "fuzzd_code_patch.h"
#include "fuzzd_raw_call.h"
#include "fuzzd_snapshot.h"
#include "fuzzd_target.h"

// glibc registers with these (sysdeps/unix/sysv/linux/x86/bits/rseq.h).
enum { signature = 0x53053053, area_bytes = 32 };

static struct rseq *area_of_this_thread(void) {
    const ptrdiff_t *offset = dlsym(RTLD_DEFAULT, "__rseq_offset");
    const unsigned *size = dlsym(RTLD_DEFAULT, "__rseq_size");
    return offset == NULL || size == NULL || *size == 0 ? NULL : (struct rseq *)((char *)__builtin_thread_pointer() + *offset);
}

uint64_t fuzzd_kernels_own_bytes(uint64_t *start) {
    struct rseq *area = area_of_this_thread();
    *start = (uint64_t)area;
    return area == NULL ? 0 : area_bytes;
}

void fuzzd_leave_restartable_sequences(void) {
    static const char *const names[] = {"__rseq_offset", "__rseq_size", "__rseq_flags"};
    struct rseq *area = area_of_this_thread();
    // librseq looks the area up as this file does.
    if (area == NULL || fuzzd_is_any_used(names, sizeof names / sizeof names[0])
        || dlsym(RTLD_DEFAULT, "rseq_register_current_thread") != NULL) {
        return;
    }
    if (fuzzd_raw_call(SYS_rseq, (long)area, area_bytes, RSEQ_FLAG_UNREGISTER, signature, 0, 0) == 0) {
        area->cpu_id_start = 0;
        area->cpu_id = (uint32_t)RSEQ_CPU_ID_REGISTRATION_FAILED;
    }
}
