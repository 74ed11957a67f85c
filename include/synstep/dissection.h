/*
 * dissection: one frame explained: every field of every layer, how its checksums come about, and
 * what about it is illegal.
 */
#ifndef SYNSTEP_DISSECTION_H
#define SYNSTEP_DISSECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "synstep/stack.h"

struct ss_dissection_options {
    FILE *out;        /* the caller's; never closed here */
    unsigned columns; /* of the terminal; 80 or more is fitted, less is taken as 80 */
    bool color;
    bool ascii; /* no character above 0x7e */
};

/* A frame to be explained, borrowed. */
struct ss_dissection_frame {
    enum ss_link link;
    bool guessed;  /* the link was not told: it is said which one was taken */
    size_t number; /* counted from 1; 0: there is only one */
    size_t
        probe; /* which of a series that was made here, counted from 1; 0: it came from outside */
    const uint8_t *octets;
    size_t length;
};

/* For people. Returns how many things are illegal. Whether `out` took it all, its caller asks. */
size_t ss_dissection_show(const struct ss_dissection_options *options,
                          const struct ss_dissection_frame *frame);

/*
 * For programs: one line of JSON (synstep-explain(1)), which for a probe has the members of an
 * event of synstep-send(1), too. SS_IO when out of memory.
 */
enum ss_status ss_dissection_json(FILE *out, const struct ss_dissection_frame *frame,
                                  size_t *illegal, struct ss_problem *problem);

#endif
