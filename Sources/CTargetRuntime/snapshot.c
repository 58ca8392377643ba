// Kernel interfaces of the snapshot: userfaultfd(2) write protection, PAGEMAP_SCAN (Documentation/admin-guide/mm/pagemap.rst),
// and a call on another stack.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzzd_raw_call.h"
#include "fuzzd_snapshot.h"

// Since Linux 6.7; headers of Debian 12 are older.
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
enum { feature_write_protect_unpopulated = 1 << 13, feature_write_protect_async = 1 << 15 };
enum { page_is_written = 1 << 1, page_is_present = 1 << 3, page_is_swapped = 1 << 4, scan_checks_async = 1 << 1 };

struct scan_argument {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define FUZZD_PAGEMAP_SCAN _IOWR('f', 16, struct scan_argument)

static int checked(long result) { return (int)fuzzd_checked(result); }

int fuzzd_userfault_open(void) {
    int descriptor = checked(fuzzd_raw_call(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY, 0, 0, 0, 0, 0));
    if (descriptor < 0) {
        return -1;
    }
    struct uffdio_api api = {.api = UFFD_API,
                             .features = feature_write_protect_unpopulated | feature_write_protect_async};
    if (checked(fuzzd_raw_call(SYS_ioctl, descriptor, (long)UFFDIO_API, (long)&api, 0, 0, 0)) != 0) {
        int cause = errno;
        close(descriptor);
        errno = cause;
        return -1;
    }
    return descriptor;
}

int fuzzd_userfault_register(int descriptor, uint64_t start, uint64_t bytes) {
    struct uffdio_register request = {.range = {.start = start, .len = bytes}, .mode = UFFDIO_REGISTER_MODE_WP};
    return checked(fuzzd_raw_call(SYS_ioctl, descriptor, (long)UFFDIO_REGISTER, (long)&request, 0, 0, 0));
}

int fuzzd_userfault_protect(int descriptor, uint64_t start, uint64_t bytes) {
    struct uffdio_writeprotect request = {.range = {.start = start, .len = bytes}, .mode = UFFDIO_WRITEPROTECT_MODE_WP};
    return checked(fuzzd_raw_call(SYS_ioctl, descriptor, (long)UFFDIO_WRITEPROTECT, (long)&request, 0, 0, 0));
}

int fuzzd_scan_written(int pagemap, uint64_t start, uint64_t end, struct fuzzd_page_region *regions, size_t capacity,
                       uint64_t *walked_to) {
    // Exactly this mask and this flag take the kernel's fast path.
    struct scan_argument request = {.size = sizeof request,
                                    .flags = scan_checks_async,
                                    .start = start,
                                    .end = end,
                                    .vec = (uint64_t)regions,
                                    .vec_len = capacity,
                                    .category_mask = page_is_written,
                                    .return_mask = page_is_written};
    int found = checked(fuzzd_raw_call(SYS_ioctl, pagemap, (long)FUZZD_PAGEMAP_SCAN, (long)&request, 0, 0, 0));
    *walked_to = request.walk_end;
    return found;
}

int fuzzd_scan_present(int pagemap, uint64_t start, uint64_t end, struct fuzzd_page_region *regions, size_t capacity,
                       uint64_t *walked_to) {
    struct scan_argument request = {.size = sizeof request,
                                    .start = start,
                                    .end = end,
                                    .vec = (uint64_t)regions,
                                    .vec_len = capacity,
                                    .category_anyof_mask = page_is_present | page_is_swapped,
                                    .return_mask = FUZZD_PAGE_IS_FILE | FUZZD_PAGE_IS_ZERO};
    int found = checked(fuzzd_raw_call(SYS_ioctl, pagemap, (long)FUZZD_PAGEMAP_SCAN, (long)&request, 0, 0, 0));
    *walked_to = request.walk_end;
    return found;
}

long fuzzd_raw_pread(int descriptor, void *memory, size_t bytes, int64_t offset) {
    return fuzzd_raw_call(SYS_pread64, descriptor, (long)memory, (long)bytes, offset, 0, 0);
}

int fuzzd_scan_new(int pagemap, uint64_t start, uint64_t end, struct fuzzd_page_region *regions, size_t capacity,
                   uint64_t *walked_to) {
    struct scan_argument request = {.size = sizeof request,
                                    .start = start,
                                    .end = end,
                                    .vec = (uint64_t)regions,
                                    .vec_len = capacity,
                                    .category_inverted = FUZZD_PAGE_IS_FILE | FUZZD_PAGE_IS_ZERO,
                                    .category_mask = page_is_present | FUZZD_PAGE_IS_FILE | FUZZD_PAGE_IS_ZERO,
                                    .return_mask = page_is_present};
    int found = checked(fuzzd_raw_call(SYS_ioctl, pagemap, (long)FUZZD_PAGEMAP_SCAN, (long)&request, 0, 0, 0));
    *walked_to = request.walk_end;
    return found;
}

long fuzzd_first_difference(const uint8_t *left, const uint8_t *right, long bytes) {
    long place = 0;
    while (place + 8 <= bytes && *(const uint64_t *)(left + place) == *(const uint64_t *)(right + place)) {
        place += 8;
    }
    while (place < bytes && left[place] == right[place]) {
        place++;
    }
    return place;
}

long fuzzd_page_table_kibibytes(int status) {
    char text[2048];
    long length = fuzzd_raw_pread(status, text, sizeof text - 1, 0);
    for (long place = 0; place + 6 < length; place++) {
        if (text[place] == '\n' && text[place + 1] == 'V' && text[place + 2] == 'm' && text[place + 3] == 'P' &&
            text[place + 4] == 'T' && text[place + 5] == 'E') {
            long kibibytes = 0;
            for (place += 7; place < length && text[place] != '\n'; place++) {
                if (text[place] >= '0' && text[place] <= '9') {
                    kibibytes = kibibytes * 10 + (text[place] - '0');
                }
            }
            return kibibytes;
        }
    }
    // Not known: more than any size before.
    return __LONG_MAX__;
}

int fuzzd_thread_count(int stat) {
    char text[1024];
    long length = fuzzd_raw_pread(stat, text, sizeof text - 1, 0);
    if (length <= 0) {
        return -1;
    }
    text[length] = 0;
    // The 20th field; the second, in parentheses, may hold anything (proc(5)).
    const char *place = text + length;
    while (place > text && *place != ')') {
        place--;
    }
    for (int field = 2; field < 20 && *place != 0; place++) {
        field += *place == ' ';
    }
    int count = 0;
    for (; *place >= '0' && *place <= '9'; place++) {
        count = count * 10 + (*place - '0');
    }
    return count;
}

uint64_t fuzzd_descriptor_identity(int descriptor) {
    struct stat status;
    long result = fuzzd_raw_call(SYS_fstat, descriptor, (long)&status, 0, 0, 0, 0);
    if (result < 0) {
        return result == -EBADF ? 0 : FUZZD_IDENTITY_UNKNOWN;
    }
    long flags = fuzzd_raw_call(SYS_fcntl, descriptor, F_GETFL, 0, 0, 0, 0);
    long own_flags = fuzzd_raw_call(SYS_fcntl, descriptor, F_GETFD, 0, 0, 0, 0);
    long offset = S_ISREG(status.st_mode) ? fuzzd_raw_call(SYS_lseek, descriptor, 0, SEEK_CUR, 0, 0, 0) : 0;
    if (flags < 0 || own_flags < 0 || offset < 0) {
        // What O_PATH opened has no offset.
        return flags >= 0 && (flags & O_PATH) != 0 ? (uint64_t)status.st_ino << 1 | 1 : FUZZD_IDENTITY_UNKNOWN;
    }
    uint64_t parts[] = {status.st_dev, status.st_ino, status.st_mode, (uint64_t)flags, (uint64_t)own_flags, (uint64_t)offset};
    uint64_t mixed = 0xCBF29CE484222325u;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        mixed = (mixed ^ parts[i]) * 0x9E3779B97F4A7C15u;
        mixed ^= mixed >> 29;
    }
    return mixed | 1;
}

int fuzzd_give_back(uint64_t start, uint64_t bytes) {
    return checked(fuzzd_raw_call(SYS_madvise, (long)start, (long)bytes, MADV_DONTNEED, 0, 0, 0));
}

#if defined(__x86_64__)
void fuzzd_copy_pages(void *to, const void *from, size_t pages) {
    size_t words = pages * (4096 / 8);
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

// rbp keeps the caller's stack: an unwinder finds its way back through it.
__asm__(".text\n"
        ".globl fuzzd_call_on_stack\n"
        ".hidden fuzzd_call_on_stack\n"
        ".type fuzzd_call_on_stack, @function\n"
        "fuzzd_call_on_stack:\n"
        ".cfi_startproc\n"
        "  push %rbp\n"
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset rbp, -16\n"
        "  mov %rsp, %rbp\n"
        ".cfi_def_cfa_register rbp\n"
        "  mov %rsp, (%rcx)\n"
        "  mov %rdi, %rsp\n"
        "  mov %rdx, %rdi\n"
        "  call *%rsi\n"
        "  mov %rbp, %rsp\n"
        "  pop %rbp\n"
        ".cfi_def_cfa rsp, 8\n"
        "  ret\n"
        ".cfi_endproc\n"
        ".size fuzzd_call_on_stack, . - fuzzd_call_on_stack\n");
#else
#error "no call on another stack known for this architecture"
#endif

void fuzzd_touch_page(uint64_t *page) {
    volatile uint64_t *word = page;
    *word = *word;
}

void fuzzd_grow_stack(uint64_t start, uint64_t end, uint64_t longest) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0) {
        return;
    }
    uint64_t bytes = limit.rlim_cur < longest ? limit.rlim_cur : longest;
    uint64_t lowest = end - bytes + 2 * 4096;
    if (lowest < start) {
        *(volatile char *)lowest = 0;
    }
}
