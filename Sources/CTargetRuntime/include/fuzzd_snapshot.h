// What the snapshot needs of the kernel and Swift cannot say: ioctls whose numbers glibc's headers of Debian 12 lack,
// system calls that our own filter lets through, a call on another stack, the filter itself.
#ifndef FUZZD_SNAPSHOT_H
#define FUZZD_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "fuzzd_abi.h"
#include "fuzzd_threads.h"

// A stretch of memory that PAGEMAP_SCAN names (linux/fs.h, struct page_region).
struct fuzzd_page_region {
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};

// userfaultfd(2) with write protection in async mode, user mode only; a descriptor, or -1 and errno.
int fuzzd_userfault_open(void);
// Registers [start, start + bytes) for write protection. 0, or -1 and errno.
int fuzzd_userfault_register(int descriptor, uint64_t start, uint64_t bytes);
// Protects the pages again, also those that do not exist. 0, or -1 and errno.
int fuzzd_userfault_protect(int descriptor, uint64_t start, uint64_t bytes);
// Pages written to since they were protected, in ascending order. The number of regions, or -1 and errno.
// `*walked_to` is where the walk ended: before `end` when `regions` was too small.
int fuzzd_scan_written(int pagemap, uint64_t start, uint64_t end, struct fuzzd_page_region *regions, size_t capacity,
                       uint64_t *walked_to);
// Pages that exist, of them which are their file's or the page of zeroes. Otherwise as above.
enum { FUZZD_PAGE_IS_FILE = 1 << 2, FUZZD_PAGE_IS_ZERO = 1 << 5 };
int fuzzd_scan_present(int pagemap, uint64_t start, uint64_t end, struct fuzzd_page_region *regions, size_t capacity,
                       uint64_t *walked_to);
// Pages that exist and are neither their file's nor the page of zeroes.
int fuzzd_scan_new(int pagemap, uint64_t start, uint64_t end, struct fuzzd_page_region *regions, size_t capacity,
                   uint64_t *walked_to);
// Index of the first byte that differs; `bytes` if none does.
long fuzzd_first_difference(const uint8_t *left, const uint8_t *right, long bytes);
// Bytes of this thread's memory, from `*start` on, which the kernel writes to when it likes; 0 if there are none.
uint64_t fuzzd_kernels_own_bytes(uint64_t *start);
// What a descriptor refers to, how, and its offset if it is a file, mixed into one number; 0 if it is closed.
#define FUZZD_IDENTITY_UNKNOWN UINT64_MAX
uint64_t fuzzd_descriptor_identity(int descriptor);
// Size of this process's page tables (VmPTE), from its open `/proc/self/status`; LONG_MAX when that cannot be read.
long fuzzd_page_table_kibibytes(int status);
// Threads of this process, from its open `/proc/self/stat`; -1 when that cannot be read.
int fuzzd_thread_count(int stat);
// pread(2) that does not touch errno, which lies in memory that is put back.
long fuzzd_raw_pread(int descriptor, void *memory, size_t bytes, int64_t offset);
// madvise(MADV_DONTNEED), past the filter.
int fuzzd_give_back(uint64_t start, uint64_t bytes);

// The page faults of one thread, as the kernel writes them down.
struct fuzzd_fault_log {
    char *memory; // shared with the kernel
    int descriptor;
};
// Opens the log of a thread, 0 for the caller; the descriptor may be moved before it is mapped. 0, or -1 and errno.
int fuzzd_fault_log_open(struct fuzzd_fault_log *log, int32_t thread);
int fuzzd_fault_log_map(struct fuzzd_fault_log *log);
// Addresses of the faults since the last call, in their order; their number, or -1 when some are missing. Faults of the
// kernel itself, when it writes to memory for the thread, may be among them or not.
long fuzzd_fault_log_read(struct fuzzd_fault_log *log, uint64_t *addresses, size_t capacity);
// Page faults of all threads of this process and of the kernel on their behalf so far (getrusage(2)); -1 when that cannot
// be read.
int64_t fuzzd_page_faults(void);

// Copies whole pages without libc's memcpy, which a sanitizer intercepts.
void fuzzd_copy_pages(void *to, const void *from, size_t pages);
// Writes what is there already: the page is there afterwards, and not protected.
void fuzzd_touch_page(uint64_t *page);

// The time stamp counter: what a part of a reset takes costs less to measure than it takes.
static inline uint64_t fuzzd_cycles(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
}

// Makes the stack, now [start, end), as long as its limit allows, at most `longest` bytes.
void fuzzd_grow_stack(uint64_t start, uint64_t end, uint64_t longest);

// Calls `body(argument)` on the stack that ends at `stack_end` (16 bytes aligned), and returns to this one. Where the
// caller's stack ended is stored in `*left_at` before.
void fuzzd_call_on_stack(void *stack_end, void (*body)(void *), void *argument, uint64_t *left_at);

enum {
    FUZZD_MAX_NEW_MAPPINGS = 256,
    FUZZD_MAX_OLD_MAPPINGS = 16384,
    FUZZD_MAX_PROTECTED_RANGES = 512,
    FUZZD_MAX_OLD_THREADS = 64,
    // Descriptors that are told apart; a larger number is a change that cannot be undone.
    FUZZD_MAX_DESCRIPTORS = 2048,
    FUZZD_DESCRIPTOR_WORDS = FUZZD_MAX_DESCRIPTORS / 64,
    FUZZD_MAX_SAVED_DESCRIPTORS = 128,
    // From here on those that are open at the snapshot are the daemon's and the runtime's own; an input does not see them.
    FUZZD_FIRST_OWN_DESCRIPTOR = 800,
    FUZZD_FIRST_SAVED_DESCRIPTOR = 900,
    FUZZD_MAX_CHANGED_STATUS_FLAGS = 16,
    FUZZD_MAX_NEW_TIMERS = 32,
    FUZZD_MAX_CHANGED_TIMERFDS = 16,
    FUZZD_MAX_KEPT_FILES = 64,
    // Of all private temporary files of a process together; larger ones are left as they are.
    FUZZD_MAX_KEPT_CONTENT_BYTES = 65536,
};

// What a reset has to undo; a mask.
enum fuzzd_undo {
    FUZZD_UNDO_DESCRIPTORS = 1 << 0,
    FUZZD_UNDO_MAPPINGS = 1 << 1,
    FUZZD_UNDO_BREAK = 1 << 2,
    FUZZD_UNDO_SIGNALS = 1 << 3,   // masks, handlers, the alternate stack, what is pending
    FUZZD_UNDO_TIMERS = 1 << 4,
    FUZZD_UNDO_PLACES = 1 << 5,    // working directory, umask
    FUZZD_UNDO_PROCESSES = 1 << 6,
    FUZZD_UNDO_ATTRIBUTES = 1 << 7, // limits, the name
};

struct fuzzd_memory_range {
    uint64_t start, bytes;
};

// A mapping that was there at the snapshot.
struct fuzzd_old_mapping {
    uint64_t start, end;
    uint32_t protection; // PROT_READ | …
    uint32_t is_reservation; // private, anonymous, inaccessible
};

// As the kernel has it (rt_sigaction(2)).
struct fuzzd_signal_action {
    uint64_t handler, flags, restorer, mask;
};
// struct itimerval and struct itimerspec alike.
struct fuzzd_timer_setting {
    int64_t words[4];
};

// An open file of a machine parent: its flags and offset, and what is in it, are shared with everyone who inherited it.
struct fuzzd_kept_file {
    int32_t descriptor;
    int32_t status_flags;
    uint32_t has_offset; // a regular file or a directory
    uint32_t is_idle_timer;
    uint32_t reserved;
    uint32_t has_contents; // a private temporary file: `content_bytes` from `first_content`
    int64_t offset;
    uint32_t first_content;
    uint32_t content_bytes;
};
struct fuzzd_kept_files {
    uint32_t count;
    uint32_t content_bytes;
    struct fuzzd_kept_file files[FUZZD_MAX_KEPT_FILES];
    uint8_t contents[FUZZD_MAX_KEPT_CONTENT_BYTES];
};

// Remembers the flags of open files, the offsets of regular files and directories, the contents of those without a name. In a machine
// parent, before it serves; `has_own_copies`: those of another worker's machine parent are replaced by copies first.
void fuzzd_keep_files(int has_own_copies);
// Puts them back: in a machine parent after each of its children.
void fuzzd_restore_files(void);

// Kept by the system call filter's handler, in memory of the runtime that no reset touches. One runner, all its threads:
// what is counted or marked is changed atomically, what is listed under `lock`.
struct fuzzd_process_changes {
    uint32_t kinds;            // atomic; what cannot be undone: the runner has to be replaced
    uint32_t to_undo;          // atomic; mask of enum fuzzd_undo; 0: nothing is to be done
    uint32_t trapped_calls;    // atomic; system calls that were looked at since the snapshot
    uint32_t last_call_number; // that set a bit of `kinds`
    uint32_t threads_started;  // atomic; by the input
    uint32_t has_forked;       // a process below this one may run this handler
    int32_t process_id;        // whose changes these are: not those of a process that an input forked
    uint32_t lock;
    const struct fuzzd_kept_files *kept_files;
    uint64_t break_now; // as the target sees it
    // At the snapshot.
    uint64_t signal_mask;
    uint64_t break_end;
    uint64_t pending_signals;
    struct {
        void *start;
        int32_t flags;
        uint32_t reserved;
        uint64_t bytes;
    } alternate_stack; // of the first thread; as stack_t
    int32_t working_directory; // its descriptor; 0: it could not be opened
    uint32_t umask;
    uint32_t has_children;
    uint32_t reserved_of_snapshot;
    uint32_t old_mapping_count;
    uint32_t saved_descriptor_count;
    struct fuzzd_old_mapping *old_mappings; // ascending
    uint64_t old_descriptors[FUZZD_DESCRIPTOR_WORDS];
    uint64_t closed_at_exec[FUZZD_DESCRIPTOR_WORDS];     // FD_CLOEXEC
    int32_t saved_descriptors[FUZZD_MAX_DESCRIPTORS];    // duplicates; 0: there is none
    // Since then.
    uint64_t new_descriptors[FUZZD_DESCRIPTOR_WORDS];     // atomic
    uint64_t changed_descriptors[FUZZD_DESCRIPTOR_WORDS]; // atomic; old ones that were closed, replaced or re-flagged
    struct {
        int32_t descriptor;
        int32_t flags;
    } status_flags[FUZZD_MAX_CHANGED_STATUS_FLAGS]; // as they were
    uint32_t status_flag_count;
    uint32_t new_mapping_count;
    uint32_t protected_range_count;
    uint32_t new_timer_count;
    uint64_t changed_actions; // bit n: signal n
    uint32_t changed_interval_timers; // bit n: ITIMER_…
    uint32_t changed_timerfd_count;
    uint32_t changed_limits; // bit n: RLIMIT_…
    uint32_t is_name_changed;
    char name[16];
    uint64_t limits[16][2];
    struct fuzzd_signal_action actions[65]; // as they were
    struct fuzzd_timer_setting interval_timers[3];
    struct {
        int32_t descriptor;
        uint32_t reserved;
        struct fuzzd_timer_setting setting;
    } timerfds[FUZZD_MAX_CHANGED_TIMERFDS];
    int32_t new_timers[FUZZD_MAX_NEW_TIMERS]; // POSIX timers' numbers
    struct fuzzd_memory_range new_mappings[FUZZD_MAX_NEW_MAPPINGS];
    struct fuzzd_memory_range protected_ranges[FUZZD_MAX_PROTECTED_RANGES]; // of old memory
};

// Where the handler notes changes. Before the snapshot: the pointer is in memory that is put back.
void fuzzd_note_process_changes_in(struct fuzzd_process_changes *changes);
// A mapping that is there, in ascending order, between the call above and the one below. 0 or an errno.
int fuzzd_remember_mapping(uint64_t start, uint64_t end, int is_readable, int is_writable, int is_executable, int is_reservation);
// Installs the filter in this process for good, in all its threads: system calls that change such state come to a handler,
// which carries them out and notes them. 0 or an errno. After it no more than the runner's loop may run.
int fuzzd_watch_process_changes(void);
// Undoes what can be undone; returns the kinds that cannot, and clears the notes. No other thread may run.
uint32_t fuzzd_undo_process_changes(struct fuzzd_process_changes *changes);

#endif
