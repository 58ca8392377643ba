// Mappings that an input makes, moves, splits and removes, and the protection of those that were there. Old memory that went
// away or was moved is not made again: it would have to be tracked anew.
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "fuzzd_process_changes.h"
#include "fuzzd_target.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

static uint64_t whole_pages(uint64_t bytes) { return (bytes + 4095) & ~(uint64_t)4095; }

// The first old mapping that ends behind `address`.
static uint32_t first_old_behind(const struct fuzzd_process_changes *record, uint64_t address) {
    uint32_t low = 0, high = record->old_mapping_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (record->old_mappings[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int touches_old_memory(uint64_t start, uint64_t bytes) {
    uint32_t index = first_old_behind(fuzzd_changes, start);
    return index < fuzzd_changes->old_mapping_count && fuzzd_changes->old_mappings[index].start < start + bytes;
}

static void add_new_mapping(struct fuzzd_process_changes *record, uint64_t start, uint64_t bytes) {
    if (bytes == 0) {
        return;
    }
    if (record->new_mapping_count == FUZZD_MAX_NEW_MAPPINGS) {
        fuzzd_note_change(FUZZD_CHANGE_OVERFLOW, SYS_mmap);
        return;
    }
    record->new_mappings[record->new_mapping_count++] = (struct fuzzd_memory_range){start, bytes};
}

// Takes the range out of the new mappings, of which it may be any part of any number.
static void subtract_range(struct fuzzd_process_changes *record, uint64_t start, uint64_t end) {
    for (uint32_t i = 0; i < record->new_mapping_count;) {
        struct fuzzd_memory_range mapping = record->new_mappings[i];
        uint64_t mapping_end = mapping.start + mapping.bytes;
        if (mapping_end <= start || mapping.start >= end) {
            i++;
            continue;
        }
        record->new_mappings[i] = record->new_mappings[--record->new_mapping_count];
        // What remains before and behind does not overlap: it is looked at once more at most.
        if (mapping.start < start) {
            add_new_mapping(record, mapping.start, start - mapping.start);
        }
        if (mapping_end > end) {
            add_new_mapping(record, end, mapping_end - end);
        }
    }
}

static void note_mapping(uint64_t start, uint64_t bytes) {
    fuzzd_lock_changes();
    subtract_range(fuzzd_changes, start, start + bytes);
    add_new_mapping(fuzzd_changes, start, bytes);
    fuzzd_unlock_changes();
    fuzzd_note_to_undo(FUZZD_UNDO_MAPPINGS);
}

static void forget_mapping(uint64_t start, uint64_t bytes) {
    fuzzd_lock_changes();
    subtract_range(fuzzd_changes, start, start + bytes);
    fuzzd_unlock_changes();
}

// Whether all of the range lies in one reservation of old.
static int is_reserved(uint64_t start, uint64_t bytes) {
    uint32_t index = first_old_behind(fuzzd_changes, start);
    const struct fuzzd_old_mapping *mapping = &fuzzd_changes->old_mappings[index];
    return index < fuzzd_changes->old_mapping_count && mapping->is_reservation && mapping->start <= start &&
           start + bytes <= mapping->end;
}

// Fresh memory over a part of a reservation, as ASan's allocator takes it: the reservation is made accessible instead, which can
// be undone, and is zero.
static long take_reserved(const long *a) {
    fuzzd_raw_call(SYS_madvise, a[0], a[1], MADV_DONTNEED, 0, 0, 0);
    const long protect[6] = {a[0], a[1], a[2], 0, 0, 0};
    long result = fuzzd_on_mprotect(SYS_mprotect, protect);
    return fuzzd_has_failed(result) ? result : a[0];
}

long fuzzd_on_mmap(long number, const long *a) {
    uint64_t bytes = whole_pages((uint64_t)a[1]);
    const long kinds = MAP_FIXED | MAP_ANONYMOUS | MAP_PRIVATE, others = ~(long)(kinds | MAP_NORESERVE);
    if ((a[3] & kinds) == kinds && (a[3] & others) == 0 && ((uint64_t)a[0] & 4095) == 0 && bytes != 0 &&
        is_reserved((uint64_t)a[0], bytes)) {
        return take_reserved(a);
    }
    int replaces = (a[3] & MAP_FIXED) != 0 && touches_old_memory((uint64_t)a[0], bytes);
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (fuzzd_has_failed(result)) {
        return result;
    }
    if (replaces) {
        fuzzd_note_change(FUZZD_CHANGE_MAPPINGS, number);
    } else {
        note_mapping((uint64_t)result, bytes);
    }
    return result;
}

// Forgotten before it is gone: once it is, another thread may map the same place and note it.
long fuzzd_on_munmap(long number, const long *a) {
    uint64_t start = (uint64_t)a[0], bytes = whole_pages((uint64_t)a[1]);
    if ((start & 4095) != 0 || bytes == 0) {
        return fuzzd_raw_call(number, a[0], a[1], 0, 0, 0, 0);
    }
    int was_old = touches_old_memory(start, bytes);
    forget_mapping(start, bytes);
    long result = fuzzd_raw_call(number, a[0], a[1], 0, 0, 0, 0);
    // It fails where it would make too many mappings; then nobody knows what is left.
    if (was_old || fuzzd_has_failed(result)) {
        fuzzd_note_change(FUZZD_CHANGE_MAPPINGS, number);
    }
    return result;
}

long fuzzd_on_mremap(long number, const long *a) {
    uint64_t start = (uint64_t)a[0], old_bytes = whole_pages((uint64_t)a[1]), bytes = whole_pages((uint64_t)a[2]);
    int was_old = touches_old_memory(start, old_bytes == 0 ? 1 : old_bytes);
    int replaces_old = (a[3] & MREMAP_FIXED) != 0 && touches_old_memory((uint64_t)a[4], bytes);
    long result = fuzzd_raw_call(number, a[0], a[1], a[2], a[3], a[4], 0);
    if (fuzzd_has_failed(result)) {
        return result;
    }
    if (was_old || replaces_old) {
        fuzzd_note_change(FUZZD_CHANGE_MAPPINGS, number);
        return result;
    }
    if ((a[3] & MREMAP_DONTUNMAP) == 0) {
        forget_mapping(start, old_bytes);
    }
    note_mapping((uint64_t)result, bytes);
    return result;
}

long fuzzd_on_mprotect(long number, const long *a) {
    uint64_t bytes = whole_pages((uint64_t)a[1]);
    if (touches_old_memory((uint64_t)a[0], bytes)) {
        struct fuzzd_process_changes *record = fuzzd_changes;
        fuzzd_lock_changes();
        int is_full = record->protected_range_count == FUZZD_MAX_PROTECTED_RANGES;
        if (!is_full) {
            record->protected_ranges[record->protected_range_count++] =
                (struct fuzzd_memory_range){(uint64_t)a[0], bytes};
        }
        fuzzd_unlock_changes();
        fuzzd_note_to_undo(FUZZD_UNDO_MAPPINGS);
        if (is_full) {
            fuzzd_note_change(FUZZD_CHANGE_OVERFLOW, number);
        }
        // A protection key, or a range that reaches as far as its mapping grows.
        if (number != SYS_mprotect || (a[2] & (PROT_GROWSDOWN | PROT_GROWSUP)) != 0) {
            fuzzd_note_change(FUZZD_CHANGE_MAPPINGS, number);
        }
    }
    return fuzzd_raw_call(number, a[0], a[1], a[2], a[3], 0, 0);
}

// Since Linux 6.14 the kernel frees a table of pages that are all given back, and with it what it knew of their protection: a
// scan would not name them. With one page in it, the zero page, there is a table, and it names them all.
static void keep_page_tables(uint64_t start, uint64_t bytes) {
    enum { table_bytes = 2 << 20, page_bytes = 4096 };
    uint64_t end = start + bytes;
    for (uint64_t table = (start + table_bytes - 1) & ~(uint64_t)(table_bytes - 1); table + table_bytes <= end;
         table += table_bytes) {
        if (fuzzd_raw_call(SYS_madvise, (long)table, page_bytes, MADV_POPULATE_READ, 0, 0, 0) != 0 &&
            touches_old_memory(table, page_bytes)) {
            fuzzd_note_change(FUZZD_CHANGE_MAPPINGS, SYS_madvise);
        }
    }
}

long fuzzd_on_madvise(long number, const long *a) {
    // Lazily freed pages would change behind the back of the write protection.
    long advice = a[2] == MADV_FREE ? MADV_DONTNEED : a[2];
    switch (advice) {
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTNEED:
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
        break;
    default:
        if (touches_old_memory((uint64_t)a[0], whole_pages((uint64_t)a[1]))) {
            fuzzd_note_change(FUZZD_CHANGE_MAPPINGS, number);
        }
    }
    long result = fuzzd_raw_call(number, a[0], a[1], advice, 0, 0, 0);
    if (advice == MADV_DONTNEED && result == 0 && touches_old_memory((uint64_t)a[0], (uint64_t)a[1])) {
        keep_page_tables((uint64_t)a[0], (uint64_t)a[1]);
    }
    return result;
}

static uint64_t start_of_break(const struct fuzzd_process_changes *record) {
    uint32_t index = first_old_behind(record, record->break_end - 1);
    return index < record->old_mapping_count ? record->old_mappings[index].start : record->break_end;
}

// Within the heap as it was at the snapshot the break is moved in name only: its memory is given back, so that it is zero when the
// break comes up again, and stays mapped. glibc moves it down at many a `free`, and a new runner costs a thousand times more.
long fuzzd_on_brk(long number, const long *a) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    uint64_t wanted = (uint64_t)a[0], now = record->break_now;
    if (wanted < start_of_break(record)) {
        return (long)now;
    }
    uint64_t real = wanted > record->break_end ? wanted : record->break_end;
    if (real != (now > record->break_end ? now : record->break_end) &&
        (uint64_t)fuzzd_raw_call(number, (long)real, 0, 0, 0, 0, 0) != real) {
        return (long)now;
    }
    uint64_t from = whole_pages(wanted), to = whole_pages(now < record->break_end ? now : record->break_end);
    if (from < to) {
        fuzzd_raw_call(SYS_madvise, (long)from, (long)(to - from), MADV_DONTNEED, 0, 0, 0);
        keep_page_tables(from, to - from);
    }
    record->break_now = wanted;
    fuzzd_note_to_undo(FUZZD_UNDO_BREAK);
    return (long)wanted;
}

// What is gone meanwhile makes the call fail, which has its own kind of change already.
static void put_protection_back(struct fuzzd_process_changes *record, struct fuzzd_memory_range range) {
    uint64_t end = range.start + range.bytes;
    for (uint32_t i = first_old_behind(record, range.start); i < record->old_mapping_count; i++) {
        const struct fuzzd_old_mapping *mapping = &record->old_mappings[i];
        if (mapping->start >= end) {
            return;
        }
        uint64_t from = mapping->start > range.start ? mapping->start : range.start;
        uint64_t to = mapping->end < end ? mapping->end : end;
        long result = fuzzd_raw_call(SYS_mprotect, (long)from, (long)(to - from), mapping->protection, 0, 0, 0);
        if (fuzzd_has_failed(result)) {
            record->kinds |= FUZZD_CHANGE_MAPPINGS;
        }
    }
}

void fuzzd_undo_mappings(struct fuzzd_process_changes *record) {
    for (uint32_t i = 0; i < record->new_mapping_count; i++) {
        const struct fuzzd_memory_range *mapping = &record->new_mappings[i];
        if (fuzzd_has_failed(fuzzd_raw_call(SYS_munmap, (long)mapping->start, (long)mapping->bytes, 0, 0, 0, 0))) {
            record->kinds |= FUZZD_CHANGE_MAPPINGS;
        }
    }
    for (uint32_t i = 0; i < record->protected_range_count; i++) {
        put_protection_back(record, record->protected_ranges[i]);
    }
    record->new_mapping_count = 0;
    record->protected_range_count = 0;
}

void fuzzd_undo_break(struct fuzzd_process_changes *record) {
    uint64_t now = record->break_now;
    record->break_now = record->break_end;
    if (now <= record->break_end) {
        return;
    }
    long end = fuzzd_raw_call(SYS_brk, (long)record->break_end, 0, 0, 0, 0, 0);
    if ((uint64_t)end != record->break_end) {
        record->kinds |= FUZZD_CHANGE_MAPPINGS;
    }
}

int fuzzd_remember_mapping(uint64_t start, uint64_t end, int is_readable, int is_writable, int is_executable,
                           int is_reservation) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    if (record->old_mappings == NULL) {
        size_t bytes = FUZZD_MAX_OLD_MAPPINGS * sizeof(struct fuzzd_old_mapping);
        void *memory = fuzzd_map_apart(bytes, MAP_SHARED | MAP_ANONYMOUS, -1);
        if (memory == MAP_FAILED) {
            return errno;
        }
        record->old_mappings = memory;
    }
    if (record->old_mapping_count == FUZZD_MAX_OLD_MAPPINGS) {
        return ENOMEM;
    }
    uint32_t protection = (is_readable ? PROT_READ : 0u) | (is_writable ? PROT_WRITE : 0u) | (is_executable ? PROT_EXEC : 0u);
    record->old_mappings[record->old_mapping_count++] =
        (struct fuzzd_old_mapping){.start = start, .end = end, .protection = protection,
                                   .is_reservation = (uint32_t)is_reservation};
    return 0;
}
