// What a child that was forked ahead waits at until it is given its input: a futex in memory that it shares with its parent.
#ifndef FUZZD_GATE_H
#define FUZZD_GATE_H

#include <stdint.h>

// Written by both; on a cache line of its own. All zeroes: closed.
struct fuzzd_gate {
    uint32_t state;
    uint32_t padding[15];
};

// Parent: before the fork.
void fuzzd_close_gate(struct fuzzd_gate *gate);
// Parent: it will be opened in a moment, so the child had better be awake.
void fuzzd_approach_gate(struct fuzzd_gate *gate);
// Parent: whatever it wrote before is seen by the child behind the gate. 0 when the child could not be woken: then
// the gate is closed, and it can only be ended.
int fuzzd_open_gate(struct fuzzd_gate *gate);
// Parent: whether the child has come through: what ends it from then on is its input's doing.
int fuzzd_has_passed_gate(const struct fuzzd_gate *gate);
// Child: whether the parent is not about to open it yet.
int fuzzd_is_gate_far(const struct fuzzd_gate *gate);
// Child: returns once the gate is open.
void fuzzd_wait_at_gate(struct fuzzd_gate *gate);

// What the parent notes of the child that it forks next, in memory that the child gets a copy of.
struct fuzzd_next_child {
    // NULL: it has its input already.
    struct fuzzd_gate *gate;
    // Bytes by which its counters lie behind those of the first set.
    uint64_t counter_distance;
};

// Parent, once: where it notes that.
void fuzzd_set_next_child(const struct fuzzd_next_child *next);
// Child.
uint64_t fuzzd_counter_distance(void);
// Child: it has no input yet, so what befalls it is no input's doing.
int fuzzd_is_before_gate(void);

// A turn of a loop that waits for another processor.
static inline void fuzzd_pause_turn(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

#endif
