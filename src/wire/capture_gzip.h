/* capture_gzip: gzip's octets (RFC 1952), members one after the other, unpacked by zlib. */
#ifndef SRC_WIRE_CAPTURE_GZIP_H
#define SRC_WIRE_CAPTURE_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct capture_gzip;

/* Whether octets begin a gzip member. */
bool capture_gzip_is(const uint8_t *octets, size_t length);

/* Begins with the octets read already, the file's others to follow. NULL when out of memory or zlib
 * is not there. */
struct capture_gzip *capture_gzip_new(int file, const uint8_t *octets, size_t length);
void capture_gzip_free(struct capture_gzip *gzip); /* NULL is fine */

/*
 * Unpacks up to `room` octets: how many came; 0 at the end; -1 with errno; -2 with `*trouble` when
 * they are damaged or break off.
 */
ssize_t capture_gzip_read(struct capture_gzip *gzip, uint8_t *octets, size_t room,
                          const char **trouble);

/* How many packed octets were read so far. */
uint64_t capture_gzip_position(const struct capture_gzip *gzip);

#endif
