/*
 * answers: which probe an arriving datagram answers, and what all of them come to.
 *
 * Probes are told in the order in which they left. TCP is matched by ports and numbers, UDP by
 * ports, ICMP echo by identifier and sequence number, ICMP errors by the datagram that they quote;
 * an ARP reply or a neighbour advertisement by whom the request asked for.
 */
#ifndef SYNSTEP_ANSWERS_H
#define SYNSTEP_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/packet.h"
#include "synstep/status.h"

enum { SS_ANSWERS_PROBES_MAX = 1000000 };

struct ss_answers;

/*
 * `link`: where probes and arrivals begin; `timeout_us`: what comes later than that after its probe
 * is late. NULL when out of memory.
 */
struct ss_answers *ss_answers_new(enum ss_link link, uint64_t timeout_us);
void ss_answers_free(struct ss_answers *answers);

/* The next probe leaves, at `time_us`. SS_IO: out of memory. */
enum ss_status ss_answers_sent(struct ss_answers *answers, const uint8_t *octets, size_t length,
                               uint64_t time_us, struct ss_problem *problem);

/* What answers a probe. */
struct ss_answer {
    uint64_t probe;     /* counted from 0 */
    uint64_t rtt_us;    /* since that one left */
    bool error;         /* an ICMP error about it */
    bool duplicate;     /* it was answered before */
    bool late;          /* its time was over */
    bool wrong_numbers; /* TCP: of that connection, but its numbers are no answer to any probe */
};

/* False when what came answers none. */
bool ss_answers_match(struct ss_answers *answers, const uint8_t *octets, size_t length,
                      uint64_t time_us, struct ss_answer *answer);

/* Whether that probe was answered in time, or late. */
bool ss_answers_has(const struct ss_answers *answers, uint64_t probe);

/* Whether each one was. */
bool ss_answers_are_complete(const struct ss_answers *answers);

struct ss_answers_sum {
    uint64_t sent;
    uint64_t answered; /* in time */
    uint64_t late;     /* and no earlier one in time */
    uint64_t duplicates;
    uint64_t errors; /* of those answered or late: by an ICMP error */
    double min_ms;   /* round trips of the first answers */
    double mean_ms;
    double max_ms;
    double deviation_ms; /* mean deviation: of each from the mean */
};

struct ss_answers_sum ss_answers_sum(const struct ss_answers *answers);

#endif
