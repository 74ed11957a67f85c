/*
 * transcript: a connection of a capture -> a scenario (synstep-scenario(5)) in which one of its
 * ends is crafted again, segment by segment, and the other is a peer that is told to do what it
 * did.
 *
 * Pure: the same segments, the same text. What a replay cannot repeat to the letter is written so
 * that it holds all the same: acknowledgments that may come merged are optional, segments that the
 * peer never got are dropped, those larger than a link carries come in pieces.
 */
#ifndef SYNSTEP_TRANSCRIPT_H
#define SYNSTEP_TRANSCRIPT_H

#include <stdint.h>
#include <stdio.h>

#include "synstep/flows.h"
#include "synstep/packet.h"
#include "synstep/status.h"
#include "synstep/verify.h"

enum { SS_TRANSCRIPT_SEGMENTS_MAX = 20000 };

struct ss_transcript_options {
    const char *file;           /* how the capture is called; borrowed */
    const struct ss_flow *flow; /* of it is kept what it is called */
    enum ss_side crafted;
};

struct ss_transcript;

/* NULL when out of memory. Free with ss_transcript_free (NULL is fine). */
struct ss_transcript *ss_transcript_new(const struct ss_transcript_options *options);
void ss_transcript_free(struct ss_transcript *transcript);

/* Where and when a packet was captured. */
struct ss_transcript_place {
    uint64_t frame;
    uint64_t time_us;
};

/*
 * Appends a packet of the connection, `taken` being what ss_flows_take made of it. Copies.
 * SS_UNREADABLE when there are more than a scenario can hold.
 */
enum ss_status ss_transcript_add(struct ss_transcript *transcript,
                                 const struct ss_transcript_place *place,
                                 const struct ss_packet *packet, const struct ss_flow_packet *taken,
                                 struct ss_problem *problem);

/*
 * Writes the scenario. SS_UNREADABLE when the capture does not hold enough of the connection: both
 * ends' SYNs, or a refusal. Trouble with `out` is told by ferror.
 */
enum ss_status ss_transcript_write(struct ss_transcript *transcript, FILE *out,
                                   struct ss_problem *problem);

#endif
