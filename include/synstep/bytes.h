/*
 * bytes: big-endian reading and writing, and a bounded cursor over borrowed octets.
 *
 * The only place in the tree where host order and network order meet.
 */
#ifndef SYNSTEP_BYTES_H
#define SYNSTEP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Each getter reads its width from octets that the caller has checked to exist. */
static inline uint16_t ss_bytes_get16(const uint8_t *at)
{
    return (uint16_t)((uint16_t)at[0] << 8 | at[1]);
}

static inline uint32_t ss_bytes_get32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
}

static inline void ss_bytes_put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void ss_bytes_put32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

/*
 * A reader that never leaves its bounds: a read past the end gives 0 (or NULL) and sets `short_`,
 * which stays set, so that a parser may check once at the end. Borrows the octets.
 */
struct ss_cursor {
    const uint8_t *at;
    const uint8_t *end;
    bool short_;
};

/* `octets` may be NULL when `length` is 0: C17 forbids even adding 0 to NULL. */
static inline struct ss_cursor ss_cursor_over(const uint8_t *octets, size_t length)
{
    const uint8_t *end = length ? octets + length : octets;
    return (struct ss_cursor){.at = octets, .end = end, .short_ = false};
}

static inline size_t ss_cursor_left(const struct ss_cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

/* The next `length` octets, borrowed; NULL when they are not all there (then nothing is consumed).
 */
static inline const uint8_t *ss_cursor_take(struct ss_cursor *cursor, size_t length)
{
    if (ss_cursor_left(cursor) < length) {
        cursor->short_ = true;
        return NULL;
    }
    const uint8_t *octets = cursor->at;
    cursor->at += length;
    return octets;
}

static inline uint8_t ss_cursor_take8(struct ss_cursor *cursor)
{
    const uint8_t *octets = ss_cursor_take(cursor, 1);
    return octets ? octets[0] : 0;
}

static inline uint16_t ss_cursor_take16(struct ss_cursor *cursor)
{
    const uint8_t *octets = ss_cursor_take(cursor, 2);
    return octets ? ss_bytes_get16(octets) : 0;
}

static inline uint32_t ss_cursor_take32(struct ss_cursor *cursor)
{
    const uint8_t *octets = ss_cursor_take(cursor, 4);
    return octets ? ss_bytes_get32(octets) : 0;
}

#endif
