// More state that the kernel keeps for a process, each kind behind a letter of its own (puzzle.h).
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "kept_state.h"

enum { page_bytes = 4096, replaced_descriptor = 210, received_descriptor = 211 };

static int file_descriptor = -1, private_descriptor = -1, timer_descriptor = -1, pipe_ends[2];
static uint8_t *fixed_page, *moved_page;
static uint8_t *const split_mapping = (void *)0x110000000000;

// Before the snapshot: what inputs will change.
void puzzle_prepare_kernel_state(void) {
    file_descriptor = open("/proc/self/exe", O_RDONLY);
    private_descriptor = memfd_create("puzzle", 0);
    if (write(private_descriptor, "private", 7) != 7 || pipe(pipe_ends) != 0) {
        abort();
    }
    timer_descriptor = timerfd_create(CLOCK_MONOTONIC, 0);
    dup2(1, replaced_descriptor);
    fixed_page = mmap(NULL, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    moved_page = mmap(NULL, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void puzzle_limit_descriptors(size_t count) {
    struct rlimit limit = {.rlim_cur = count, .rlim_max = count};
    setrlimit(RLIMIT_NOFILE, &limit);
}

void puzzle_limit_memory(size_t bytes) {
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == NULL || fscanf(statm, "%lu", &pages) != 1) {
        abort();
    }
    fclose(statm);
    struct rlimit limit = {.rlim_cur = pages * 4096 + bytes, .rlim_max = pages * 4096 + bytes};
    setrlimit(RLIMIT_AS, &limit);
}

static int receive_descriptor(void) {
    int is_kept = fcntl(received_descriptor, F_GETFD) >= 0;
    int pair[2];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    char byte = 'x';
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        return -1;
    }
    memcpy(CMSG_DATA(&control.header), &(int){1}, sizeof(int));
    if (sendmsg(pair[0], &message, 0) != 1 || recvmsg(pair[1], &message, 0) != 1) {
        return -1;
    }
    int received;
    memcpy(&received, CMSG_DATA(&control.header), sizeof received);
    return dup2(received, received_descriptor) < 0 ? -1 : is_kept;
}

static int in_descriptors(uint8_t kind) {
    int is_kept, flags;
    char text[8] = "";
    struct itimerspec timer, hour = {.it_value = {.tv_sec = 3600}};
    switch (kind) {
    case 'O':
        is_kept = lseek(file_descriptor, 0, SEEK_CUR) != 0;
        return read(file_descriptor, text, sizeof text) > 0 ? is_kept : -1;
    case 'F':
        is_kept = pread(private_descriptor, text, 7, 0) != 7 || memcmp(text, "private", 7) != 0;
        return pwrite(private_descriptor, "changed, and longer", 19, 0) == 19 ? is_kept : -1;
    case 'f':
        is_kept = fcntl(0, F_GETFD) != 0;
        fcntl(0, F_SETFD, FD_CLOEXEC);
        return is_kept;
    case 'n':
        flags = fcntl(pipe_ends[0], F_GETFL);
        fcntl(pipe_ends[0], F_SETFL, flags | O_NONBLOCK);
        return (flags & O_NONBLOCK) != 0;
    case 'r':
        is_kept = lseek(replaced_descriptor, 0, SEEK_CUR) >= 0;
        dup2(file_descriptor, replaced_descriptor);
        return is_kept;
    case 'Z':
        is_kept = fcntl(1, F_GETFD) < 0;
        syscall(SYS_close_range, 0u, ~0u, 0u);
        return is_kept;
    case 'R': return receive_descriptor();
    case 'y':
        timerfd_gettime(timer_descriptor, &timer);
        timerfd_settime(timer_descriptor, 0, &hour, NULL);
        return timer.it_value.tv_sec != 0;
    default: return -1;
    }
}

static int is_mapped(void *place) {
    unsigned char resident;
    return mincore(place, page_bytes, &resident) == 0;
}

static int in_mappings(uint8_t kind) {
    int is_kept;
    switch (kind) {
    case 'q':
        // What is left of a mapping once its middle is gone.
        is_kept = is_mapped(split_mapping) || is_mapped(split_mapping + 3 * page_bytes);
        mmap(split_mapping, 4 * page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        munmap(split_mapping + page_bytes, 2 * page_bytes);
        return is_kept;
    case 'X':
        is_kept = fixed_page[0] != 0;
        mmap(fixed_page, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        fixed_page[0] = 1;
        return is_kept;
    case 'v':
        is_kept = !is_mapped(moved_page);
        (void)mremap(moved_page, page_bytes, 64 * page_bytes, MREMAP_MAYMOVE);
        return is_kept;
    default: return -1;
    }
}

static int in_attributes(uint8_t kind) {
    int is_kept;
    static uint8_t other_stack[16 * page_bytes];
    stack_t stack, other = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
    struct rlimit limit;
    struct itimerspec timer;
    timer_t new_timer;
    struct sigevent silent = {.sigev_notify = SIGEV_NONE};
    char name[16];
    switch (kind) {
    case 'A':
        sigaltstack(&other, &stack);
        return stack.ss_sp == other.ss_sp;
    case 't':
        // The first timer of a process has the number 0.
        is_kept = timer_gettime((timer_t)0, &timer) == 0;
        return timer_create(CLOCK_MONOTONIC, &silent, &new_timer) == 0 ? is_kept : -1;
    case 'L':
        getrlimit(RLIMIT_NPROC, &limit);
        is_kept = limit.rlim_cur == 4321;
        limit.rlim_cur = 4321;
        return setrlimit(RLIMIT_NPROC, &limit) == 0 ? is_kept : -1;
    case 'N':
        prctl(PR_GET_NAME, name);
        prctl(PR_SET_NAME, "renamed");
        return strcmp(name, "renamed") == 0;
    default: return -1;
    }
}

int puzzle_start_program(void) { return system("exit 7") == 7 << 8 ? 0 : -1; }

int puzzle_keep_kernel_state(uint8_t kind) {
    int is_kept = in_descriptors(kind);
    if (is_kept < 0) {
        is_kept = in_mappings(kind);
    }
    return is_kept < 0 ? in_attributes(kind) : is_kept;
}
