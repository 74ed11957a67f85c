/*
 * headers_parts: what the files of the header visit share.
 */
#ifndef SYNSTEP_SHOW_HEADERS_PARTS_H
#define SYNSTEP_SHOW_HEADERS_PARTS_H

#include "synstep/headers.h"

/* A visit under way, in one layer. */
struct ss_visit {
    const struct ss_packet *packet;
    ss_headers_visitor *call;
    void *context;
    const char *layer;
};

/* One field with a printf-style value. */
void ss_visit_field(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                    const char *meaning, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* A field whose value is its octets in hex. */
void ss_visit_octets(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                     const char *meaning);

const char *ss_visit_checksum_text(enum ss_checksum_state state);

/* The TCP header and its options. */
void ss_visit_tcp(const struct ss_visit *visit);

#endif
