// Replaces functions where they are: whoever calls them, by whatever pointer, comes to the replacement.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "fuzzd_code_patch.h"
#include "fuzzd_target.h"

#if defined(__x86_64__)
// jmp *0(%rip), and the address behind it: no register changes.
enum { jump_bytes = 14 };
static void make_jump(uint8_t *code, const void *routine) {
    static const uint8_t jump[6] = {0xFF, 0x25, 0, 0, 0, 0};
    memcpy(code, jump, sizeof jump);
    memcpy(code + sizeof jump, &routine, 8);
}
#else
#error "no jump known for this architecture"
#endif

int fuzzd_write_code(uintptr_t place, const void *code, size_t bytes) {
    int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
    if (memory < 0) {
        return errno;
    }
    ssize_t written = pwrite(memory, code, bytes, (off_t)place);
    int error = written == (ssize_t)bytes ? 0 : written < 0 ? errno : EIO;
    close(memory);
    return error;
}

static int write_jump(uintptr_t place, const void *routine) {
    uint8_t code[jump_bytes];
    make_jump(code, routine);
    return fuzzd_write_code(place, code, sizeof code);
}

static int replace_named(
    const struct fuzzd_replacement *replacements, int count, const char *name, uintptr_t place, uint64_t bytes) {
    for (int i = 0; i < count; i++) {
        if (strcmp(replacements[i].name, name) == 0 && bytes >= jump_bytes) {
            return write_jump(place, replacements[i].routine);
        }
    }
    return 0;
}

// The whole image is in memory, section headers included (vdso(7)).
int fuzzd_replace_in_vdso(const struct fuzzd_replacement *replacements, int count) {
    uintptr_t image = getauxval(AT_SYSINFO_EHDR);
    if (image == 0) {
        return ENOENT;
    }
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(image + header->e_shoff);
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_DYNSYM) {
            continue;
        }
        const Elf64_Sym *symbols = (const Elf64_Sym *)(image + sections[i].sh_offset);
        const char *names = (const char *)(image + sections[sections[i].sh_link].sh_offset);
        for (uint64_t n = 0; n < sections[i].sh_size / sizeof(Elf64_Sym); n++) {
            if (ELF64_ST_TYPE(symbols[n].st_info) != STT_FUNC || symbols[n].st_shndx == SHN_UNDEF) {
                continue;
            }
            int error = replace_named(
                replacements, count, names + symbols[n].st_name, image + symbols[n].st_value, symbols[n].st_size);
            if (error != 0) {
                return error;
            }
        }
        return 0;
    }
    return ENOENT;
}

int fuzzd_replace_in_libc(const struct fuzzd_replacement *replacements, int count) {
    // A program without a shared C library has none of its functions under their names either.
    void *library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL) {
        return 0;
    }
    int error = 0;
    for (int i = 0; i < count && error == 0; i++) {
        void *place = dlsym(library, replacements[i].name);
        if (place != NULL) {
            error = write_jump((uintptr_t)place, replacements[i].routine);
        }
    }
    dlclose(library);
    return error;
}
