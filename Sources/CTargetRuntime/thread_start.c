// A thread that is not libc's making: it takes over the thread-local storage of one that a fork lost.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_threads.h"
#include "fuzzd_thread_park.h"

long fuzzd_start_on_stack(long flags, void *stack_end, int32_t *parent_id, uint64_t child_id, uint64_t thread_pointer,
                          void (*body)(struct fuzzd_parked_thread *), struct fuzzd_parked_thread *argument);

#if defined(__x86_64__)
// The new thread has nothing of the caller's but what lies on its stack: the function and its argument.
__asm__(".text\n"
        ".globl fuzzd_start_on_stack\n"
        ".hidden fuzzd_start_on_stack\n"
        ".type fuzzd_start_on_stack, @function\n"
        "fuzzd_start_on_stack:\n"
        ".cfi_startproc\n"
        "  mov 8(%rsp), %rax\n"
        "  sub $16, %rsi\n"
        "  mov %rax, 8(%rsi)\n"
        "  mov %r9, (%rsi)\n"
        "  mov %rcx, %r10\n"
        "  mov $56, %eax\n"
        "  syscall\n"
        "  test %rax, %rax\n"
        "  jz 1f\n"
        "  ret\n"
        ".cfi_endproc\n"
        "1:\n"
        "  xor %ebp, %ebp\n"
        "  pop %rax\n"
        "  pop %rdi\n"
        "  call *%rax\n"
        "  hlt\n"
        ".size fuzzd_start_on_stack, . - fuzzd_start_on_stack\n");
#else
#error "no way to start a thread known for this architecture"
#endif

static void take_over(struct fuzzd_parked_thread *thread) {
    stack_t stack = {.ss_sp = (void *)(thread->stack_end - FUZZD_THREAD_STACK_BYTES), .ss_size = FUZZD_THREAD_STACK_BYTES};
    // Registers are loaded from a place below this function's frame, so the kernel is told last that the stack is in use.
    fuzzd_raw_call(SYS_sigaltstack, (long)&stack, 0, 0, 0, 0, 0);
    fuzzd_raw_call(SYS_set_robust_list, (long)thread->robust_list, (long)thread->robust_list_bytes, 0, 0, 0, 0);
    fuzzd_raw_call(SYS_prctl, PR_SET_NAME, (long)thread->name, 0, 0, 0, 0);
    fuzzd_wait_parked(thread);
}

int fuzzd_revive(struct fuzzd_parked_thread *thread) {
    long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                 CLONE_PARENT_SETTID | (thread->id_address != 0 ? CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID : 0);
    ucontext_t *kept = (ucontext_t *)(thread->registers + 8);
    kept->uc_mcontext.fpregs = (void *)thread->extended_state;
    kept->uc_stack.ss_sp = (void *)(thread->stack_end - FUZZD_THREAD_STACK_BYTES);
    kept->uc_stack.ss_size = FUZZD_THREAD_STACK_BYTES;
    kept->uc_stack.ss_flags = 0;
    __atomic_store_n(&thread->state, FUZZD_THREAD_RUNS, __ATOMIC_SEQ_CST);
    long result = fuzzd_start_on_stack(flags, (void *)thread->stack_end, &thread->thread_id, thread->id_address,
                                       thread->thread_pointer, take_over, thread);
    if (result < 0) {
        return (int)-result;
    }
    return fuzzd_wait_until_parked(thread, 1000000000);
}

pid_t fuzzd_copy_process(struct fuzzd_parked_threads *table) {
    uint64_t robust_list = 0, robust_list_bytes = 0;
    fuzzd_raw_call(SYS_get_robust_list, 0, (long)&robust_list, (long)&robust_list_bytes, 0, 0, 0);
    return fuzzd_fork_past_libc(table->main_id_address, robust_list, robust_list_bytes);
}
