/*
 * neighbour: the question for a neighbour's Ethernet address, and its answer, as octets.
 */
#ifndef SS_WIRE_NEIGHBOUR_H
#define SS_WIRE_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/ethernet.h"
#include "synstep/status.h"

enum { SS_NEIGHBOUR_BYTES_MAX = 128 };

/* Who asks, and for whom. */
struct ss_neighbour_question {
    uint8_t own[SS_ETHERNET_ADDRESS_BYTES];
    struct ss_address local;
    struct ss_address asked; /* of the same version */
};

/* ARP request, or neighbour solicitation; the whole frame. */
enum ss_status ss_neighbour_ask(const struct ss_neighbour_question *question,
                                uint8_t frame[SS_NEIGHBOUR_BYTES_MAX], size_t *length,
                                struct ss_problem *problem);

/* Whether a frame, which may be anything, is the answer; then `ethernet` is the address. */
bool ss_neighbour_answer(const struct ss_neighbour_question *question, const uint8_t *frame,
                         size_t length, uint8_t ethernet[SS_ETHERNET_ADDRESS_BYTES]);

#endif
