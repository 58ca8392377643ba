#define _GNU_SOURCE
#include "fuzzd_abi.h"

#include <sys/mman.h>

int fuzzd_memfd_create(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
