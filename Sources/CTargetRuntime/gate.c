// The gate of a child that was forked ahead. Nobody makes a system call where the other side is awake.
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "fuzzd_gate.h"
#include "fuzzd_raw_call.h"

enum { closed = 0, sleeping = 1, near = 2, opened = 3, passed = 4 };
// Some 50 us: the parent has the verdict of one child to make out meanwhile, and to be woken costs as much.
enum { most_turns = 3000 };

// In a child: what the machine parent noted of it before it forked.
static const struct fuzzd_next_child *this_child;

void fuzzd_set_next_child(const struct fuzzd_next_child *next) { this_child = next; }

int fuzzd_is_before_gate(void) {
    return this_child != NULL && this_child->gate != NULL && !fuzzd_has_passed_gate(this_child->gate);
}

uint64_t fuzzd_counter_distance(void) { return this_child == NULL ? 0 : this_child->counter_distance; }

static int wake(struct fuzzd_gate *gate, uint32_t state) {
    if (__atomic_exchange_n(&gate->state, state, __ATOMIC_SEQ_CST) != sleeping) {
        return 1;
    }
    return fuzzd_raw_call(SYS_futex, (long)&gate->state, FUTEX_WAKE, 1, 0, 0, 0) >= 0;
}

void fuzzd_close_gate(struct fuzzd_gate *gate) { __atomic_store_n(&gate->state, closed, __ATOMIC_SEQ_CST); }
int fuzzd_open_gate(struct fuzzd_gate *gate) {
    if (wake(gate, opened)) {
        return 1;
    }
    // It may be through all the same, as it was not asleep yet. If not, it must not come through while it is ended.
    uint32_t state = opened;
    return !__atomic_compare_exchange_n(&gate->state, &state, closed, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
int fuzzd_has_passed_gate(const struct fuzzd_gate *gate) { return __atomic_load_n(&gate->state, __ATOMIC_SEQ_CST) == passed; }

void fuzzd_approach_gate(struct fuzzd_gate *gate) {
    uint32_t state = near;
    if (!wake(gate, near)) {
        // Asleep still: whoever opens the gate must know.
        (void)__atomic_compare_exchange_n(&gate->state, &state, sleeping, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
}

int fuzzd_is_gate_far(const struct fuzzd_gate *gate) { return __atomic_load_n(&gate->state, __ATOMIC_SEQ_CST) == closed; }

void fuzzd_wait_at_gate(struct fuzzd_gate *gate) {
    int turns = 0;
    for (;;) {
        uint32_t state = __atomic_load_n(&gate->state, __ATOMIC_SEQ_CST);
        if (state == opened) {
            if (__atomic_compare_exchange_n(&gate->state, &state, passed, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
                return;
            }
            continue;
        }
        if (state == near && turns < most_turns) {
            turns++;
            fuzzd_pause_turn();
            continue;
        }
        if (state != sleeping
            && !__atomic_compare_exchange_n(&gate->state, &state, sleeping, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            continue;
        }
        fuzzd_raw_call(SYS_futex, (long)&gate->state, FUTEX_WAIT, sleeping, 0, 0, 0);
    }
}
