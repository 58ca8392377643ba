// Faults on request, for tests: at a chosen step of taking a snapshot, of a reset or of forking ahead the process is killed, or the
// kernel seems to refuse the step. A step is a system call that the runtime makes for itself, so that new ones are covered as they come.
#ifndef FUZZD_FAULTS_H
#define FUZZD_FAULTS_H

#include <stddef.h>
#include <stdint.h>

enum fuzzd_fault_phase {
    FUZZD_FAULTS_NOWHERE = 0,
    FUZZD_FAULTS_PRISTINE = 1, // the machine parent copies pages for all runners
    FUZZD_FAULTS_SNAPSHOT = 2, // a runner, from its start until it takes inputs
    FUZZD_FAULTS_RESET = 3,    // a runner, after an input
    FUZZD_FAULTS_AHEAD_START = 4, // the machine parent gets ready to fork ahead
    FUZZD_FAULTS_AHEAD = 5,    // the machine parent, from an input's start to its end
    FUZZD_FAULTS_WAITING = 6,  // a child that was forked ahead, until it has its input
    FUZZD_FAULTS_SAMPLE = 7,   // such a child, at its input's end, when it tells its pages
    FUZZD_FAULT_PHASES
};

// A file of one page that FUZZD_FAULTS in the environment names; for one worker. The test writes the first four words while
// no step is made.
struct fuzzd_faults {
    uint32_t wanted_phase;
    uint32_t wanted_step; // from 0
    uint32_t error;       // errno; 0: the process is killed
    uint32_t has_happened; // set to 0 to ask for another one
    uint32_t call_number;  // of the step that failed
    uint32_t phase;
    int32_t thread_id; // whose steps are counted
    uint32_t step_counts[FUZZD_FAULT_PHASES]; // of the latest run through each phase
    uint32_t begun[FUZZD_FAULT_PHASES];       // runs through each phase since the start
};

// In the machine parent, at its start; without the variable nothing is done then or later.
void fuzzd_map_faults(void);
// From here on the calling thread's system calls are steps of the phase.
void fuzzd_begin_faults(enum fuzzd_fault_phase phase);
void fuzzd_end_faults(void);

extern struct fuzzd_faults *fuzzd_faults __attribute__((visibility("hidden")));
// The same for phases of processes that run beside each other: of those only one is looked at. Inline, as a child has no page
// table entry for code that it enters anew.
static inline void fuzzd_begin_faults_if_wanted(enum fuzzd_fault_phase phase) {
    if (fuzzd_faults != NULL && fuzzd_faults->wanted_phase == (uint32_t)phase) {
        fuzzd_begin_faults(phase);
    }
}
static inline void fuzzd_end_faults_if_wanted(enum fuzzd_fault_phase phase) {
    if (fuzzd_faults != NULL && fuzzd_faults->wanted_phase == (uint32_t)phase) {
        fuzzd_end_faults();
    }
}

#endif
