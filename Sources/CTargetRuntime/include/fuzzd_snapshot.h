// What the snapshot needs of the kernel and Swift cannot say: ioctls whose numbers glibc's headers of Debian 12 lack,
// system calls that our own filter lets through, a call on another stack, the filter itself.
#ifndef FUZZD_SNAPSHOT_H
#define FUZZD_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "fuzzd_abi.h"

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
// pread(2) that does not touch errno, which lies in memory that is put back.
long fuzzd_raw_pread(int descriptor, void *memory, size_t bytes, int64_t offset);
// madvise(MADV_DONTNEED), past the filter.
int fuzzd_give_back(uint64_t start, uint64_t bytes);

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

enum { FUZZD_MAX_NEW_MAPPINGS = 256, FUZZD_MAX_NEW_DESCRIPTORS = 64 };

// Kept by the system call filter's handler, in memory of the runtime that no reset touches. One runner.
struct fuzzd_process_changes {
    uint32_t kinds;            // what cannot be undone: the runner has to be replaced
    uint32_t trapped_calls;    // system calls that were looked at since the snapshot
    uint32_t last_call_number; // that set a bit of `kinds`
    uint32_t new_mapping_count;
    uint32_t new_descriptor_count;
    uint32_t is_break_moved;
    uint32_t is_mask_changed;
    uint64_t signal_mask; // at the snapshot
    uint64_t break_end;   // at the snapshot
    struct {
        uint64_t start, bytes;
    } new_mappings[FUZZD_MAX_NEW_MAPPINGS];
    int32_t new_descriptors[FUZZD_MAX_NEW_DESCRIPTORS];
};

// Where the handler notes changes. Before the snapshot: the pointer is in memory that is put back.
void fuzzd_note_process_changes_in(struct fuzzd_process_changes *changes);
// Installs the filter in this process for good: system calls that change such state come to a handler, which carries
// them out and notes them. 0 or an errno. After it no more than the runner's loop may run.
int fuzzd_watch_process_changes(void);
// Undoes what can be undone; returns the kinds that cannot, and clears the notes.
uint32_t fuzzd_undo_process_changes(struct fuzzd_process_changes *changes);

#endif
