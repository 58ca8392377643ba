// libc calls that Swift does not see: variadic, hidden behind macros, or GNU extensions.
#define _GNU_SOURCE
#include <link.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "fuzzd_target.h"

const char *fuzzd_handover_text(void) { return getenv(FUZZD_ENVIRONMENT); }
int fuzzd_errno(void) { return errno; }
int fuzzd_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int fuzzd_ppoll(struct pollfd *descriptors, size_t count, int64_t timeout_nanoseconds) {
    if (timeout_nanoseconds < 0) {
        return ppoll(descriptors, count, NULL, NULL);
    }
    struct timespec timeout = {.tv_sec = timeout_nanoseconds / 1000000000, .tv_nsec = timeout_nanoseconds % 1000000000};
    return ppoll(descriptors, count, &timeout, NULL);
}

int fuzzd_set_subreaper(int is_subreaper) { return prctl(PR_SET_CHILD_SUBREAPER, is_subreaper); }
int fuzzd_move_descriptor(int descriptor, int at_least) {
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, at_least);
    if (moved >= 0) {
        close(descriptor);
    }
    return moved;
}
int fuzzd_set_nonblocking(int descriptor) { return fcntl(descriptor, F_SETFL, O_NONBLOCK); }

int fuzzd_set_soft_limit(int resource, uint64_t value) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) {
        return -1;
    }
    limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
    return setrlimit(resource, &limit);
}

int fuzzd_open_for_reading(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
int fuzzd_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

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
