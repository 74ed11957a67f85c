/* exact: octets in a block of their own that ends where they end, so that AddressSanitizer and
 * valgrind notice a read of even one octet too many, also when there are none at all. */
#ifndef SS_TESTS_EXACT_H
#define SS_TESTS_EXACT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct exact {
    uint8_t *block;
    uint8_t *octets;
};

static inline struct exact exact_copy(const uint8_t *octets, size_t length)
{
    struct exact copy = {.block = malloc(length + 1)};
    if (!copy.block)
        abort();
    copy.octets = copy.block + 1;
    if (length > 0)
        memcpy(copy.octets, octets, length);
    return copy;
}

static inline void exact_free(struct exact copy)
{
    free(copy.block);
}

#endif
