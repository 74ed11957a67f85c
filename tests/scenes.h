/*
 * scenes: runs written by hand, event by event, for the tests of whatever shows a run.
 *
 * Packets are made with craft and read with packet, so that a sink sees what it would see live; the
 * verdicts are stated here, not asked of verify: a scene can hold what no run would.
 */
#ifndef SS_TESTS_SCENES_H
#define SS_TESTS_SCENES_H

#include "synstep/craft.h"
#include "synstep/trace.h"

enum { SCENE_EVENTS_MAX = 64, SCENE_OCTETS_MAX = 1700 };

struct scene {
    struct ss_socket_address ends[2];
    uint64_t time_us;
    size_t count;
    struct ss_event events[SCENE_EVENTS_MAX];
    uint8_t octets[SCENE_EVENTS_MAX][SCENE_OCTETS_MAX];
};

/* What a segment of a scene says beyond its flags. Zeros and NULLs leave out. */
struct scene_segment {
    enum ss_side from;
    uint8_t flags;
    uint32_t seq;
    uint32_t ack;
    const char *seq_symbol;
    const char *ack_symbol;
    const char *data;
    uint16_t window;
    uint32_t window_bytes;
    struct ss_tcp_options options;
    enum ss_tcp_state before[2];
    enum ss_tcp_state after[2];
    enum ss_fate fate;
    uint32_t verbatim_checksum; /* 0: computed */
};

/* An empty scene between 10.0.0.1:40001 and 10.0.0.2:8888, or the like for IPv6. */
void scene_begin(struct scene *scene, uint8_t version);

struct ss_event *scene_start(struct scene *scene, uint32_t isn);
struct ss_event *scene_segment(struct scene *scene, const struct scene_segment *segment);

/* A verdict upon the last event, which is a segment. */
void scene_verdict(struct scene *scene, enum ss_verdict_level level, const char *name,
                   const char *clause, enum ss_verdict_numbers numbers, uint32_t expected,
                   uint32_t actual);
struct ss_event *scene_witness(struct scene *scene, const char *moment, enum ss_tcp_state state,
                               uint32_t rcv_nxt, uint32_t write_seq);
struct ss_event *scene_note(struct scene *scene, bool warning, const char *text);

/* A scenario's step; `file` may be left out. Then what differs, for the last event. */
struct ss_event *scene_step(struct scene *scene, const struct ss_event_step *step);
void scene_mismatch(struct scene *scene, const char *name, const char *expected,
                    const char *actual);

struct ss_event *scene_end(struct scene *scene);

/* An ICMP port unreachable (RFC 792, RFC 4443) that quotes our segment with that seq. */
struct ss_event *scene_icmp(struct scene *scene, uint32_t quoted_seq);

/* Another datagram, which the caller fills in. */
struct ss_event *scene_datagram(struct scene *scene);

void scene_play(const struct scene *scene, struct ss_sink sink);

/* Whole scenes. */
void scene_whole(struct scene *scene, uint8_t version); /* SYN to last ACK, "hello" echoed */
void scene_wrong_ack(struct scene *scene);              /* a SYN/ACK that acknowledges J+2 */
void scene_impaired(struct scene *scene);               /* every fate, notes, a warning */
void scene_unreachable(struct scene *scene);            /* an ICMP error, then the end */
void scene_played(struct scene *scene);                 /* a scenario that holds */
void scene_unmet(struct scene *scene);                  /* one whose peer does not as expected */
void scene_datagrams(struct scene *scene);              /* UDP, ICMP, IGMP, one cut short */
void scene_arp(struct scene *scene);                    /* in frames, the last not said to be ARP */

#endif
