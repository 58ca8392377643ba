// What cargo-fuzz links: the Rust crate libfuzzer-sys gives the entry points, the fuzz target itself has other names.
// Written in C with the same symbols; a panic ends in abort().
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((weak)) int rust_fuzzer_debug_path;

void rust_fuzzer_initialize(void);
int rust_fuzzer_test_input(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    rust_fuzzer_initialize();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return rust_fuzzer_test_input(data, size); }

static int hook;

void rust_fuzzer_initialize(void) { hook = 1; }

static void panic(const char *message) {
    fprintf(stderr, "thread '<unnamed>' panicked at %s\n", message);
    if (hook) abort();
}

int rust_fuzzer_test_input(const uint8_t *data, size_t size) {
    uint8_t table[4] = {1, 2, 3, 4};
    if (size < 2 || data[0] != 'r') return 0;
    size_t index = data[1] % 5;
    if (index >= sizeof table) panic("index out of bounds: the len is 4 but the index is 4");
    volatile uint8_t value = table[index % 4];
    (void)value;
    return 0;
}
