// libc calls that Swift does not see: variadic, hidden behind macros, or GNU extensions.
#define _GNU_SOURCE
#include <link.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_target.h"

const char *fuzzd_handover_text(void) { return getenv(FUZZD_ENVIRONMENT); }
int fuzzd_errno(void) { return errno; }
int fuzzd_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int fuzzd_ppoll(struct pollfd *descriptors, size_t count, int64_t timeout_nanoseconds) {
    // The call itself: libc's function may be the target's frozen one.
    if (timeout_nanoseconds < 0) {
        return (int)syscall(SYS_ppoll, descriptors, count, NULL, NULL, 0);
    }
    struct timespec timeout = {.tv_sec = timeout_nanoseconds / 1000000000, .tv_nsec = timeout_nanoseconds % 1000000000};
    return (int)syscall(SYS_ppoll, descriptors, count, &timeout, NULL, 0);
}

int fuzzd_timer(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }
void fuzzd_set_timer(int timer, uint64_t nanoseconds) {
    struct itimerspec at = {.it_value = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)}};
    (void)timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

int fuzzd_open_children(void) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", getpid(), getpid());
    return fuzzd_open_for_reading(path);
}

int fuzzd_is_only_child(int children, pid_t child) {
    char text[32];
    long count = fuzzd_raw_pread(children, text, sizeof text - 1, 0);
    if (count <= 0) {
        return 0;
    }
    text[count] = 0;
    char *rest;
    long first = strtol(text, &rest, 10);
    return first == child && (*rest == 0 || (*rest == ' ' && rest[1] == 0));
}

int fuzzd_set_subreaper(int is_subreaper) { return prctl(PR_SET_CHILD_SUBREAPER, is_subreaper); }

int fuzzd_first_own_descriptor(void) {
    enum { usual = 900, room = 32 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max >= usual + room) {
        return usual;
    }
    // A limit so low that there is hardly room gets its upper half.
    return (int)(limit.rlim_max >= 2 * room ? limit.rlim_max - room : limit.rlim_max / 2);
}

static int duplicate_above(int descriptor, int at_least) {
    return (int)fuzzd_checked(fuzzd_raw_call(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, at_least, 0, 0, 0));
}

int fuzzd_move_descriptor(int descriptor, int at_least) {
    int moved = duplicate_above(descriptor, at_least);
    struct rlimit limit;
    if (moved < 0 && errno == EINVAL && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        // Numbers from the soft limit on are refused, and it may be raised for the moment.
        struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            moved = duplicate_above(descriptor, at_least);
            int error = errno;
            (void)setrlimit(RLIMIT_NOFILE, &limit);
            errno = error;
        }
    }
    if (moved >= 0) {
        close(descriptor);
    }
    return moved;
}

int fuzzd_set_nonblocking(int descriptor) { return fcntl(descriptor, F_SETFL, O_NONBLOCK); }

uint64_t fuzzd_stack_limit(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_STACK, &limit) == 0 ? limit.rlim_cur : UINT64_MAX;
}

int fuzzd_set_soft_limit(int resource, uint64_t value) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) {
        return -1;
    }
    limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
    return setrlimit(resource, &limit);
}

int fuzzd_open_for_reading(const char *path) {
    return (int)fuzzd_checked(fuzzd_raw_call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0));
}
int fuzzd_memfd(const char *name) {
    return (int)fuzzd_checked(fuzzd_raw_call(SYS_memfd_create, (long)name, MFD_CLOEXEC, 0, 0, 0, 0));
}

// Past a sanitizer's interceptors, which would look at memory that is not the target's to touch.
long fuzzd_raw_pwrite(int descriptor, const void *memory, size_t bytes, int64_t offset) {
    return fuzzd_checked(fuzzd_raw_call(SYS_pwrite64, descriptor, (long)memory, (long)bytes, offset, 0, 0));
}
// A result, and no errno: that would be a write to a page that children share.
long fuzzd_raw_read(int descriptor, void *memory, size_t bytes) {
    return fuzzd_raw_call(SYS_read, descriptor, (long)memory, (long)bytes, 0, 0, 0);
}
pid_t fuzzd_reap_any(void) { return (pid_t)fuzzd_raw_call(SYS_wait4, -1, 0, WNOHANG, 0, 0, 0); }
void *fuzzd_raw_map(void *place, size_t bytes, int flags, int descriptor, int64_t offset) {
    return (void *)fuzzd_checked(
        fuzzd_raw_call(SYS_mmap, (long)place, (long)bytes, PROT_READ | PROT_WRITE, flags, descriptor, offset));
}
int fuzzd_protect(void *memory, size_t bytes, int protection) {
    return (int)fuzzd_checked(fuzzd_raw_call(SYS_mprotect, (long)memory, (long)bytes, protection, 0, 0, 0));
}
// One call, so that code may replace itself. What is there already is gone where the kernel has no memory for the new mapping.
int fuzzd_move_mapping(void *from, size_t bytes, void *to) {
    return syscall(SYS_mremap, from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == (long)to ? 0 : -1;
}
// Any address would do; above the shadow of AddressSanitizer and below where the kernel begins.
void *fuzzd_map_apart(size_t bytes, int flags, int descriptor) {
    static uintptr_t next = 0x200000000000;
    enum { page_bytes = 4096, gap_bytes = 16 * page_bytes };
    // Past ASan's interceptor, which would map the shadow of that memory anew.
    void *place = fuzzd_raw_map((void *)next, bytes, flags, descriptor, 0);
    if (place != MAP_FAILED && (uintptr_t)place >= next) {
        next = ((uintptr_t)place + bytes + gap_bytes + page_bytes - 1) & ~(uintptr_t)(page_bytes - 1);
    }
    return place;
}
int fuzzd_unmap(void *memory, size_t bytes) { return (int)syscall(SYS_munmap, memory, bytes); }
int fuzzd_is_mapped(const void *page) {
    unsigned char is_resident;
    return mincore((void *)page, 1, &is_resident) == 0;
}

static int first_bias(struct dl_phdr_info *info, size_t size, void *bias) {
    (void)size;
    *(uint64_t *)bias = info->dlpi_addr;
    return 1;
}
uint64_t fuzzd_program_bias(void) {
    uint64_t bias = 0;
    dl_iterate_phdr(first_bias, &bias);
    return bias;
}

struct identity {
    uintptr_t address;
    uint64_t identity;
};

static int identify(struct dl_phdr_info *info, size_t size, void *opaque) {
    (void)size;
    struct identity *wanted = opaque;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD || wanted->address < start || wanted->address >= start + segment->p_memsz) {
            continue;
        }
        uint64_t mixed = 0xCBF29CE484222325u;
        for (const char *character = info->dlpi_name; *character != 0; character++) {
            mixed = (mixed ^ (uint8_t)*character) * 0x100000001B3u;
        }
        wanted->identity = (mixed ^ (wanted->address - info->dlpi_addr)) * 0x100000001B3u;
        return 1;
    }
    return 0;
}
uint64_t fuzzd_identity(const void *address) {
    struct identity wanted = {.address = (uintptr_t)address};
    dl_iterate_phdr(identify, &wanted);
    return wanted.identity;
}

extern uint8_t __start___libfuzzer_extra_counters __attribute__((weak));
extern uint8_t __stop___libfuzzer_extra_counters __attribute__((weak));
uint8_t *fuzzd_extra_counters_begin(void) { return &__start___libfuzzer_extra_counters; }
uint8_t *fuzzd_extra_counters_end(void) { return &__stop___libfuzzer_extra_counters; }

int fuzzd_status_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
int fuzzd_status_exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 0; }

struct visit {
    fuzzd_object_visitor visitor;
    void *context;
};

static int visit_object(struct dl_phdr_info *info, size_t size, void *opaque) {
    (void)size;
    struct visit *visit = opaque;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X)) {
            uint64_t start = info->dlpi_addr + segment->p_vaddr;
            visit->visitor(info->dlpi_name, info->dlpi_addr, start, start + segment->p_memsz, visit->context);
        }
    }
    return 0;
}

void fuzzd_visit_objects(fuzzd_object_visitor visitor, void *context) {
    struct visit visit = {.visitor = visitor, .context = context};
    dl_iterate_phdr(visit_object, &visit);
}

// While the target initialises nobody reads the control socket yet, so the kernel ends it with the daemon. `serve`
// takes this back: a machine parent has children to end first.
__attribute__((constructor)) static void die_with_daemon_during_initialization(void) {
    if (fuzzd_handover_text() != NULL) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
}

int fuzzd_outlive_parent(void) { return prctl(PR_SET_PDEATHSIG, 0); }

// Held for a few instructions. A child that was killed while it held it is gone: then it is free.
void fuzzd_lock_late_modules(struct fuzzd_modules_header *header, pid_t process) {
    for (;;) {
        uint32_t holder = 0;
        if (__atomic_compare_exchange_n(
                &header->late_lock, &holder, (uint32_t)process, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            return;
        }
        if (kill((pid_t)holder, 0) != 0 && errno == ESRCH) {
            (void)__atomic_compare_exchange_n(
                &header->late_lock, &holder, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        }
        sched_yield();
    }
}

void fuzzd_unlock_late_modules(struct fuzzd_modules_header *header) {
    __atomic_store_n(&header->late_lock, 0, __ATOMIC_SEQ_CST);
}

int fuzzd_has_word(const char *line, const char *word) {
    size_t length = strlen(word);
    for (const char *place = strstr(line, word); place != NULL; place = strstr(place + 1, word)) {
        if (place > line && place[-1] == ' ' && (place[length] == ' ' || place[length] == 0)) {
            return 1;
        }
    }
    return 0;
}

struct noted_thread {
    uintptr_t handle;
    const void *start_routine;
};
static struct noted_thread noted_threads[4 * FUZZD_MAX_THREADS];
static uint32_t noted_thread_count;

// The youngest entry counts: a handle is used again once its thread has ended.
void fuzzd_note_thread(uintptr_t handle, const void *start_routine) {
    uint32_t index = __atomic_fetch_add(&noted_thread_count, 1, __ATOMIC_RELAXED) % (4 * FUZZD_MAX_THREADS);
    noted_threads[index] = (struct noted_thread){.handle = handle, .start_routine = start_routine};
}

const void *fuzzd_thread_start_routine(uintptr_t from, uintptr_t to) {
    const void *found = NULL;
    for (uint32_t i = 0; i < noted_thread_count && i < 4 * FUZZD_MAX_THREADS; i++) {
        if (noted_threads[i].handle >= from && noted_threads[i].handle < to) {
            found = noted_threads[i].start_routine;
        }
    }
    return found;
}
