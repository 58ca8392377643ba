// Makes a system call of the runtime's own fail: a filter of the target, older than the runtime's, answers it with an error.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "puzzle.h"

// The runtime's place for its own calls, and for those that it carries out for the target.
extern const char fuzzd_raw_call_start[], fuzzd_raw_call_end[];

void puzzle_fail_calls(const char *number) {
    const char *behind = strchr(number, ' ');
    uint32_t error = behind == NULL ? EIO : (uint32_t)atoi(behind);
    uint64_t start = (uint64_t)fuzzd_raw_call_start, end = (uint64_t)fuzzd_raw_call_end;
    size_t pointer = offsetof(struct seccomp_data, instruction_pointer);
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)atoi(number), 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)pointer + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(start >> 32), 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)pointer),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)start, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)end, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) {
        abort();
    }
}
