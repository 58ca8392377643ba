#define _GNU_SOURCE
#include "fuzzd_abi.h"

#include <sys/mman.h>
#include <sys/personality.h>

int fuzzd_memfd_create(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int fuzzd_fix_addresses(void) {
    int before = personality(0xffffffff);
    return before < 0 || personality((unsigned long)before | ADDR_NO_RANDOMIZE) < 0 ? -1 : before;
}

void fuzzd_set_personality(int persona) { personality((unsigned long)persona); }
