#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C"
#endif
int parse(const uint8_t *data, size_t size);
