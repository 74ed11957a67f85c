/* answers_parts: what probe and answer have in common. Private to src/run. */
#ifndef SYNSTEP_RUN_ANSWERS_PARTS_H
#define SYNSTEP_RUN_ANSWERS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/stack.h"

enum {
    ANSWER_TCP = 6,
    ANSWER_UDP = 17,
    ANSWER_ICMP = 1,
    ANSWER_ICMP6 = 58,
    /* No datagram carries these: of IP's protocols they are kept for experiments, or reserved. */
    ANSWER_NEIGHBOUR = 254,
    ANSWER_ARP = 255,
};
enum { ANSWER_RST = 0x04, ANSWER_ACK = 0x10 };

/* By what an answer finds its probe. */
struct answer_trait {
    uint8_t protocol; /* 0: nothing that could be answered */
    bool quoted;      /* read out of an ICMP error */
    bool reply;       /* an echo reply or one of ARP; a UDP datagram that came */
    uint8_t flags;    /* of TCP */
    uint16_t local;   /* the prober's port; an echo's identifier; half of the address asked for */
    uint16_t peer;    /* the target's port; an echo's sequence number; the other half */
    uint32_t seq;
    uint32_t ack;
    uint32_t segment_length; /* SEG.LEN */
};

/* Of a probe; one of which nothing can be made has protocol 0. */
void answer_trait_of(enum ss_link link, const uint8_t *octets, size_t length,
                     struct answer_trait *trait);

/* Of an arrival, as its probe must be; false when it is no answer to anything. */
bool answer_trait_reversed(enum ss_link link, const uint8_t *octets, size_t length,
                           struct answer_trait *trait);

#endif
