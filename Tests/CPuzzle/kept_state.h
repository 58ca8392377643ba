// Between the files that keep state: as `puzzle_prepare_kept_state` and `puzzle_keep_state`, for other letters.
#ifndef KEPT_STATE_H
#define KEPT_STATE_H
#include <stdint.h>

void puzzle_prepare_kernel_state(void);
int puzzle_keep_kernel_state(uint8_t kind);
#endif
