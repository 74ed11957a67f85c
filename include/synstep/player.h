/*
 * player: runs a scenario's steps: what it sends is crafted, what arrives is held against what is
 * expected, the peer does as it is told, and all of it goes past verify into the trace.
 *
 * Our own end is no machine here: nothing leaves that no step says. What a segment leaves out comes
 * from SND.NXT and RCV.NXT as both directions' segments make them.
 */
#ifndef SYNSTEP_PLAYER_H
#define SYNSTEP_PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/craft.h"
#include "synstep/ethernet.h"
#include "synstep/far.h"
#include "synstep/random.h"
#include "synstep/scenario.h"
#include "synstep/stack.h"
#include "synstep/status.h"
#include "synstep/trace.h"
#include "synstep/wire.h"

struct ss_player_options {
    const struct ss_scenario *scenario;
    struct ss_socket_address local; /* the crafted end */
    struct ss_socket_address peer;
    struct ss_far *far;      /* NULL: somebody else's server, which no `peer` statement moves */
    bool simulated;          /* time is exact: "after" is judged */
    bool raw;                /* the raw wire's kernel rewrites some fields (raw(7)): refused */
    bool by_hand;            /* stepped through by somebody slower than the peer's timers: what it
                                repeats meanwhile is passed over where no step expects it */
    struct ss_random random; /* what is random in the scenario */
    uint16_t first_ip_id;
    const char *where; /* for the start event */
    /* Of a scenario that speaks of ARP: the wire that its frames leave by, and our own card. */
    struct ss_wire *frames;
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES];
};

struct ss_player;

/* A segment as it will go, all its fields worked out; the caller may edit `craft` and `options`. */
struct ss_draft {
    struct ss_craft craft;                     /* its options and payload point into this draft */
    uint8_t options[SS_TCP_OPTIONS_BYTES_MAX]; /* craft.options_length of them */
    uint8_t *payload;                          /* owned: ss_draft_clear */
    enum ss_protocol protocol;                 /* other than TCP: `stack` in place of `craft` */
    struct ss_stack stack;                     /* its last layer, the payload, borrows likewise */
    uint32_t corrupt;                          /* enum ss_corruption, or-ed; done last of all */
    enum ss_fate fate; /* DELIVERED: as is ordered for the next frame; DELAYED: it is held back
                          until ss_player_release */
};

void ss_draft_clear(struct ss_draft *draft);

/* What the octets that it becomes begin with. */
static inline enum ss_link ss_draft_link(const struct ss_draft *draft)
{
    return draft->protocol == SS_PROTOCOL_ARP ? SS_LINK_ETHERNET : SS_LINK_IP;
}

/*
 * The datagram that it becomes, corrupted if it is to be, into `octets`. SS_NO_SPACE, SS_USAGE: as
 * ss_craft_build.
 */
enum ss_status ss_draft_build(const struct ss_draft *draft, uint8_t *octets, size_t size,
                              size_t *length);

/*
 * What can be known to be wrong before anything is sent: fields that the wire rewrites, a peer that
 * takes no orders, a version that the scenario is not for. SS_USAGE with place and reason.
 */
enum ss_status ss_player_check(const struct ss_player_options *options, struct ss_problem *problem);

/* The same of a step that is not in the scenario. */
enum ss_status ss_player_check_step(const struct ss_player_options *options,
                                    const struct ss_step *step, struct ss_problem *problem);

/* Appends the start event. NULL when out of memory. Everything given is borrowed. */
struct ss_player *ss_player_new(const struct ss_player_options *options, struct ss_wire *wire,
                                struct ss_trace *trace);

/* The step that comes next; NULL at the end. */
const struct ss_step *ss_player_next(const struct ss_player *player);

/* The segment of the next step, a SEND, as it will go. Changes nothing. */
enum ss_status ss_player_draft(struct ss_player *player, struct ss_draft *draft,
                               struct ss_problem *problem);

/*
 * Performs the next step, a SEND with `draft` in place of its own when that is not NULL, and goes
 * on to the one after it. SS_CHECK_FAILED: an expectation did not hold; the problem says where.
 */
enum ss_status ss_player_advance(struct ss_player *player, const struct ss_draft *draft,
                                 struct ss_problem *problem);

/* Passes over the next step. */
void ss_player_skip(struct ss_player *player);

/* Performs a step that is not in the scenario (ss_scenario_parse_step); the next stays the next. */
enum ss_status ss_player_insert(struct ss_player *player, const struct ss_step *step,
                                const struct ss_draft *draft, struct ss_problem *problem);

/* As ss_player_draft, for a step that is not in the scenario. */
enum ss_status ss_player_draft_of(struct ss_player *player, const struct ss_step *step,
                                  struct ss_draft *draft, struct ss_problem *problem);

/* How many segments are held back; lets them all go, in the order in which they were to be sent. */
size_t ss_player_held(const struct ss_player *player);
enum ss_status ss_player_release(struct ss_player *player, struct ss_problem *problem);

/* What an expression is worth now; false when a name in it is not known yet. */
bool ss_player_evaluate(const struct ss_player *player, const struct ss_expression *expression,
                        uint32_t *value);

/* The value of the scenario's name; false while it is not known. */
bool ss_player_name(const struct ss_player *player, uint16_t name, uint32_t *value);

/* Our own end's variables and both ends as verify sees them. */
struct ss_player_tcb {
    bool snd_nxt_known;
    struct ss_seq snd_nxt;
    bool rcv_nxt_known;
    struct ss_seq rcv_nxt;
    uint16_t window;
    const struct ss_verify *verify; /* borrowed; valid as long as the player */
};

struct ss_player_tcb ss_player_tcb(const struct ss_player *player);

/*
 * Takes in what has arrived by now without consuming it, so that it is in the trace; waits until
 * `until_us` of the wire's clock (already past: only looks).
 */
enum ss_status ss_player_listen(struct ss_player *player, uint64_t until_us,
                                struct ss_problem *problem);

/*
 * Ends it: what is held back never goes; where the peer may hold a connection that `status` broke
 * off, it gets a RST; then the end event. Returns `status`, or that not every check held. Frees the
 * player.
 */
enum ss_status ss_player_finish(struct ss_player *player, enum ss_status status,
                                struct ss_problem *problem);

/* All of it, from check to finish. */
enum ss_status ss_player_run(const struct ss_player_options *options, struct ss_wire *wire,
                             struct ss_trace *trace, struct ss_problem *problem);

#endif
