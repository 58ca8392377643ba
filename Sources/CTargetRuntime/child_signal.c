// SIGCHLD belongs to the machine parent while it serves: where a harness ignores the signal the kernel keeps no status of a
// child, and a handler of the harness's could reap one. Children get back what the harness had chosen.
#include "fuzzd_target.h"

int fuzzd_has_child_signal;
static struct sigaction of_harness;

void fuzzd_take_child_signal(void) {
    struct sigaction current;
    if (fuzzd_has_child_signal || sigaction(SIGCHLD, NULL, &current) != 0) {
        return;
    }
    int is_default = !(current.sa_flags & SA_SIGINFO) && current.sa_handler == SIG_DFL;
    if (is_default && !(current.sa_flags & SA_NOCLDWAIT)) {
        return;
    }
    of_harness = current;
    struct sigaction plain = {.sa_handler = SIG_DFL};
    fuzzd_has_child_signal = sigaction(SIGCHLD, &plain, NULL) == 0;
}

void fuzzd_give_child_signal_back(void) {
    fuzzd_has_child_signal = 0;
    (void)sigaction(SIGCHLD, &of_harness, NULL);
}
