// The crash record: written by the dying child itself into memory that its parent sees.
#define _GNU_SOURCE
#include <execinfo.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include "fuzzd_target.h"

static struct fuzzd_slot *crash_slots;
static uint32_t crash_slot_count;
static const struct fuzzd_live *crash_live;
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};

// Looked up only by a dying child, so that an input costs the machine parent no write to a page that it shares.
void fuzzd_set_crash_records(struct fuzzd_slot *slots, uint32_t slot_count, const struct fuzzd_live *live) {
    crash_slots = slots;
    crash_slot_count = slot_count;
    crash_live = live;
}

static struct fuzzd_crash_record *current_record(void) {
    // A child that was forked ahead has no slot yet: what it would write belongs to the input that runs.
    if (crash_slots == NULL || fuzzd_is_before_gate()) {
        return NULL;
    }
    return &crash_slots[fuzzd_live_load_sequence(crash_live) % crash_slot_count].crash;
}

static uint64_t program_counter(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uint64_t)context->uc_mcontext.pc;
#else
#error "no program counter known for this architecture"
#endif
}

// `place` is the instruction that is blamed; its frames follow, from this function outwards.
static void fill_record(struct fuzzd_crash_record *record, int signal_number, int code, uint64_t address, uint64_t place) {
    record->signal = signal_number;
    record->code = code;
    record->fault_address = address;
    record->program_counter = place;
    record->frame_count = 0;
    record->is_valid = 1;
    void *frames[FUZZD_MAX_FRAMES];
    int count = backtrace(frames, FUZZD_MAX_FRAMES);
    for (int i = 0; i < count; i++) {
        record->frames[i] = (uint64_t)frames[i];
    }
    record->frame_count = (uint32_t)count;
}

void fuzzd_record_stack(const void *place) {
    struct fuzzd_crash_record *record = current_record();
    if (record != NULL && !record->is_valid) {
        fill_record(record, 0, 0, 0, (uint64_t)place);
    }
}

static void on_crash(int signal_number, siginfo_t *info, void *context) {
    struct fuzzd_crash_record *record = current_record();
    // The default action is back (SA_RESETHAND): a second fault in here ends the child with what is written so far.
    if (record != NULL && !record->is_valid) {
        fill_record(record, signal_number, info->si_code, (uint64_t)info->si_addr, program_counter(context));
    }
    // A core pattern that is a pipe ignores RLIMIT_CORE; a process that may not be dumped has no core at all.
    prctl(PR_SET_DUMPABLE, 0);
    raise(signal_number);
}

int fuzzd_install_crash_handler(uint64_t unhandled_signals) {
    static uint8_t alternate_stack[65536];
    stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};
    stack_t present;
    // A sanitizer's own stack stays.
    if (sigaltstack(NULL, &present) != 0 || ((present.ss_flags & SS_DISABLE) && sigaltstack(&stack, NULL) != 0)) {
        return errno;
    }
    // The first backtrace loads the unwinder, which a signal handler must not do.
    void *warm_up[4];
    (void)backtrace(warm_up, 4);
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof crash_signals / sizeof crash_signals[0]; i++) {
        struct sigaction present;
        if (sigaction(crash_signals[i], NULL, &present) != 0) {
            return errno;
        }
        // A handler of the target or of its sanitizer stays.
        int is_taken = (present.sa_flags & SA_SIGINFO) || present.sa_handler != SIG_DFL;
        if (is_taken || (unhandled_signals >> crash_signals[i] & 1)) {
            continue;
        }
        if (sigaction(crash_signals[i], &action, NULL) != 0) {
            return errno;
        }
    }
    return 0;
}
