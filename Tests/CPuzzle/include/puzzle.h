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
#endif
