/*
 * capture_source: the octets of a capture file through a window of fixed size, one after the other:
 * from a file, a pipe or memory, unpacked when they are gzip's.
 *
 * Read and not mapped: a file that somebody shortens meanwhile then ends early, where a mapping
 * would end the process.
 */
#ifndef SRC_WIRE_CAPTURE_SOURCE_H
#define SRC_WIRE_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CAPTURE_WINDOW_BYTES = 512 * 1024 };

struct capture_gzip;

struct capture_source {
    const uint8_t *at; /* what is here and not yet taken: up to `end` */
    const uint8_t *end;
    const uint8_t *begin;      /* of the window, whose place in the file is `begin_offset` */
    uint64_t begin_offset;     /* counted in unpacked octets */
    int file;                  /* -1: memory, of which all is here from the start */
    bool ended;                /* nothing more comes */
    int error;                 /* errno of a read that failed; 0: none */
    const char *trouble;       /* what is wrong with packed octets, static storage; NULL: nothing */
    uint8_t *buffer;           /* NULL for memory */
    struct capture_gzip *gzip; /* NULL: not packed */
    uint8_t *packed;           /* what was read before that was known */
};

/*
 * Looks at what the file (-1: the borrowed octets) begins with. False when out of memory.
 */
bool capture_source_open(struct capture_source *source, int file, const uint8_t *octets,
                         size_t length);

/* Does not close the file. */
void capture_source_close(struct capture_source *source);

/* What capture_source_need does when too little is here. */
bool capture_source_fill(struct capture_source *source, size_t length);

/*
 * Makes `length` octets, at most CAPTURE_WINDOW_BYTES, be here at `at`; moves what is there
 * already. False when fewer come: then those are here.
 */
static inline bool capture_source_need(struct capture_source *source, size_t length)
{
    return (size_t)(source->end - source->at) >= length || capture_source_fill(source, length);
}

/* Passes any number of octets. False when fewer come. */
bool capture_source_pass(struct capture_source *source, uint64_t length);

static inline size_t capture_source_here(const struct capture_source *source)
{
    return (size_t)(source->end - source->at);
}

/* Where `at` is in the file, in unpacked octets. */
static inline uint64_t capture_source_offset(const struct capture_source *source)
{
    return source->begin_offset + (uint64_t)(source->at - source->begin);
}

#endif
