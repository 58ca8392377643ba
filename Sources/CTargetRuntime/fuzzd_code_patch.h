// Functions of the C library and of the kernel's vDSO that become functions of the runtime.
#ifndef FUZZD_CODE_PATCH_H
#define FUZZD_CODE_PATCH_H

// One function and what it becomes.
struct fuzzd_replacement {
    const char *name;
    const void *routine;
};

// Writes jumps over the first instructions of those functions of the vDSO that exist. 0 or an errno.
int fuzzd_replace_in_vdso(const struct fuzzd_replacement *replacements, int count);
// The same for the C library's, behind whatever intercepts them.
int fuzzd_replace_in_libc(const struct fuzzd_replacement *replacements, int count);

// Lets all objects that are loaded call something else by these names: where their relocations put an address, not in the code,
// so that the replacement can call what it replaces. 0 or an errno.
int fuzzd_replace_in_objects(const struct fuzzd_replacement *replacements, int count);

// Whether an object that is loaded, but for the C library itself, has a relocation to one of these names.
int fuzzd_is_any_used(const char *const *names, int count);

#endif
