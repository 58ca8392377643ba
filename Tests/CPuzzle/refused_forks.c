// Makes fork fail now and then, as where there are too many processes: this program's own function comes before glibc's.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "puzzle.h"

extern pid_t __fork(void);

static unsigned interval;
static unsigned forks;

void puzzle_refuse_forks(const char *every) { interval = (unsigned)atoi(every); }

pid_t fork(void) {
    if (interval != 0 && ++forks % interval == 0) {
        errno = EAGAIN;
        return -1;
    }
    return __fork();
}
