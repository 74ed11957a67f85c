/*
 * live: the frames of an interface as they come, in both directions, each once, as a capture file
 * has them (packet(7)). On a loopback, which shows each frame as it leaves and as it arrives, only
 * the second counts.
 *
 * Ethernet and loopback give Ethernet frames, tunnels without a link header (tun) give raw IP, all
 * others, and "any" for all interfaces at once, Linux cooked frames (version 2).
 */
#ifndef SYNSTEP_LIVE_H
#define SYNSTEP_LIVE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "synstep/capture_file.h"
#include "synstep/frame_filter.h"
#include "synstep/status.h"

struct ss_live;

struct ss_live_options {
    const char *interface;             /* "any": all of them */
    struct ss_frame_filter *filter;    /* NULL: all frames; borrowed until it is closed */
    bool promiscuous;                  /* frames for others' cards, too */
    uint64_t lasts_us;                 /* from its opening on; 0: until it is stopped */
    const volatile sig_atomic_t *stop; /* NULL: no signal stops it */
};

/* SS_USAGE: there is no such interface; the nearest name is told. Needs no privilege. */
enum ss_status ss_live_find(const char *interface, struct ss_problem *problem);

/*
 * Armed when it returns. Needs CAP_NET_RAW to be effective, SS_FORBIDDEN without it. SS_USAGE: no
 * such interface, or it is down. SS_UNREADABLE: the filter is not for its frames.
 */
enum ss_status ss_live_open(const struct ss_live_options *options, struct ss_live **live,
                            struct ss_problem *problem);
void ss_live_close(struct ss_live *live); /* NULL is fine */

/*
 * The next frame that is wanted; its octets are borrowed until the next call. SS_TIMED_OUT: none
 * came for `wait_us`; SS_INTERRUPTED: `stop` was set or its time is over, and what came before was
 * taken; SS_UNREADABLE: the interface is gone.
 */
enum ss_status ss_live_next(struct ss_live *live, uint64_t wait_us, struct ss_capture_frame *frame,
                            struct ss_problem *problem);

/* Of these frames, as link types are numbered. */
uint32_t ss_live_linktype(const struct ss_live *live);

/* Frames until now for which the kernel had no room: they were never seen. */
uint64_t ss_live_lost(struct ss_live *live);

/* Whether frames were lost before the last one; cheap. */
bool ss_live_is_lossy(const struct ss_live *live);

/* The time by the clock that frames are stamped with: since 1970, UTC. */
uint64_t ss_live_now_us(void);

#endif
