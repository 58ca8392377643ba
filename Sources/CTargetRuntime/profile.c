// Source coverage (-fprofile-instr-generate), whose runtime the target may have: everything by weak reference
// (compiler-rt, profile/InstrProfiling.h).
#define _GNU_SOURCE
#include <sys/file.h>

#include "fuzzd_target.h"

#define WEAK __attribute__((weak))
WEAK char *__llvm_profile_begin_counters(void);
WEAK char *__llvm_profile_end_counters(void);
WEAK void __llvm_profile_set_filename(const char *path);
WEAK int __llvm_profile_write_file(void);
WEAK int __llvm_profile_check_compatibility(const char *profile, uint64_t bytes);
WEAK int __llvm_profile_merge_from_buffer(const char *profile, uint64_t bytes);

uint8_t *fuzzd_profile_begin(void) {
    return __llvm_profile_begin_counters == NULL ? NULL : (uint8_t *)__llvm_profile_begin_counters();
}

uint8_t *fuzzd_profile_end(void) {
    return __llvm_profile_end_counters == NULL ? NULL : (uint8_t *)__llvm_profile_end_counters();
}

void fuzzd_silence_profile(void) {
    if (__llvm_profile_set_filename != NULL) {
        __llvm_profile_set_filename("/dev/null");
    }
}

// Adds what another machine parent wrote, so that one file has the counts of all.
static void add_profile(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) != 0 || status.st_size == 0 || __llvm_profile_merge_from_buffer == NULL) {
        return;
    }
    char *profile = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (profile == MAP_FAILED) {
        return;
    }
    if (__llvm_profile_check_compatibility(profile, (uint64_t)status.st_size) == 0) {
        (void)__llvm_profile_merge_from_buffer(profile, (uint64_t)status.st_size);
    }
    munmap(profile, (size_t)status.st_size);
}

int fuzzd_write_profile(const char *path) {
    if (__llvm_profile_write_file == NULL) {
        return ENOSYS;
    }
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        return errno;
    }
    (void)flock(descriptor, LOCK_EX);
    add_profile(descriptor);
    // The profile's runtime would append.
    (void)!ftruncate(descriptor, 0);
    __llvm_profile_set_filename(path);
    int result = __llvm_profile_write_file();
    close(descriptor);
    return result == 0 ? 0 : EIO;
}
