// Inputs are coded: a key byte, the text XORed with it, and a CRC over all. Only its own mutator makes inputs that pass.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maximumSize);

enum { checksumBytes = 4, overheadBytes = 1 + checksumBytes, textBytes = 64 };

static uint32_t crc(const uint8_t *data, size_t size) {
    uint32_t sum = 0xffffffffU;
    for (size_t i = 0; i < size; i++) {
        sum ^= data[i];
        for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (0xedb88320U & -(sum & 1));
    }
    return ~sum;
}

// Returns the length of the text, or -1.
__attribute__((no_sanitize("coverage"))) static long decode(const uint8_t *data, size_t size, uint8_t *text) {
    uint32_t sum;
    if (size < overheadBytes || size > overheadBytes + textBytes) return -1;
    memcpy(&sum, data + size - checksumBytes, checksumBytes);
    if (sum != crc(data, size - checksumBytes)) return -1;
    for (size_t i = 1; i < size - checksumBytes; i++) text[i - 1] = data[i] ^ data[0];
    return (long)(size - overheadBytes);
}

static size_t encode(const uint8_t *text, size_t size, uint8_t key, uint8_t *data) {
    data[0] = key;
    for (size_t i = 0; i < size; i++) data[1 + i] = text[i] ^ key;
    uint32_t sum = crc(data, 1 + size);
    memcpy(data + 1 + size, &sum, checksumBytes);
    return size + overheadBytes;
}

#ifndef WITHOUT_MUTATOR
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maximumSize, unsigned int seed) {
    uint8_t text[textBytes];
    long length = decode(data, size, text);
    if (maximumSize <= overheadBytes) return 0;
    size_t room = maximumSize - overheadBytes < textBytes ? maximumSize - overheadBytes : textBytes;
    if (length < 0 || (size_t)length > room) length = 0;
    size_t changed = LLVMFuzzerMutate(text, (size_t)length, room);
    return encode(text, changed, (uint8_t)(seed >> 3), data);
}
#else
size_t (*const unused)(const uint8_t *, size_t, uint8_t, uint8_t *) = encode;
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t text[textBytes];
    long length = decode(data, size, text);
    if (length > 0 && text[0] >= 0xa0)
        if (length > 1 && text[1] < 0x10)
            if (length > 2 && text[2] % 16 == 7) abort();
    return 0;
}
