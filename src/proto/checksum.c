/*
 * checksum: the Internet checksum, four times eight octets at a time.
 */
#include "synstep/checksum.h"

#include <string.h>

#include "synstep/bytes.h"

/* One's complement addition: the carry comes in again at the right (RFC 1071 section 1). */
static inline uint64_t add_with_carry(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word);
}

/* `length` of at most 8 octets as a word in the machine's order, zeros after them. */
static inline uint64_t load(const uint8_t *octets, size_t length)
{
    uint64_t word = 0;
    memcpy(&word, octets, length);
    return word;
}

/*
 * Four carry chains, none of which waits for another: each step is two instructions that must
 * follow each other, and a processor has room for more. By name and not in an array, which gcc at
 * -O2 would keep in memory.
 */
static inline uint64_t add_blocks(uint64_t sum, const uint8_t *octets, size_t length)
{
    uint64_t second = 0, third = 0, fourth = 0;
    for (; length >= 32; octets += 32, length -= 32) {
        sum = add_with_carry(sum, load(octets, 8));
        second = add_with_carry(second, load(octets + 8, 8));
        third = add_with_carry(third, load(octets + 16, 8));
        fourth = add_with_carry(fourth, load(octets + 24, 8));
    }
    return add_with_carry(add_with_carry(sum, second), add_with_carry(third, fourth));
}

static inline uint64_t add_full_words(uint64_t sum, const uint8_t *octets, size_t length)
{
    if (length >= 32) /* a header is shorter, and need not add up chains of nothing */
        sum = add_blocks(sum, octets, length);
    octets += length & ~(size_t)31;
    for (length &= 31; length >= 8; octets += 8, length -= 8)
        sum = add_with_carry(sum, load(octets, 8));
    return sum;
}

/* The up to seven octets that are left, in pieces of fixed size: their offsets are even. */
static inline uint64_t add_rest(uint64_t sum, const uint8_t *octets, size_t length)
{
    if (length & 4) {
        sum = add_with_carry(sum, load(octets, 4));
        octets += 4;
    }
    if (length & 2) {
        sum = add_with_carry(sum, load(octets, 2));
        octets += 2;
    }
    return length & 1 ? add_with_carry(sum, load(octets, 1)) : sum;
}

uint16_t ss_checksum_fold(ss_checksum_sum sum)
{
    sum = (sum >> 32) + (sum & UINT32_MAX);
    sum = (sum >> 32) + (sum & UINT32_MAX);
    sum = (sum >> 16) + (sum & UINT16_MAX);
    sum = (sum >> 16) + (sum & UINT16_MAX);
    return (uint16_t)sum;
}

/*
 * The octets are added in the machine's own order, and only the folded result is put right: the
 * sum does not depend on the order of octets within words (RFC 1071 section 2, B).
 */
ss_checksum_sum ss_checksum_add(ss_checksum_sum sum, const uint8_t *octets, size_t length)
{
    uint64_t raw = add_full_words(0, octets, length);
    raw = add_rest(raw, octets + (length & ~(size_t)7), length);
    uint16_t folded = ss_checksum_fold(raw);
    uint8_t in_order[2];
    memcpy(in_order, &folded, sizeof in_order);
    return sum + ss_bytes_get16(in_order);
}

ss_checksum_sum ss_checksum_pseudo(const struct ss_address *source,
                                   const struct ss_address *destination, uint8_t protocol,
                                   uint32_t length)
{
    ss_checksum_sum sum = (ss_checksum_sum)protocol + (length >> 16) + (length & UINT16_MAX);
    sum = ss_checksum_add(sum, source->octets, ss_address_length(source));
    return ss_checksum_add(sum, destination->octets, ss_address_length(destination));
}

uint16_t ss_checksum_finish(ss_checksum_sum sum)
{
    return (uint16_t)~ss_checksum_fold(sum);
}
