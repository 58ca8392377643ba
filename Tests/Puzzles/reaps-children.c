// Reaps whatever child ends, as servers do; what runs its inputs must not lose the end of a child to it.
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int signal_number) {
    (void)signal_number;
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART | SA_NOCLDWAIT};
    return sigaction(SIGCHLD, &action, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sigaction current;
    // The inputs have the harness's handler.
    if (sigaction(SIGCHLD, NULL, &current) != 0 || current.sa_handler != reap) _exit(3);
    if (size > 0 && data[0] == 'G') abort();
    return 0;
}
