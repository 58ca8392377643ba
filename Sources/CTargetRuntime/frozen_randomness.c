// The kernel's randomness as the C library hands it out: the same sequence for each input.
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "fuzzd_code_patch.h"
#include "fuzzd_frozen.h"

static uint64_t drawn; // words since the input began

// SplitMix64: the n-th word of the sequence (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
static uint64_t next_word(void) {
    uint64_t word = (__atomic_add_fetch(&drawn, 1, __ATOMIC_RELAXED)) * 0x9E3779B97F4A7C15u;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
}

static void fill(void *memory, size_t bytes) {
    uint8_t *place = memory;
    while (bytes > 0) {
        uint64_t word = next_word();
        size_t count = bytes < sizeof word ? bytes : sizeof word;
        memcpy(place, &word, count);
        place += count;
        bytes -= count;
    }
}

static ssize_t frozen_getrandom(void *memory, size_t bytes, unsigned int flags) {
    (void)flags;
    fill(memory, bytes);
    return (ssize_t)bytes;
}

static int frozen_getentropy(void *memory, size_t bytes) {
    if (bytes > 256) {
        errno = EIO;
        return -1;
    }
    fill(memory, bytes);
    return 0;
}

static uint32_t frozen_arc4random(void) { return (uint32_t)next_word(); }
static void frozen_arc4random_buf(void *memory, size_t bytes) { fill(memory, bytes); }
static uint32_t frozen_arc4random_uniform(uint32_t bound) {
    return bound < 2 ? 0 : (uint32_t)(((next_word() >> 32) * bound) >> 32);
}

int fuzzd_freeze_randomness(void) {
    static const struct fuzzd_replacement replacements[] = {
        {"getrandom", frozen_getrandom},
        {"getentropy", frozen_getentropy},
        {"arc4random", frozen_arc4random},
        {"arc4random_buf", frozen_arc4random_buf},
        {"arc4random_uniform", frozen_arc4random_uniform},
    };
    return fuzzd_replace_in_libc(replacements, sizeof replacements / sizeof replacements[0]);
}

void fuzzd_restart_randomness(void) {
    if (drawn != 0) {
        drawn = 0;
    }
}
