// Drives the fork server that AFL++ compiles into a program (its docs: "fork server protocol": descriptors 198 and 199), with what
// afl-fuzz does for every input and without its mutation: write the input, clear the map, run, read the status, look at the map.
// Part of `fuzzd-bench`, which speaks with it line by line:
//
//   afl-loop PROGRAM BYTES  prints "ready 0 0" once the fork server has said hello; inputs have BYTES bytes
//   stdin: a decimal number of turns; stdout: the loop's duration in nanoseconds
//
// Ends at the end of its input.
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAP_BYTES = 65536, CONTROL = 198, STATUS = 199, LINE_BYTES = 256 };

static int control;
static int status;
static int input_file;
static uint8_t *map;
static uint8_t seen[MAP_BYTES];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static uint32_t receive(void) {
    uint32_t word;
    if (read(status, &word, sizeof word) != sizeof word) fail("afl-loop: the fork server is gone");
    return word;
}

static void start(const char *program) {
    int shared = shmget(IPC_PRIVATE, MAP_BYTES, IPC_CREAT | 0600);
    int to[2], from[2];
    if (shared < 0 || (map = shmat(shared, NULL, 0)) == (void *)-1) fail("afl-loop: shared memory");
    input_file = memfd_create("input", 0);
    if (pipe(to) != 0 || pipe(from) != 0 || input_file < 0) fail("afl-loop: pipes");
    char name[32];
    snprintf(name, sizeof name, "%d", shared);
    setenv("__AFL_SHM_ID", name, 1);
    setenv("AFL_MAP_SIZE", "65536", 1);
    setenv("LD_BIND_NOW", "1", 1);
    if (fork() == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        dup2(input_file, 0);
        dup2(nowhere, 1);
        dup2(nowhere, 2);
        dup2(to[0], CONTROL);
        dup2(from[1], STATUS);
        close(to[0]), close(to[1]), close(from[0]), close(from[1]);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    close(to[0]), close(from[1]);
    control = to[1];
    status = from[0];
    receive();
    shmctl(shared, IPC_RMID, NULL);
}

static void run_one(const uint8_t *input, size_t size) {
    static const uint32_t was_killed;
    if (pwrite(input_file, input, size, 0) != (ssize_t)size || ftruncate(input_file, (off_t)size) != 0) fail("afl-loop: input");
    lseek(input_file, 0, SEEK_SET);
    memset(map, 0, MAP_BYTES);
    if (write(control, &was_killed, sizeof was_killed) != sizeof was_killed) fail("afl-loop: the fork server is gone");
    receive();
    if (receive() != 0) fail("afl-loop: the program did not end with 0");
    const uint64_t *words = (const uint64_t *)(const void *)map;
    for (size_t i = 0; i < MAP_BYTES / sizeof *words; i++)
        if (words[i] != 0)
            for (size_t byte = i * 8; byte < i * 8 + 8; byte++) seen[byte] |= map[byte];
}

static uint64_t run(long turns, const uint8_t *input, size_t size) {
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (long turn = 0; turn < turns; turn++) run_one(input, size);
    clock_gettime(CLOCK_MONOTONIC, &after);
    return (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000u + (uint64_t)after.tv_nsec - (uint64_t)before.tv_nsec;
}

int main(int argc, char **argv) {
    size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    uint8_t *input = calloc(1, size + 1);
    if (argc != 3 || input == NULL) {
        fprintf(stderr, "usage: afl-loop PROGRAM BYTES\n");
        return 2;
    }
    memset(input, 'x', size);
    start(argv[1]);
    run_one(input, size);
    size_t edges = 0;
    for (size_t i = 0; i < MAP_BYTES; i++) edges += seen[i] != 0;
    if (edges == 0) {
        fprintf(stderr, "afl-loop: %s reported no coverage\n", argv[1]);
        return 1;
    }
    printf("ready 0 0\n");
    fflush(stdout);
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        printf("%" PRIu64 "\n", run(strtol(line, NULL, 10), input, size));
        fflush(stdout);
    }
    return 0;
}
