// The whole contract between the fuzzd daemon and a target's fork server (ARCHITECTURE.md, docs/fork-server-protocol.md).
//
// Two kinds of memfd carry everything; both are created by the daemon and inherited by the target:
//   modules file   one a target; written by the target before its first hello: modules, PC tables, objects, threads;
//                  children add modules there that they open late
//   worker file    one a worker; header, slots, inputs, counters; layout below
// One SOCK_SEQPACKET pair a worker carries hellos and wake-ups; its hang-up tells each side that the other died.
//
// Ownership: every field says who writes it. Fields without "atomic" are published by the atomic sequence
// number named beside them. Nothing here is used by two writers.
#ifndef FUZZD_ABI_H
#define FUZZD_ABI_H

#include <stdint.h>

#define FUZZD_ABI_VERSION 6u
#define FUZZD_ABI_MAGIC 0x647a7566u // "fuzd"

// Environment variable that names the inherited descriptors, all decimal, comma separated:
// ABI version, workers, modules file, then control socket and worker file of each worker.
#define FUZZD_ENVIRONMENT "FUZZD_FORK_SERVER"
// Set beside it: the target is to note where its blocks of the heap are allocated, from its constructors on.
#define FUZZD_ALLOCATIONS_ENVIRONMENT "FUZZD_NOTE_ALLOCATIONS"

#define FUZZD_MAX_WORKERS 64u
#define FUZZD_MAX_SLOTS 64u
#define FUZZD_MAX_FRAMES 64u
#define FUZZD_MAX_COMPARISONS 4096u
#define FUZZD_MAX_WORD_COMPARISONS 64u
#define FUZZD_WORD_BYTES 32u
#define FUZZD_MAX_MODULES 4096u
#define FUZZD_MAX_LATE_MODULES 64u
#define FUZZD_LATE_COUNTERS 131072u        // edges kept for modules that are opened late
#define FUZZD_VALUE_PROFILE_COUNTERS 65536u
#define FUZZD_MAX_THREADS 64u
#define FUZZD_REPORT_BYTES 262144u         // kept of a sanitizer's report, besides the output
#define FUZZD_PAGE_BYTES 4096u
#define FUZZD_PATH_BYTES 1024u
#define FUZZD_MAX_AUDIT_RANGES 65536u
#define FUZZD_MAX_ALLOCATIONS 1048576u     // blocks of which the allocation is noted; a power of two
#define FUZZD_MAX_ALLOCATION_STACKS 65536u // a power of two
#define FUZZD_ALLOCATION_FRAMES 20u

// Whether the next child is forked while one runs (strategy fork).
enum fuzzd_fork_ahead {
    FUZZD_FORK_AHEAD_AUTOMATIC = 0, // where no worker needs the processor and it was measured to be faster
    FUZZD_FORK_AHEAD_ON = 1,
    FUZZD_FORK_AHEAD_OFF = 2,
};

enum fuzzd_strategy { FUZZD_STRATEGY_FORK = 0, FUZZD_STRATEGY_REBOOT = 1, FUZZD_STRATEGY_NONE = 2, FUZZD_STRATEGY_SNAPSHOT = 3 };

// How an execution ended; written by the machine parent (fork) or by the runner (reboot, none).
enum fuzzd_outcome {
    FUZZD_OUTCOME_PASSED = 0,
    FUZZD_OUTCOME_REJECTED = 1,
    FUZZD_OUTCOME_SIGNALLED = 2,          // died by `signal`
    FUZZD_OUTCOME_EXITED = 3,             // ended itself with `exit_code` before the input was over
    FUZZD_OUTCOME_INPUT_TIMEOUT = 4,      // whole-input limit
    FUZZD_OUTCOME_OPERATION_TIMEOUT = 5,  // operation limit
    FUZZD_OUTCOME_OUT_OF_MEMORY = 6,
    FUZZD_OUTCOME_TOO_MANY_PROCESSES = 7,
    FUZZD_OUTCOME_FORK_FAILED = 8,        // no child could be made; `exit_code` is errno
    FUZZD_OUTCOME_LEAKED = 9,             // the harness returned, and memory was leaked
    FUZZD_OUTCOME_MALLOC_LIMIT = 10,      // a single allocation above the limit
    FUZZD_OUTCOME_SANITIZER = 11,         // a sanitizer reported and ended the child
    FUZZD_OUTCOME_LEFT_TO_FORK = 12,      // never in a verdict: a runner could not run it, and it runs again under fork
    FUZZD_OUTCOME_WITHDRAWN = 13,         // the daemon withdrew it in time, or its condition does not hold: nothing ran
};

enum fuzzd_hello_status {
    FUZZD_HELLO_READY = 0,
    FUZZD_HELLO_ABI_MISMATCH = 1, // `detail` is the target's ABI version
    FUZZD_HELLO_NO_COVERAGE = 2,  // no module registered counters
    FUZZD_HELLO_FAILED = 3,       // step `step` failed with errno `detail`
};

enum fuzzd_step {
    FUZZD_STEP_NONE = 0,
    FUZZD_STEP_MAP_WORKER_FILE = 1,
    FUZZD_STEP_REMAP_COUNTERS = 2,
    FUZZD_STEP_WRITE_MODULES = 3,
    FUZZD_STEP_OUTPUT_PIPE = 4,
    FUZZD_STEP_LIMITS = 5,
    FUZZD_STEP_PARENT_MEMORY = 6,
    FUZZD_STEP_FORK_SIBLING = 7,
    FUZZD_STEP_END_OF_INPUT = 8,
    FUZZD_STEP_SNAPSHOT = 9, // in a READY hello: no snapshot here, errno `detail`; the strategy is fork instead
};

// What an input did to its process that memory alone cannot undo; a mask.
enum fuzzd_change {
    FUZZD_CHANGE_MAPPINGS = 1 << 0,    // unmapped, moved or re-protected what was there before
    FUZZD_CHANGE_DESCRIPTORS = 1 << 1, // closed or replaced what was there before, or moved an offset
    FUZZD_CHANGE_SIGNALS = 1 << 2,
    FUZZD_CHANGE_THREADS = 1 << 3,     // a thread or a process was started
    FUZZD_CHANGE_TIMERS = 1 << 4,
    FUZZD_CHANGE_FILE_SYSTEM = 1 << 5, // working directory, umask, root
    FUZZD_CHANGE_OTHER = 1 << 6,
    FUZZD_CHANGE_OVERFLOW = 1 << 7, // more changes than could be noted
    FUZZD_CHANGE_PROGRAM = 1 << 8,  // started a program; such an input is run under fork
    // Not the input's doing.
    FUZZD_CHANGE_REFUSED = 1 << 9,     // the kernel refused a step of the reset
    FUZZD_CHANGE_ENDED = 1 << 10,      // the runner was ended from outside between two inputs
    FUZZD_CHANGE_DIFFERENCE = 1 << 11, // a comparison with the snapshot found one
};

// Target to daemon, one message on each worker's socket once that worker's machine parent serves.
struct fuzzd_hello {
    uint32_t magic;
    uint32_t abi_version;
    uint32_t status; // enum fuzzd_hello_status
    uint32_t step;   // enum fuzzd_step
    uint32_t detail;
    int32_t process_id; // of this worker's machine parent
};

// What the resets of a worker's runners cost since the start (strategy snapshot). Written by the runner that lives.
struct fuzzd_reset_statistics {
    uint64_t resets;
    uint64_t scans;              // resets that had to look for written pages in all memory
    uint64_t pages;              // put back
    uint64_t parked_threads;     // times that a thread had to be parked
    uint64_t nanoseconds;        // of all resets; the parts below are of it
    uint64_t thread_nanoseconds; // parking and releasing
    uint64_t state_nanoseconds;  // descriptors, mappings and the like
    uint64_t scan_nanoseconds;
    uint64_t copy_nanoseconds;
    uint64_t protect_nanoseconds; // protecting again, and giving back pages that were not there
    uint64_t snapshots;           // taken, one a runner
    uint64_t snapshot_nanoseconds;
    uint64_t fault_log_refusal;   // errno: why the last runner has no log of page faults; 0 if it has one
};

// What differs from the snapshot after a reset.
enum fuzzd_difference_kind {
    FUZZD_DIFFERENCE_NONE = 0,
    FUZZD_DIFFERENCE_MEMORY = 1,     // `address` holds `found` instead of `expected`
    FUZZD_DIFFERENCE_PAGE = 2,       // `address` is a page of the process's own, which was not there
    FUZZD_DIFFERENCE_MAPPING = 3,    // `address` is where the mappings part
    FUZZD_DIFFERENCE_DESCRIPTOR = 4, // `address` is its number
    FUZZD_DIFFERENCE_THREAD = 5,     // `address` is the number of threads
};

// Comparisons of a runner with its snapshot, and the first difference found since the start. Written by the runner that lives.
struct fuzzd_reset_checks {
    uint64_t checks;
    uint64_t differing_checks;
    uint64_t differing_bytes; // of memory, in all of them
    uint32_t kind;            // enum fuzzd_difference_kind, of the first
    uint8_t expected;
    uint8_t found;
    uint16_t reserved;
    uint64_t address;
    uint64_t sequence; // of the input behind it
};

enum fuzzd_message_kind {
    FUZZD_MESSAGE_WAKE = 1,         // both directions: look at the sequence numbers
    FUZZD_MESSAGE_MEASURE_FORK = 2, // daemon to a machine parent under fork: run `argument` turns of a bare fork, _exit, wait loop
    FUZZD_MESSAGE_MEASURED = 3,     // answer: `value` is the loop's duration in nanoseconds
};

struct fuzzd_message {
    uint32_t kind;
    uint32_t argument;
    uint64_t value;
};

// Written by the daemon before the target starts; constant afterwards.
struct fuzzd_settings {
    uint32_t strategy; // enum fuzzd_strategy
    uint32_t slot_count;
    uint64_t max_input_bytes;
    uint64_t input_timeout_microseconds;
    uint64_t operation_timeout_microseconds; // 0: no operation limit
    uint64_t memory_limit_bytes;             // resident; 0: none
    uint64_t file_size_limit_bytes;
    uint32_t descriptor_limit;
    uint32_t process_limit; // processes of one child, itself included
    uint32_t output_limit_bytes;
    uint32_t compacts_parent_memory;
    uint32_t worker_index;
    uint32_t detects_leaks;
    uint64_t malloc_limit_bytes;             // of a single allocation; 0: none
    uint64_t end_of_input_symbol;            // link-time address of a function of the main program; 0: none
    uint64_t unhandled_signals;              // bit n: the runtime leaves signal n alone
    uint32_t uses_value_profile;
    uint32_t skips_empty_input;              // 1: do not run the empty input before serving
    uint32_t collects_profile;               // source coverage
    uint32_t uses_real_time;                 // 0: clocks and randomness are frozen under fork and snapshot
    uint64_t verifies_reset_every;           // inputs; 0: never (strategy snapshot)
    uint32_t audits_reboot;                  // 1: the harness reboots the machine behind each input, and what differs is told
    uint32_t fork_ahead;                     // enum fuzzd_fork_ahead
};

// Where memory differs from the snapshot.
struct fuzzd_audit_range {
    uint64_t address;
    uint64_t bytes;
};

// What the reboot behind one input left behind (`audits_reboot`). Written by the runner, which stays as the reboot left it
// until the next input is published; published by `verdicts_published`.
struct fuzzd_audit {
    uint64_t sequence;  // of the input, plus one; anything else: that input was not audited
    uint32_t runner_id; // process that can be looked at
    uint32_t range_count;
    uint64_t dropped_ranges;
    uint64_t allocations; // struct fuzzd_allocations in the machine parent's memory; 0: not noted
    struct fuzzd_audit_range ranges[FUZZD_MAX_AUDIT_RANGES]; // ascending; neighbours joined
};

// A block of the heap.
struct fuzzd_allocation {
    uint64_t address; // 0: the place is free
    uint32_t bytes;   // asked for
    uint32_t stack;   // number of its stack, plus one; 0: freed since
};

// From the allocator's caller outwards; return addresses; 0: the end.
struct fuzzd_allocation_stack {
    uint64_t frames[FUZZD_ALLOCATION_FRAMES];
};

// Where the blocks that there are before the first input were allocated. A hash table by address, with linear probing.
struct fuzzd_allocations {
    uint64_t dropped; // found no room
    struct fuzzd_allocation blocks[FUZZD_MAX_ALLOCATIONS];
    struct fuzzd_allocation_stack stacks[FUZZD_MAX_ALLOCATION_STACKS];
};

// Live state, written while an input runs.
struct fuzzd_live {
    uint64_t operations;                // atomic; child
    uint64_t input_started_nanoseconds; // atomic; CLOCK_MONOTONIC; 0 between inputs; child (fork: parent)
    uint64_t sequence;                  // atomic; of the input that runs
    int32_t child_process_id;           // atomic; machine parent; 0 when there is none
    uint32_t is_collecting_comparisons; // child
    uint32_t comparison_count;          // child; entries seen, may exceed FUZZD_MAX_COMPARISONS
    uint32_t has_completed;             // child; the harness returned
    int32_t harness_result;             // child; valid if has_completed
    uint32_t word_comparison_count;     // child; entries seen, may exceed FUZZD_MAX_WORD_COMPARISONS
    uint32_t child_outcome;             // child; FUZZD_OUTCOME_LEAKED, _MALLOC_LIMIT or _SANITIZER; 0: it says nothing
    uint32_t phase;                     // target; enum fuzzd_phase
};

// How far a start came; tells the daemon what a target was doing when it died before its hello.
enum fuzzd_phase {
    FUZZD_PHASE_INITIALIZING = 0,
    FUZZD_PHASE_EMPTY_INPUT = 1,
    FUZZD_PHASE_SERVING = 2,
};

struct fuzzd_worker_header {
    uint32_t magic;                    // daemon
    uint32_t abi_version;              // daemon
    uint64_t file_bytes;               // daemon, then target when it adds the counters
    struct fuzzd_settings settings;    // daemon
    uint64_t slots_offset;             // daemon; array of struct fuzzd_slot
    uint64_t inputs_offset;            // daemon; slot i: input, then partner, each `input_stride_bytes`
    uint64_t input_stride_bytes;       // daemon; page multiple
    uint64_t outputs_offset;           // daemon; slot i: `output_stride_bytes`
    uint64_t output_stride_bytes;      // daemon
    uint64_t counters_offset;          // target, before hello; page multiple
    uint64_t counters_bytes;           // target; whole pages, of two sets of counters: children take turns
    uint64_t counter_lists_offset;     // target; slot i: `counter_list_capacity` x uint32_t
    uint64_t counter_list_capacity;    // target; entries
    uint64_t audit_offset;             // daemon; struct fuzzd_audit; 0: none

    // The padding keeps what different processes write on cache lines of their own.
    uint64_t padding_before_daemon[5];
    uint64_t inputs_published; // atomic; daemon
    uint64_t daemon_wakes_at;               // atomic; daemon; wake it when verdicts_published reaches this; 0: it is awake
    uint32_t stop_requested;                // atomic; daemon; 1: take no further input, write the profile, end
    uint32_t reserved_of_daemon;
    uint64_t padding_before_target[5];
    uint64_t verdicts_published; // atomic; target
    uint32_t target_waits;                    // atomic; target; 1: send FUZZD_MESSAGE_WAKE after publishing
    int32_t parent_process_id;                // target; the machine parent's
    uint64_t padding_before_live[6];
    struct fuzzd_live live;
    uint64_t inputs_of_children_ahead; // target; inputs that a child ran which was forked ahead
    // Snapshot; written by runners, one after the other.
    uint64_t runners_replaced;     // because an input changed what a reset cannot undo
    uint64_t replaced_for_changes; // mask of enum fuzzd_change, of all of them
    struct fuzzd_reset_statistics resets;
    struct fuzzd_reset_checks reset_checks;
    char profile_path[FUZZD_PATH_BYTES]; // daemon; NUL terminated; what is there is added to
};

struct fuzzd_comparison {
    uint64_t left;
    uint64_t right;
    uint32_t size_bytes;
    uint32_t reserved;
};

// Operands of memcmp, strcmp, strstr and kin, cut to FUZZD_WORD_BYTES each.
struct fuzzd_word_comparison {
    uint8_t left[FUZZD_WORD_BYTES];
    uint8_t right[FUZZD_WORD_BYTES];
    uint32_t left_bytes;
    uint32_t right_bytes;
};

// Written by the dying child itself, in its signal handler or when its sanitizer ends it (then `signal` is 0).
struct fuzzd_crash_record {
    uint32_t is_valid; // set after signal, code, address and PC
    int32_t signal;
    int32_t code;
    uint32_t frame_count; // grows as frames are found
    uint64_t fault_address;
    uint64_t program_counter;
    uint64_t frames[FUZZD_MAX_FRAMES]; // return addresses, innermost first
};

struct fuzzd_slot {
    // Request; daemon; published by inputs_published.
    uint64_t sequence;
    uint64_t input_bytes; // the child updates it after a cross-over or a mutation
    uint64_t partner_bytes;
    uint32_t has_partner;
    uint32_t cross_over_seed; // of the harness's cross-over or mutator
    uint32_t collects_comparisons;
    uint32_t mutates; // 1: the harness's mutator runs in the child first
    // Verdict; target; published by verdicts_published.
    uint32_t outcome; // enum fuzzd_outcome
    int32_t signal;
    int32_t exit_code;
    uint32_t output_bytes; // kept
    uint64_t output_bytes_total;
    uint64_t operations;
    uint64_t wait_nanoseconds;  // the machine parent waited this long for the input
    uint64_t fork_nanoseconds;  // the fork call; of a child that was forked ahead, its release
    uint64_t child_nanoseconds; // from fork's return, or the release, to the child's end
    uint64_t reap_nanoseconds;  // wait, sweep, collecting the counters; without what was done while the next child ran
    uint64_t peak_resident_kibibytes;
    uint32_t counter_count; // entries in this slot's counter list: edge << 8 | hits
    uint32_t comparison_count;
    uint32_t word_comparison_count;
    uint32_t shortens_stacks; // request; 1: a sanitizer need not note where memory was allocated and freed
    uint32_t is_withdrawn;    // atomic; daemon, also after publishing; 1: nobody wants the verdict any more
    uint32_t needs_pass;      // request; 1: withdrawn where the input that ran before it did not pass
    struct fuzzd_crash_record crash;
    struct fuzzd_comparison comparisons[FUZZD_MAX_COMPARISONS];
    struct fuzzd_word_comparison word_comparisons[FUZZD_MAX_WORD_COMPARISONS];
};

// What the target and its harness have; a mask.
enum fuzzd_capability {
    FUZZD_CAN_MUTATE = 1 << 0,     // LLVMFuzzerCustomMutator
    FUZZD_CAN_CROSS_OVER = 1 << 1, // LLVMFuzzerCustomCrossOver
    FUZZD_CAN_INITIALIZE = 1 << 2, // LLVMFuzzerInitialize
    FUZZD_HAS_ASAN = 1 << 3,
    FUZZD_HAS_MSAN = 1 << 4,
    FUZZD_HAS_UBSAN = 1 << 5,
    FUZZD_HAS_TSAN = 1 << 6,
    FUZZD_HAS_LSAN = 1 << 7,
    FUZZD_HAS_PROFILE = 1 << 8,     // source coverage (-fprofile-instr-generate)
    FUZZD_HAS_CHILD_START = 1 << 9, // fuzzd_child_start
};

enum fuzzd_module_kind {
    FUZZD_MODULE_INLINE_COUNTERS = 0,
    FUZZD_MODULE_PC_GUARDS = 1,
    FUZZD_MODULE_EXTRA_COUNTERS = 2, // __libfuzzer_extra_counters
    FUZZD_MODULE_VALUE_PROFILE = 3,
    FUZZD_MODULE_LATE = 4, // room for modules that children open
};

// Modules file: header, then `module_count` fuzzd_module, `counter_count` fuzzd_pc, `object_count` fuzzd_object,
// `thread_count` fuzzd_thread, FUZZD_MAX_LATE_MODULES fuzzd_late_module.
struct fuzzd_modules_header {
    uint32_t magic;
    uint32_t abi_version;
    uint32_t module_count;
    uint32_t object_count;
    uint64_t counter_count;
    uint64_t modules_offset;
    uint64_t pcs_offset; // 0: the modules brought no PC tables
    uint64_t objects_offset;
    uint64_t resident_kibibytes; // of the machine parent when it began to serve
    uint64_t page_tables_kibibytes;
    uint64_t threads_offset;
    uint64_t late_modules_offset;
    uint32_t capabilities; // mask of enum fuzzd_capability
    uint32_t thread_count; // threads besides the first; those beyond FUZZD_MAX_THREADS are counted, not listed
    uint32_t forked_mapping_count; // mappings marked MADV_DONTFORK that were given back to the children
    uint32_t late_module_count;    // atomic; children, under the lock; entries of the late table in use
    uint32_t late_lock;            // atomic; children; process id of the one that adds an entry, or 0
    uint32_t dropped_module_count; // modules beyond FUZZD_MAX_MODULES, which are not measured
};

struct fuzzd_module {
    uint64_t first_edge;
    uint64_t counter_count;
    uint64_t counters_address;
    uint32_t kind; // enum fuzzd_module_kind
    uint32_t reserved;
};

// A module that a child opened while it ran an input. Its place is the same in every child and every worker.
struct fuzzd_late_module {
    uint64_t identity;      // of its file and counters
    uint64_t first_edge;    // within the module of kind FUZZD_MODULE_LATE
    uint64_t counter_count;
    uint64_t page_offset;   // of its pages within that module's pages
    uint64_t head_bytes;    // before the first counter in the first page
};

// A thread that the target started before it served, and that no child has.
struct fuzzd_thread {
    int32_t thread_id;
    uint32_t reserved;
    uint64_t start_routine; // absolute; 0: not known
    char name[16];          // NUL terminated
};

struct fuzzd_pc {
    uint64_t address; // absolute, in the machine parent
    uint64_t flags;   // bit 0: entry of a function
};

// A loaded ELF object, for symbolisation.
struct fuzzd_object {
    uint64_t load_bias;
    uint64_t start_address;
    uint64_t end_address;
    char path[232]; // NUL terminated, cut if longer
};

_Static_assert(sizeof(struct fuzzd_hello) == 24, "hello");
_Static_assert(sizeof(struct fuzzd_message) == 16, "message");
_Static_assert(sizeof(struct fuzzd_settings) == 128, "settings");
_Static_assert(sizeof(struct fuzzd_live) == 56, "live");
_Static_assert(sizeof(struct fuzzd_worker_header) == 1648, "worker header");
_Static_assert(sizeof(struct fuzzd_reset_statistics) == 104, "reset statistics");
_Static_assert(sizeof(struct fuzzd_reset_checks) == 48, "reset checks");
_Static_assert(sizeof(struct fuzzd_audit_range) == 16, "audit range");
_Static_assert(sizeof(struct fuzzd_allocation) == 16, "allocation");
_Static_assert(sizeof(struct fuzzd_allocation_stack) == 8 * FUZZD_ALLOCATION_FRAMES, "allocation stack");
_Static_assert(sizeof(struct fuzzd_audit) == 32 + 16 * FUZZD_MAX_AUDIT_RANGES, "audit");
_Static_assert(sizeof(struct fuzzd_crash_record) == 544, "crash record");
_Static_assert(sizeof(struct fuzzd_comparison) == 24, "comparison");
_Static_assert(sizeof(struct fuzzd_word_comparison) == 72, "word comparison");
_Static_assert(sizeof(struct fuzzd_slot) == 103592, "slot");
_Static_assert(sizeof(struct fuzzd_modules_header) == 104, "modules header");
_Static_assert(sizeof(struct fuzzd_object) == 256, "object");
_Static_assert(sizeof(struct fuzzd_module) == 32, "module");
_Static_assert(sizeof(struct fuzzd_late_module) == 40, "late module");
_Static_assert(sizeof(struct fuzzd_thread) == 32, "thread");
_Static_assert(sizeof(struct fuzzd_worker_header) <= FUZZD_PAGE_BYTES, "the header is one page");

// Access to the atomic fields, the same for both languages.
#define FUZZD_ATOMIC_FIELD(holder, type, field)                                                                        \
    static inline type holder##_load_##field(const struct holder *of) {                                                \
        return __atomic_load_n(&of->field, __ATOMIC_SEQ_CST);                                                          \
    }                                                                                                                  \
    static inline void holder##_store_##field(struct holder *of, type value) {                                         \
        __atomic_store_n(&of->field, value, __ATOMIC_SEQ_CST);                                                         \
    }
FUZZD_ATOMIC_FIELD(fuzzd_worker_header, uint64_t, inputs_published)
FUZZD_ATOMIC_FIELD(fuzzd_worker_header, uint64_t, verdicts_published)
FUZZD_ATOMIC_FIELD(fuzzd_worker_header, uint64_t, daemon_wakes_at)
FUZZD_ATOMIC_FIELD(fuzzd_worker_header, uint32_t, target_waits)
FUZZD_ATOMIC_FIELD(fuzzd_worker_header, uint32_t, stop_requested)
FUZZD_ATOMIC_FIELD(fuzzd_slot, uint32_t, is_withdrawn)
FUZZD_ATOMIC_FIELD(fuzzd_modules_header, uint32_t, late_module_count)
FUZZD_ATOMIC_FIELD(fuzzd_live, uint64_t, operations)
FUZZD_ATOMIC_FIELD(fuzzd_live, uint64_t, sequence)
FUZZD_ATOMIC_FIELD(fuzzd_live, uint64_t, input_started_nanoseconds)
FUZZD_ATOMIC_FIELD(fuzzd_live, int32_t, child_process_id)

static inline struct fuzzd_live *fuzzd_worker_header_live(struct fuzzd_worker_header *header) { return &header->live; }
static inline uint64_t *fuzzd_slot_frames(struct fuzzd_slot *slot) { return slot->crash.frames; }
static inline struct fuzzd_comparison *fuzzd_slot_comparisons(struct fuzzd_slot *slot) { return slot->comparisons; }
static inline struct fuzzd_crash_record *fuzzd_slot_crash(struct fuzzd_slot *slot) { return &slot->crash; }
static inline struct fuzzd_word_comparison *fuzzd_slot_word_comparisons(struct fuzzd_slot *slot) {
    return slot->word_comparisons;
}
static inline const uint8_t *fuzzd_word_left(const struct fuzzd_word_comparison *words) { return words->left; }
static inline const uint8_t *fuzzd_word_right(const struct fuzzd_word_comparison *words) { return words->right; }
static inline struct fuzzd_audit_range *fuzzd_audit_ranges(struct fuzzd_audit *audit) { return audit->ranges; }
static inline char *fuzzd_worker_profile_path(struct fuzzd_worker_header *header) {
    return header->profile_path;
}
static inline char *fuzzd_thread_name(struct fuzzd_thread *thread) { return thread->name; }
static inline char *fuzzd_object_path(struct fuzzd_object *object) { return object->path; }

// memfd_create(2), which Swift's Glibc module does not show. Returns -1 and sets errno.
int fuzzd_memfd_create(const char *name);

// Programs that this thread starts from now on have their memory at the same addresses each time (personality(2)); gives what
// was before, for `fuzzd_set_personality`, or -1 where that is forbidden.
int fuzzd_fix_addresses(void);
void fuzzd_set_personality(int personality);

#endif
