// Forks for each input and waits for its child, which ends with a code of its own.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    pid_t child = fork();
    if (child == 0) _exit(size > 0 ? data[0] : 0);
    int status = 0;
    if (child > 0 && waitpid(child, &status, 0) != child) abort();
    if (size > 0 && child > 0 && WIFEXITED(status) && WEXITSTATUS(status) != data[0]) abort();
    return 0;
}
