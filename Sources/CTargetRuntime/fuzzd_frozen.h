// Between frozen time and frozen randomness.
#ifndef FUZZD_FROZEN_H
#define FUZZD_FROZEN_H

int fuzzd_freeze_randomness(void);
void fuzzd_restart_randomness(void);

#endif
