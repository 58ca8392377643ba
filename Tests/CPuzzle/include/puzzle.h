// Things for the puzzle target that Swift cannot place or call.
#ifndef PUZZLE_H
#define PUZZLE_H
#include <stddef.h>
#include <stdint.h>

// Adds one to every byte of the counters' first and last page that is not a counter and belongs to the variables
// below; returns how many of them lie there. Each child must find them all zero before.
size_t puzzle_touch_neighbours(void);
// How many of the neighbours are not zero now.
size_t puzzle_dirty_neighbours(void);
void puzzle_ignore_signals(void);

// Before serving: what `puzzle_keep_state` changes.
void puzzle_prepare_kept_state(void);
// Leaves a trace of the kind that the letter names; 1 if the trace of an earlier input was there, 0 if not, -1 if the
// letter names none or it could not be left.
int puzzle_keep_state(uint8_t kind);
// The runtime's own system calls of that number (decimal) fail with EIO, or with the error whose number stands behind it.
void puzzle_fail_calls(const char *number);
// Of this process's forks every so many-th (decimal) fails with EAGAIN.
void puzzle_refuse_forks(const char *every);
// 0 if a program could be started and ended as it should.
int puzzle_start_program(void);

// The hard limit too. At 905 the runtime's own few descriptors can still be made, and no duplicates above them.
void puzzle_limit_descriptors(size_t count);
// The address space may grow by so many bytes.
void puzzle_limit_memory(size_t bytes);

// Prints every clock and every source of randomness; returns a hash of it.
uint32_t puzzle_print_time(void);
// Waits in loops of each kind; the number of those that ended in time, of 5.
int puzzle_wait_in_loops(void);
#endif
