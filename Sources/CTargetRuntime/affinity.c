// Which processors the machine parent and its children run on (sched_setaffinity(2)).
#define _GNU_SOURCE
#include <sched.h>

#include "fuzzd_target.h"

static cpu_set_t allowed;

int fuzzd_read_processors(void) {
    if (getenv("FUZZD_NO_AFFINITY") != NULL || sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        return 0;
    }
    return CPU_COUNT(&allowed);
}

void fuzzd_use_all_processors(void) { (void)sched_setaffinity(0, sizeof allowed, &allowed); }

void fuzzd_use_this_processor(void) {
    int processor = sched_getcpu();
    if (processor < 0 || processor >= CPU_SETSIZE) {
        return;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    (void)sched_setaffinity(0, sizeof one, &one);
}
