// The working directory and the umask.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>

#include "fuzzd_process_changes.h"

int fuzzd_remember_places(void) {
    struct fuzzd_process_changes *record = fuzzd_changes;
    long mask = fuzzd_raw_call(SYS_umask, 0, 0, 0, 0, 0, 0);
    if (fuzzd_has_failed(mask)) {
        return (int)-mask;
    }
    record->umask = (uint32_t)mask;
    long result = fuzzd_raw_call(SYS_umask, mask, 0, 0, 0, 0, 0);
    if (fuzzd_has_failed(result)) {
        return (int)-result;
    }
    // Where it cannot be opened, to go elsewhere costs a fresh runner.
    long directory = fuzzd_take_descriptor(fuzzd_raw_call(SYS_open, (long)".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0, 0, 0));
    if (directory == FUZZD_DESCRIPTOR_STAYS) {
        return EBADFD;
    }
    record->working_directory = fuzzd_has_failed(directory) ? 0 : (int32_t)directory;
    return 0;
}

long fuzzd_on_umask(long number, const long *a) {
    fuzzd_note_to_undo(FUZZD_UNDO_PLACES);
    return fuzzd_raw_call(number, a[0], 0, 0, 0, 0, 0);
}

long fuzzd_on_chdir(long number, const long *a) {
    long result = fuzzd_raw_call(number, a[0], 0, 0, 0, 0, 0);
    if (result == 0) {
        fuzzd_note_to_undo(FUZZD_UNDO_PLACES);
        if (fuzzd_changes->working_directory == 0) {
            fuzzd_note_change(FUZZD_CHANGE_FILE_SYSTEM, number);
        }
    }
    return result;
}

void fuzzd_undo_places(struct fuzzd_process_changes *record) {
    if (fuzzd_has_failed(fuzzd_raw_call(SYS_umask, record->umask, 0, 0, 0, 0, 0))) {
        record->kinds |= FUZZD_CHANGE_FILE_SYSTEM;
    }
    if (record->working_directory != 0
        && fuzzd_raw_call(SYS_fchdir, record->working_directory, 0, 0, 0, 0, 0) != 0) {
        record->kinds |= FUZZD_CHANGE_FILE_SYSTEM;
    }
}
