// Files that are open when a machine parent begins to serve. Their flags, offsets and contents belong to all processes that
// inherit them: to put a process's memory back, or to fork a fresh one, does not put them back.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "fuzzd_process_changes.h"
#include "fuzzd_target.h"

enum { block_bytes = 4096 };

static struct fuzzd_kept_files kept;

// A file without a name that can be written to: nobody but the target knows it.
static int is_private_temporary(const struct stat *status, int flags) {
    int is_writable = (flags & O_ACCMODE) == O_RDWR;
    size_t room = sizeof kept.contents - kept.content_bytes;
    return S_ISREG(status->st_mode) && status->st_nlink == 0 && is_writable && (uint64_t)status->st_size <= room;
}

static void keep_contents(struct fuzzd_kept_file *file, uint64_t bytes) {
    uint8_t *place = kept.contents + kept.content_bytes;
    if (pread(file->descriptor, place, bytes, 0) == (ssize_t)bytes) {
        file->has_contents = 1;
        file->first_content = kept.content_bytes;
        file->content_bytes = (uint32_t)bytes;
        kept.content_bytes += file->content_bytes;
    }
}

static void keep(int descriptor) {
    struct stat status;
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || (flags & O_PATH) || fstat(descriptor, &status) != 0 || kept.count == FUZZD_MAX_KEPT_FILES) {
        return;
    }
    struct fuzzd_kept_file *file = &kept.files[kept.count++];
    *file = (struct fuzzd_kept_file){.descriptor = descriptor, .status_flags = flags};
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
        file->offset = lseek(descriptor, 0, SEEK_CUR);
        file->has_offset = file->offset >= 0;
    }
    struct itimerspec timer;
    file->is_idle_timer = timerfd_gettime(descriptor, &timer) == 0 && timer.it_value.tv_sec == 0 && timer.it_value.tv_nsec == 0;
    if (is_private_temporary(&status, flags)) {
        keep_contents(file, (uint64_t)status.st_size);
    }
}

// Opens the file once more, or makes a copy of a private one, so that no other worker moves or changes it.
static int open_own(const struct fuzzd_kept_file *file, int flags) {
    if (file->has_contents) {
        int copy = memfd_create("fuzzd-private-file", MFD_CLOEXEC);
        if (copy >= 0 && pwrite(copy, kept.contents + file->first_content, file->content_bytes, 0) == file->content_bytes
            && fcntl(copy, F_SETFL, flags & (O_APPEND | O_NONBLOCK)) == 0) {
            return copy;
        }
        close(copy);
        return -1;
    }
    char path[40] = "/proc/self/fd/";
    char digits[12];
    int count = 0, length = 14;
    for (int rest = file->descriptor; count == 0 || rest != 0; rest /= 10) {
        digits[count++] = (char)('0' + rest % 10);
    }
    while (count > 0) {
        path[length++] = digits[--count];
    }
    return open(path, (flags & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_DIRECT | O_DIRECTORY | O_NOATIME)) | O_CLOEXEC);
}

static void make_own(uint32_t index) {
    struct fuzzd_kept_file *file = &kept.files[index];
    if (!file->has_offset) {
        return;
    }
    int descriptor_flags = fcntl(file->descriptor, F_GETFD);
    int close_flag = descriptor_flags & FD_CLOEXEC ? O_CLOEXEC : 0;
    pid_t self = getpid();
    // One that is shared with an earlier descriptor of this process stays so: that one's old file is kept until here.
    for (uint32_t i = 0; i < index; i++) {
        if (kept.files[i].offset == file->offset
            && syscall(SYS_kcmp, self, self, KCMP_FILE, kept.files[i].descriptor, file->descriptor) == 0) {
            return;
        }
    }
    int own = open_own(file, fcntl(file->descriptor, F_GETFL));
    if (own < 0) {
        return;
    }
    if (lseek(own, file->offset, SEEK_SET) == file->offset) {
        for (uint32_t i = index + 1; i < kept.count; i++) {
            if (syscall(SYS_kcmp, self, self, KCMP_FILE, file->descriptor, kept.files[i].descriptor) == 0) {
                int other_flags = fcntl(kept.files[i].descriptor, F_GETFD);
                dup3(own, kept.files[i].descriptor, other_flags & FD_CLOEXEC ? O_CLOEXEC : 0);
            }
        }
        dup3(own, file->descriptor, close_flag);
    }
    close(own);
}

void fuzzd_keep_files(int has_own_copies) {
    kept.count = 0;
    kept.content_bytes = 0;
    for (int descriptor = 0; descriptor < FUZZD_FIRST_OWN_DESCRIPTOR; descriptor++) {
        keep(descriptor);
    }
    for (uint32_t i = 0; has_own_copies && i < kept.count; i++) {
        make_own(i);
    }
}

void fuzzd_restore_files(void) {
    for (uint32_t i = 0; i < kept.count; i++) {
        const struct fuzzd_kept_file *file = &kept.files[i];
        if (fuzzd_raw_call(SYS_fcntl, file->descriptor, F_GETFL, 0, 0, 0, 0) != file->status_flags) {
            fuzzd_raw_call(SYS_fcntl, file->descriptor, F_SETFL, file->status_flags, 0, 0, 0);
        }
        if (file->is_idle_timer) {
            static const struct itimerspec idle;
            fuzzd_raw_call(SYS_timerfd_settime, file->descriptor, 0, (long)&idle, 0, 0, 0);
        }
    }
    (void)fuzzd_undo_files(&kept);
}

int fuzzd_share_kept_files(const struct fuzzd_kept_files **result) {
    *result = NULL;
    int has_offsets = 0;
    for (uint32_t i = 0; i < kept.count; i++) {
        has_offsets |= kept.files[i].has_offset;
    }
    if (!has_offsets) {
        return 0;
    }
    struct fuzzd_kept_files *shared =
        fuzzd_map_apart(sizeof kept, MAP_SHARED | MAP_ANONYMOUS, -1);
    if (shared == MAP_FAILED) {
        return errno;
    }
    *shared = kept;
    *result = shared;
    return 0;
}

static int differs(const uint8_t *left, const uint8_t *right, long bytes) {
    for (long i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return 1;
        }
    }
    return 0;
}

// 0 if all is as it was. Not inlined: with its block, whoever looks at files after each child would write to a further page of the stack.
__attribute__((noinline)) static int put_contents_back(const struct fuzzd_kept_file *file, const uint8_t *contents) {
    struct stat status;
    if (fuzzd_raw_call(SYS_fstat, file->descriptor, (long)&status, 0, 0, 0, 0) != 0
        || ((uint64_t)status.st_size != file->content_bytes
            && fuzzd_raw_call(SYS_ftruncate, file->descriptor, file->content_bytes, 0, 0, 0, 0) != 0)) {
        return -1;
    }
    uint8_t block[block_bytes];
    for (uint32_t at = 0; at < file->content_bytes; at += block_bytes) {
        long bytes = file->content_bytes - at < block_bytes ? file->content_bytes - at : block_bytes;
        long count = fuzzd_raw_call(SYS_pread64, file->descriptor, (long)block, bytes, at, 0, 0);
        if ((count != bytes || differs(block, contents + at, bytes))
            && fuzzd_raw_call(SYS_pwrite64, file->descriptor, (long)(contents + at), bytes, at, 0, 0) != bytes) {
            return -1;
        }
    }
    return 0;
}

int fuzzd_undo_files(const struct fuzzd_kept_files *files) {
    int failed = 0;
    for (uint32_t i = 0; i < files->count; i++) {
        const struct fuzzd_kept_file *file = &files->files[i];
        if (file->has_contents) {
            failed |= put_contents_back(file, files->contents + file->first_content);
        }
        if (file->has_offset) {
            failed |= fuzzd_raw_call(SYS_lseek, file->descriptor, file->offset, SEEK_SET, 0, 0, 0) != file->offset;
        }
    }
    return failed;
}
