/* send_wire: raw where it can be, link where it must be, packet where it was asked for. */
#include "send_wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "progress.h"
#include "synstep/bytes.h"
#include "synstep/link.h"
#include "synstep/raw.h"

enum { TAG_BYTES = 4, SHOWN_EVERY = 4096 };

const char *send_wire_name(const struct send_plan *plan)
{
    switch (plan->wire) {
    case SEND_WIRE_LINK:
        return "link";
    case SEND_WIRE_PACKET:
        return "packet";
    case SEND_WIRE_RAW:
    case SEND_WIRE_AUTO:
        return "raw";
    }
    return "raw";
}

bool send_wire_is_framed(const struct send_plan *plan)
{
    return plan->wire == SEND_WIRE_LINK || plan->wire == SEND_WIRE_PACKET;
}

/* --- one packet ---------------------------------------------------------------------------------
 */

static enum ss_status check_mtu(const struct send_plan *plan, size_t length,
                                struct ss_problem *problem)
{
    if (length <= plan->route.mtu)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "a datagram of %zu octets does not pass the MTU of %" PRIu32 "; send "
                          "less, or fragments (ip mf=1, offset=...)",
                          length, plan->route.mtu);
}

static enum ss_status check_frame(const struct send_plan *plan, const uint8_t *frame, size_t length,
                                  struct ss_problem *problem)
{
    if (length < SS_ETHERNET_HEADER_BYTES)
        return ss_problem_set(problem, SS_USAGE,
                              "a frame of %zu octets has no whole Ethernet header (%d octets): no "
                              "wire takes it; -w FILE writes it",
                              length, SS_ETHERNET_HEADER_BYTES);
    bool tagged = ss_bytes_get16(frame + 12) == SS_ETHERTYPE_VLAN;
    size_t carried = length - SS_ETHERNET_HEADER_BYTES;
    return check_mtu(plan, tagged && carried >= TAG_BYTES ? carried - TAG_BYTES : carried, problem);
}

/* Whether it fits the wire and the bounds. */
static enum ss_status check_packet(const struct send_plan *plan, const uint8_t *octets,
                                   size_t length, struct ss_problem *problem)
{
    enum ss_status status = send_wire_is_framed(plan) ? check_frame(plan, octets, length, problem)
                                                      : check_mtu(plan, length, problem);
    if (status == SS_OK)
        status = ss_bounds_datagram(&plan->bounds, octets, length, problem);
    return status;
}

/* --- all of them --------------------------------------------------------------------------------
 */

/* Packet `n`, made in `octets`: whether it can be built, and carried, and goes where it may. */
static enum ss_status check_one(const struct send_plan *plan, uint64_t n, uint8_t *octets,
                                bool *not_raw, struct ss_problem *problem)
{
    size_t length = 0;
    enum ss_status status =
        ss_probe_build(plan->probe, n, octets, SS_FRAME_BYTES_MAX, &length, problem);
    if (status != SS_OK || !send_plan_is_live(plan))
        return status;
    if (!send_wire_is_framed(plan))
        status = ss_raw_check(plan->route.peer.version, octets, length, problem);
    *not_raw = status != SS_OK;
    return status == SS_OK ? check_packet(plan, octets, length, problem) : status;
}

/* Where one is unlike the first, it is said which. */
static enum ss_status which(uint64_t n, const struct ss_problem *found, struct ss_problem *problem)
{
    if (n == 0)
        return ss_problem_set(problem, found->status, "%s", found->text);
    return ss_problem_set(problem, found->status, "packet %" PRIu64 ": %s", n + 1, found->text);
}

/* Of what is only shown or written, which tells of the first that cannot be, so many are enough. */
static uint64_t count_checked(const struct send_plan *plan)
{
    enum { SHOWN_MAX = 1000000 };
    return send_plan_is_live(plan) || plan->count < SHOWN_MAX ? plan->count : SHOWN_MAX;
}

static void show_checking(struct progress *progress, uint64_t n, uint64_t count)
{
    uint64_t now_us = progress->out ? progress_now_us() : 0;
    if (progress_is_due(progress, now_us))
        progress_show(progress, now_us, n, count, "checking %" PRIu64 " of %" PRIu64, n, count);
}

/*
 * Each one that is to be sent and may be unlike those before it. `*not_raw`: what failed is that a
 * raw socket would not send it as it is.
 */
static enum ss_status check_each(const struct send_plan *plan, bool *not_raw,
                                 struct ss_problem *problem)
{
    struct progress progress = {
        .out = progress_terminal(!plan->options->json),
        .began_us = progress_now_us(),
        .after_us = PROGRESS_AFTER_US,
    };
    struct ss_problem found = {.status = SS_OK};
    uint8_t *octets = malloc(SS_FRAME_BYTES_MAX);
    uint64_t n = 0, count = count_checked(plan);
    *not_raw = false;
    if (!octets)
        return ss_problem_set(problem, SS_IO, "out of memory for a frame");
    while (n < count && check_one(plan, n, octets, not_raw, &found) == SS_OK) {
        n = ss_probe_next_head(plan->probe, n);
        if (n % SHOWN_EVERY == 0)
            show_checking(&progress, n, count);
    }
    progress_clear(&progress);
    free(octets);
    return found.status == SS_OK ? SS_OK : which(n, &found, problem);
}

/* --- choosing -----------------------------------------------------------------------------------
 */

/* Of private hosts, which are not there yet, it is known. */
static enum ss_status find_card(const struct send_plan *plan, struct ss_link_card *card,
                                struct ss_problem *problem)
{
    struct ss_problem no_card = {.status = SS_OK};
    *card = (struct ss_link_card){.mtu = plan->route.mtu};
    if (plan->bounds.place == SS_BOUNDS_PRIVATE)
        return SS_OK;
    enum ss_status status = ss_link_card(plan->route.interface, card, &no_card);
    if (status == SS_OK)
        return SS_OK;
    return ss_problem_set(problem, status, "%s%s%s", plan->why, plan->why[0] ? "; and " : "",
                          no_card.text);
}

/* Whether the interface has frames, and of which length. */
static enum ss_status plan_frames(struct send_plan *plan, struct ss_problem *problem)
{
    struct ss_link_card card;
    bool not_raw;
    enum ss_status status = find_card(plan, &card, problem);
    if (status == SS_OK)
        status = ss_probe_frame(plan->probe, problem);
    if (status != SS_OK)
        return status;
    plan->route.mtu = card.mtu;
    plan->bounds.link = SS_LINK_ETHERNET;
    return check_each(plan, &not_raw, problem);
}

/* Why no raw socket would send them as they are: `*not_raw`; or what else is wrong with them. */
static enum ss_status plan_raw(const struct send_plan *plan, bool *not_raw,
                               struct ss_problem *problem)
{
    *not_raw = ss_probe_link(plan->probe) == SS_LINK_ETHERNET;
    if (*not_raw)
        return ss_problem_set(problem, SS_USAGE,
                              "ether, vlan and arp are below IP, where a raw socket begins");
    return check_each(plan, not_raw, problem);
}

static enum ss_status choose(struct send_plan *plan, struct ss_problem *problem)
{
    struct ss_problem reason = {.status = SS_OK};
    bool not_raw = false;
    enum ss_status status = plan_raw(plan, &not_raw, &reason);
    if (not_raw && plan->wire == SEND_WIRE_RAW)
        return ss_problem_set(problem, SS_USAGE,
                              "%s; --wire=link sends it as it is, -w FILE writes it", reason.text);
    if (not_raw) {
        plan->wire = SEND_WIRE_LINK;
        snprintf(plan->why, sizeof(plan->why), "%s", reason.text);
        return plan_frames(plan, problem);
    }
    plan->wire = SEND_WIRE_RAW;
    return status == SS_OK ? SS_OK : ss_problem_set(problem, status, "%s", reason.text);
}

/* Nothing is sent: of frames it is only known what the words say. */
static enum ss_status choose_shown(struct send_plan *plan, struct ss_problem *problem)
{
    const struct ss_ethernet_ends unknown = {{0}, {0}};
    bool not_raw;
    enum ss_status status = SS_OK;
    if (send_wire_is_framed(plan))
        status = ss_probe_frame(plan->probe, problem);
    if (ss_probe_link(plan->probe) == SS_LINK_ETHERNET)
        ss_probe_put_ends(plan->probe, &unknown);
    return status == SS_OK ? check_each(plan, &not_raw, problem) : status;
}

enum ss_status send_wire_choose(struct send_plan *plan, struct ss_problem *problem)
{
    plan->wire = plan->options->wire;
    if (!send_plan_is_live(plan))
        return choose_shown(plan, problem);
    return send_wire_is_framed(plan) ? plan_frames(plan, problem) : choose(plan, problem);
}

/* --- once the cards are known -------------------------------------------------------------------
 */

bool send_wire_needs_next_hop(const struct send_plan *plan)
{
    bool given = ss_probe_is_given(plan->probe, SS_LAYER_ETHER, "dst");
    return ss_probe_needs_next_hop(plan->probe) ||
           (given && plan->bounds.place == SS_BOUNDS_OUTSIDE);
}

enum ss_status send_wire_put_ends(struct send_plan *plan, const struct ss_ethernet_ends *ends,
                                  struct ss_problem *problem)
{
    plan->bounds.ends = *ends;
    plan->bounds.ends_known = true;
    ss_probe_put_ends(plan->probe, ends);
    bool not_raw;
    return plan->bounds.place == SS_BOUNDS_OUTSIDE ? check_each(plan, &not_raw, problem) : SS_OK;
}
