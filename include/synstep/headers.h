/*
 * headers: a frame field by field: offset, hex, name, value, meaning. Names, places and purposes
 * are those of the tables of `layer`.
 */
#ifndef SYNSTEP_HEADERS_H
#define SYNSTEP_HEADERS_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/packet.h"
#include "synstep/stack.h"

/* One field. Bit fields share their octets with their neighbours. */
struct ss_field_line {
    const char *layer;   /* "IPv4", "TCP", "TCP option", "payload", "padding" */
    size_t offset;       /* of the first octet, from the start of the frame */
    size_t length;       /* octets it touches */
    char name[32];       /* the RFC's: "Sequence Number" */
    char value[96];      /* "3735928559" */
    char meaning[96];    /* "J", "checksum right", … ; "" when the value says all */
    const char *key;     /* as it is typed: "seq"; "" for options and octets; static storage */
    const char *purpose; /* what the field is for; "" likewise */
};

/* Called for each field in order of offset. */
typedef void ss_headers_visitor(void *context, const struct ss_field_line *line);

/* Visits every field of every header that the view could read; a payload is one line. */
void ss_headers_visit(const struct ss_packet *packet, ss_headers_visitor *visit, void *context);

/* The same of a frame, whatever it carries. */
void ss_headers_visit_frame(enum ss_link link, const uint8_t *frame, size_t length,
                            ss_headers_visitor *visit, void *context);

/* Visits the fields of one layer of a frame of `length` octets, from which `stack` was read. */
void ss_headers_visit_layer(const struct ss_stack *stack, const uint8_t *frame, size_t length,
                            size_t layer, ss_headers_visitor *visit, void *context);

#endif
