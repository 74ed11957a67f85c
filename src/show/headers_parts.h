/*
 * headers_parts: what the files of the header visit share.
 */
#ifndef SYNSTEP_SHOW_HEADERS_PARTS_H
#define SYNSTEP_SHOW_HEADERS_PARTS_H

#include "synstep/headers.h"

/* A visit under way, in one layer. */
struct ss_visit {
    const struct ss_stack *stack;
    const uint8_t *frame;
    size_t length;
    size_t i;
    const struct ss_layer *layer;
    ss_headers_visitor *call;
    void *context;
    const char *title; /* of the layer, or of its options */
};

/* One piece that is no field of a table, with a printf-style value. */
void ss_visit_piece(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                    const char *meaning, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* A piece whose value is its octets in hex. */
void ss_visit_octets(const struct ss_visit *visit, size_t offset, size_t length, const char *name,
                     const char *meaning);

/* What a field's value means here; "" when it says all. */
void ss_visit_word_meaning(const struct ss_visit *visit, size_t field, char meaning[96]);

/* Whether a field is shown: of those that overlap, one, or those that the type gives a meaning. */
bool ss_visit_is_shown(const struct ss_layer *layer, size_t field);

/* What stands behind the fixed part of the header, `at` octets into the frame. */
void ss_visit_rest(const struct ss_visit *visit, size_t at);
void ss_visit_tcp_options(const struct ss_visit *visit, size_t begin);

#endif
