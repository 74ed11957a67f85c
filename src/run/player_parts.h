/*
 * player_parts: what the player's files share. Private to src/run.
 */
#ifndef SYNSTEP_RUN_PLAYER_PARTS_H
#define SYNSTEP_RUN_PLAYER_PARTS_H

#include "own_end.h"
#include "recorder.h"
#include "synstep/message.h"
#include "synstep/player.h"

enum {
    HARMS_MAX = 16,
    OPTIONAL_MAX = 16,
    SENT_MAX = 8,          /* remembered: what an ICMP error may be about */
    SENT_BYTES_MAX = 64,   /* of each, from its transport header on */
    CAME_BYTES_MAX = 1280, /* of what came last: what an ICMP error of ours may quote */
};

/* A frame that waits: an arrival that no step has taken yet, or one that `delay` holds back. */
struct frame {
    struct frame *next;
    uint64_t time_us; /* when it came; when it is due */
    uint32_t n;       /* of its segment event */
    enum ss_fate fate;
    struct ss_packet packet;   /* a view of `octets` */
    bool is_message;           /* no TCP segment */
    struct ss_message message; /* then: another view of them */
    size_t length;
    uint8_t octets[];
};

struct frames {
    struct frame *first;
    struct frame *last;
};

/* What `drop`, `duplicate` and `delay` have ordered for the next frames of one direction. */
struct harms {
    size_t count;
    struct {
        enum ss_harm kind;
        uint64_t duration_us;
    } list[HARMS_MAX];
};

struct name {
    bool known;
    uint32_t value;
};

/* A datagram of ours, as an ICMP error would quote it. */
struct sent {
    uint8_t protocol;
    struct ss_address source;
    struct ss_address destination;
    size_t length;
    uint8_t octets[SENT_BYTES_MAX];
};

struct ss_player {
    struct ss_player_options options;
    struct ss_wire *wire;
    struct recorder recorder;
    struct own_end own;
    struct ss_random random;
    uint16_t next_ip_id;
    size_t next_step;
    uint64_t last_step_us; /* when the step before was done: what "after" counts from */
    uint32_t ignored;      /* frames that were no segment for our address and port */

    struct name names[SS_SCENARIO_NAMES_MAX];
    struct frames arrived;  /* in the trace, taken by no step yet */
    struct frames leaving;  /* delayed */
    struct frames held;     /* held back until they are released */
    struct frames arriving; /* delayed */
    struct harms harm_leaving;
    struct harms harm_arriving;
    const struct ss_step *optional[OPTIONAL_MAX]; /* may still come before the next one expected */
    size_t optional_count;

    bool hears[SS_PROTOCOLS];     /* what steps speak of; the rest is not for them */
    uint32_t types[SS_PROTOCOLS]; /* bit i: a step expects the i-th of ss_message_types */
    struct sent sent[SENT_MAX];
    size_t sent_next;
    uint8_t last_came[CAME_BYTES_MAX]; /* the datagram that a step has taken */
    size_t last_came_length;           /* 0: nothing yet */
    bool asked;
    struct ss_layer asker; /* the ARP message that a step has taken last: whom a reply is for */

    struct ss_far_answer answer; /* of the last command: large */
    uint8_t datagram[SS_DATAGRAM_BYTES_MAX];
};

/* --- player_frames.c ---------------------------------------------------------------------------
 */

struct frame *frame_new(const uint8_t *octets, size_t length, enum ss_link link, uint64_t time_us);
enum ss_link frame_link(const struct frame *frame);
void frames_push(struct frames *frames, struct frame *frame);
/* Behind all that are due no later. A list is either pushed to or inserted into, which keeps no
 * `last`. */
void frames_insert(struct frames *frames, struct frame *frame);
/* The first, which there is, taken out; the first that is due, or NULL. */
struct frame *frames_pop(struct frames *frames);
struct frame *frames_pop_due(struct frames *frames, uint64_t now_us);
void frames_clear(struct frames *frames);

/* --- player_harm.c ------------------------------------------------------------------------------
 */

/* The next harm for one direction, taken off its list; DELIVERED when none is ordered. */
enum ss_fate harm_take(struct harms *harms, uint64_t *delay_us);

/* Performs a HARM step: it is for a frame still to come. */
enum ss_status harm_order(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem);

/* --- player_names.c: what numbers are called ---------------------------------------------------
 */

enum { NUMBER_TEXT_SIZE = 72 };

/* "J+6 = 4191057394", or the number alone when no name is near. */
void number_format(const struct ss_player *player, uint32_t value, char text[NUMBER_TEXT_SIZE]);

/* A value as it was to be: "J+6 = 4191057394", "1000..2000", "anything". */
void value_format(const struct ss_player *player, const struct ss_value *value,
                  char text[NUMBER_TEXT_SIZE]);

void name_becomes(struct ss_player *player, const struct ss_value *value, uint32_t actual);

/* Fails with the place of `step`: "FILE:LINE: …". */
enum ss_status fail_at(const struct ss_step *step, struct ss_problem *problem,
                       enum ss_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* --- player_options.c: TCP options to octets, and found in a packet ----------------------------
 */

/* SS_USAGE when they exceed 40 octets or a number does not fit. */
enum ss_status options_build(const struct ss_player *player, const struct ss_step *step,
                             struct ss_draft *draft, struct ss_problem *problem);

/* --- player_match.c: a packet held against what is expected ------------------------------------
 */

struct match {
    uint32_t checks;
    size_t mismatch_count; /* all; no more than fit are kept */
    struct ss_mismatch list[SS_MISMATCHES_MAX];
};

void match_segment(const struct ss_player *player, const struct ss_segment_step *expected,
                   const struct frame *frame, struct match *match);

/* Writes down a difference; NULL texts are not allowed. */
void match_note(struct match *match, bool ok, const char *name, const char *expected,
                const char *actual);
/*
 * Compares one number of so many bits with a value; a name to be bound holds against any. Only one
 * of 32 bits is told by the names: a window of J+1000 says nothing.
 */
void match_value(const struct ss_player *player, struct match *match, const char *name,
                 unsigned bits, const struct ss_value *value, uint32_t actual);
/* "5 octets "hello"", "10 octets", "none": what was expected, in words. */
void payload_word(const struct ss_payload *expected, char text[NUMBER_TEXT_SIZE]);
void match_payload(struct match *match, const char *name, const struct ss_payload *expected,
                   const uint8_t *octets, size_t length);
/* The fields of IP, and those of TCP where it is that. */
void match_fields(const struct ss_player *player, const struct ss_segment_step *expected,
                  const struct ss_packet *packet, struct match *match);
void match_options(const struct ss_player *player, const struct ss_segment_step *expected,
                   const struct ss_packet *packet, struct match *match);

/* The names that the segment gives a value to. */
void bind_segment(struct ss_player *player, const struct ss_segment_step *expected,
                  const struct ss_packet *packet);

/* --- player_draft.c -----------------------------------------------------------------------------
 */

/* What the step says that is carried, into the draft's craft. */
enum ss_status draft_payload(const struct ss_step *step, struct ss_draft *draft,
                             struct ss_problem *problem);

/* --- player_message.c ---------------------------------------------------------------------------
 */

/* A field of that name, where the layer has one. */
void message_put_number(struct ss_layer *layer, const char *name, uint32_t value);
void message_put_address(struct ss_layer *layer, const char *name,
                         const struct ss_address *address);

/* What the value is worth now; a name still to be bound leaves the field as it is. */
enum ss_status message_put(const struct ss_player *player, const struct ss_step *step,
                           struct ss_layer *layer, const char *name, const struct ss_value *value,
                           struct ss_problem *problem);

enum ss_status message_draft(const struct ss_player *player, const struct ss_step *step,
                             struct ss_draft *draft, struct ss_problem *problem);

/* --- player_message_match.c ---------------------------------------------------------------------
 */

/* "UDP sport 8888 dport 50000, 5 octets", "ICMP echo-reply" */
void message_format(const struct ss_packet *packet, const struct ss_message *message, char *text,
                    size_t size);
void match_message(const struct ss_player *player, const struct ss_segment_step *expected,
                   const struct ss_packet *packet, const struct ss_message *message,
                   struct match *match);
void bind_message(struct ss_player *player, const struct ss_segment_step *expected,
                  const struct ss_message *message);

/* --- player_arp.c -------------------------------------------------------------------------------
 */

enum ss_status arp_draft(const struct ss_player *player, const struct ss_step *step,
                         struct ss_draft *draft, struct ss_problem *problem);
/* Whether the peer says it, or it is about our address. */
bool arp_is_for_us(const struct ss_player *player, const struct ss_message *message);

/* --- player_hear.c ------------------------------------------------------------------------------
 */

bool message_is_for_us(const struct ss_player *player, const struct ss_packet *packet,
                       const struct ss_message *message);
/* Whether it is what hosts say by themselves: IGMP, MLD, neighbour discovery. */
bool message_is_housekeeping(const struct ss_message *message);
/* Whether it is an ICMP error that quotes one of the last datagrams that we sent. */
bool is_error_about_us(const struct ss_player *player, const struct ss_packet *packet);
void hear_step(struct ss_player *player, const struct ss_step *step);
void remember_sent(struct ss_player *player, const struct ss_packet *packet);
void remember_came(struct ss_player *player, const struct frame *frame);

/* --- player_send.c ------------------------------------------------------------------------------
 */

/* By the wire that carries it, after all that was sent before. */
enum ss_status put_on_wire(struct ss_player *player, enum ss_link link, const uint8_t *octets,
                           size_t length, enum ss_fate *fate, struct ss_problem *problem);
enum ss_status send_draft(struct ss_player *player, const struct ss_step *step,
                          const struct ss_draft *draft, struct ss_problem *problem);

/* Sends what `delay` has held back long enough. */
enum ss_status send_due(struct ss_player *player, struct ss_problem *problem);

/* --- player_hold.c ------------------------------------------------------------------------------
 */

/* At the end: what was never released never goes, and that is told. */
enum ss_status forget_held(struct ss_player *player);

/* --- player_arrive.c ----------------------------------------------------------------------------
 */

/* Takes in what comes until `until_us`, or until one more waits in `arrived` when `one`. */
enum ss_status take_in(struct ss_player *player, uint64_t until_us, bool one,
                       struct ss_problem *problem);

/* --- player_expect.c ----------------------------------------------------------------------------
 */

enum ss_status expect(struct ss_player *player, const struct ss_step *step,
                      struct ss_problem *problem);
enum ss_status expect_optional(struct ss_player *player, const struct ss_step *step,
                               struct ss_problem *problem);
enum ss_status expect_skipping(struct ss_player *player, const struct ss_step *step,
                               struct ss_problem *problem);
enum ss_status expect_not(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem);
/* `step` is the GROUP; its members follow it. */
enum ss_status expect_group(struct ss_player *player, const struct ss_step *step,
                            struct ss_problem *problem);

/* --- player_peer.c ------------------------------------------------------------------------------
 */

enum ss_status order_peer(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem);

#endif
