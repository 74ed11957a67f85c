/*
 * ladder_parts: what the files of the ladder share.
 */
#ifndef SYNSTEP_SHOW_LADDER_PARTS_H
#define SYNSTEP_SHOW_LADDER_PARTS_H

#include "lines.h"
#include "synstep/ladder.h"
#include "text.h"

enum { SS_LADDER_CITED_MAX = 128 };

struct ss_ladder {
    struct ss_ladder_options options;
    struct ss_lines lines;
    bool states_known;
    enum ss_tcp_state states[2];            /* as last shown */
    bool tight;                             /* the last block may be followed without a space */
    bool after_step;                        /* the last block was a step that stands by itself */
    bool has_datagrams;                     /* what is counted was not segments only */
    uint32_t last_n;                        /* the segment just shown; 0: it was something else */
    const char *cited[SS_LADDER_CITED_MAX]; /* rules whose clause was already shown */
    size_t cited_count;
};

/* The style of what `side` sends, and of the letters of its stream. */
const char *ss_ladder_style(enum ss_side side);

/* Begins a block: a space before it, unless both it and the last are tight. */
void ss_ladder_begin_block(struct ss_ladder *ladder, bool tight);

void ss_ladder_show_start(struct ss_ladder *ladder, const struct ss_event_start *start);
void ss_ladder_show_segment(struct ss_ladder *ladder, const struct ss_event_segment *segment,
                            uint64_t time_us);
void ss_ladder_show_witness(struct ss_ladder *ladder, const struct ss_event_witness *witness);
void ss_ladder_show_step(struct ss_ladder *ladder, const struct ss_event_step *step);
void ss_ladder_show_note(struct ss_ladder *ladder, const struct ss_event_note *note);
void ss_ladder_show_end(struct ss_ladder *ladder, const struct ss_event_end *end);

/* Whether `segment` needs no more than its numbers: data or an ACK like those before. */
bool ss_ladder_is_plain(const struct ss_ladder *ladder, const struct ss_event_segment *segment);

/* Returns whether the payload's text found room on the arrow. */
bool ss_ladder_draw_arrow(struct ss_ladder *ladder, const struct ss_event_segment *segment);

/* A small payload as quoted text; "" for none or a large one. */
void ss_ladder_word_payload(struct ss_text *text, const struct ss_packet *packet);
void ss_ladder_word_octets(struct ss_text *text, const uint8_t *octets, size_t length);

/* ladder_datagram.c: what is no segment. */
/* "UDP, 5 octets", "ICMP echo request, 14 octets" */
void ss_ladder_label_datagram(struct ss_text *label, const struct ss_packet *packet);
/* Its name alone, for where there is little room: "UDP". */
const char *ss_ladder_name_datagram(const struct ss_packet *packet);
/* The fields that say what it is about. */
void ss_ladder_write_datagram(struct ss_ladder *ladder, const struct ss_packet *packet);
/* A small payload as quoted text; "" for none, a large one, and what is no text to anybody. */
void ss_ladder_word_datagram(struct ss_text *text, const struct ss_packet *packet);

/* Whether the arrow's label names the seq beside the flags. */
bool ss_ladder_arrow_bears_seq(const struct ss_packet *packet);

void ss_ladder_write_numbers(struct ss_ladder *ladder, const struct ss_event_segment *segment,
                             bool payload_shown);
void ss_ladder_write_checks(struct ss_ladder *ladder, const struct ss_event_segment *segment);
void ss_ladder_write_headers(struct ss_ladder *ladder, const struct ss_event_segment *segment);

/* The same, fields whose value differs from those of `before` with a mark. */
void ss_ladder_write_changes(struct ss_ladder *ladder, const struct ss_event_segment *segment,
                             const struct ss_packet *before);

/* "segment 2: SYN,ACK from the peer", over the whole width. */
void ss_ladder_write_name(struct ss_ladder *ladder, const struct ss_event_segment *segment);

/* "─ TCP ───" over the whole width. */
void ss_ladder_write_title(struct ss_lines *lines, const char *words);

/* Whether the clause of the rule of that name has been shown. */
bool ss_ladder_is_cited(const struct ss_ladder *ladder, const char *name);

/* "4 checks" with its mark, for the right margin; "" when there are none. */
void ss_ladder_summarise_checks(const struct ss_ladder *ladder, const struct ss_verdicts *verdicts,
                                struct ss_text *text);

#endif
