// The tables by which objects call each other (ELF, "Relocation"; System V ABI for x86-64): who calls what, and functions replaced there.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "fuzzd_code_patch.h"

struct patch {
    const struct fuzzd_replacement *replacements;
    int count;
    int error;
};

struct search {
    const char *const *names;
    int count;
    int is_found;
};

// What an object's dynamic section names.
struct tables {
    const ElfW(Sym) *symbols;
    const char *names;
    const ElfW(Rela) *relocations[2];
    size_t bytes[2];
};

static const void *replacement(const struct patch *patch, const char *name) {
    for (int i = 0; i < patch->count; i++) {
        if (strcmp(patch->replacements[i].name, name) == 0) {
            return patch->replacements[i].routine;
        }
    }
    return NULL;
}

// The dynamic linker has made most tables read-only by now.
static int write_address(uintptr_t place, const void *address, int is_relocated_read_only) {
    enum { page_bytes = 4096 };
    void *page = (void *)(place & ~(uintptr_t)(page_bytes - 1));
    if (mprotect(page, page_bytes, PROT_READ | PROT_WRITE) != 0) {
        return errno;
    }
    memcpy((void *)place, &address, sizeof address);
    return is_relocated_read_only && mprotect(page, page_bytes, PROT_READ) != 0 ? errno : 0;
}

static struct tables tables_of(const ElfW(Dyn) *entry) {
    struct tables tables = {0};
    for (; entry->d_tag != DT_NULL; entry++) {
        // glibc has added the load bias already, but to the vDSO's, which has no such relocations.
        const void *place = (const void *)entry->d_un.d_ptr;
        switch (entry->d_tag) {
        case DT_SYMTAB: tables.symbols = place; break;
        case DT_STRTAB: tables.names = place; break;
        case DT_RELA: tables.relocations[0] = place; break;
        case DT_RELASZ: tables.bytes[0] = entry->d_un.d_val; break;
        case DT_JMPREL: tables.relocations[1] = place; break;
        case DT_PLTRELSZ: tables.bytes[1] = entry->d_un.d_val; break;
        default: break;
        }
    }
    return tables;
}

static void patch_table(
    struct patch *patch, const struct dl_phdr_info *info, const struct tables *tables, int table, const ElfW(Phdr) *read_only) {
    const ElfW(Rela) *relocations = tables->relocations[table];
    for (size_t i = 0; relocations != NULL && i < tables->bytes[table] / sizeof *relocations; i++) {
        unsigned type = ELF64_R_TYPE(relocations[i].r_info);
        if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64) {
            continue;
        }
        const ElfW(Sym) *symbol = &tables->symbols[ELF64_R_SYM(relocations[i].r_info)];
        const void *routine = replacement(patch, tables->names + symbol->st_name);
        if (routine == NULL || (type == R_X86_64_64 && relocations[i].r_addend != 0)) {
            continue;
        }
        uintptr_t place = info->dlpi_addr + relocations[i].r_offset;
        int is_read_only = read_only != NULL && place - info->dlpi_addr - read_only->p_vaddr < read_only->p_memsz;
        int error = write_address(place, routine, is_read_only);
        patch->error = patch->error != 0 ? patch->error : error;
    }
}

// Whether the object has such tables: neither the vDSO, nor the dynamic linker, which calls nobody.
static int find_tables(const struct dl_phdr_info *info, struct tables *tables, const ElfW(Phdr) **read_only) {
    const ElfW(Dyn) *dynamic = NULL;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC) {
            dynamic = (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        } else if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
            *read_only = &info->dlpi_phdr[i];
        }
    }
    if (dynamic == NULL || strstr(info->dlpi_name, "vdso") != NULL || strstr(info->dlpi_name, "ld-linux") != NULL) {
        return 0;
    }
    *tables = tables_of(dynamic);
    return tables->symbols != NULL && tables->names != NULL;
}

static int patch_object(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    const ElfW(Phdr) *read_only = NULL;
    struct tables tables;
    if (find_tables(info, &tables, &read_only)) {
        patch_table(context, info, &tables, 0, read_only);
        patch_table(context, info, &tables, 1, read_only);
    }
    return 0;
}

int fuzzd_replace_in_objects(const struct fuzzd_replacement *replacements, int count) {
    struct patch patch = {.replacements = replacements, .count = count};
    dl_iterate_phdr(patch_object, &patch);
    return patch.error;
}

static int search_object(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    struct search *search = context;
    const ElfW(Phdr) *read_only;
    struct tables tables;
    if (strstr(info->dlpi_name, "/libc.so.") != NULL || !find_tables(info, &tables, &read_only)) {
        return 0;
    }
    for (int table = 0; table < 2; table++) {
        const ElfW(Rela) *relocations = tables.relocations[table];
        for (size_t i = 0; relocations != NULL && i < tables.bytes[table] / sizeof *relocations; i++) {
            const char *name = tables.names + tables.symbols[ELF64_R_SYM(relocations[i].r_info)].st_name;
            for (int n = 0; n < search->count; n++) {
                search->is_found |= strcmp(name, search->names[n]) == 0;
            }
        }
    }
    return search->is_found;
}

int fuzzd_is_any_used(const char *const *names, int count) {
    struct search search = {.names = names, .count = count};
    dl_iterate_phdr(search_object, &search);
    return search.is_found;
}
