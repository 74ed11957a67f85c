/*
 * simulated: a wire with two ends in memory and a virtual clock. For time and faults, not for proof
 * that a wire works: no privileges, no waiting, byte for byte the same each time.
 */
#ifndef SYNSTEP_SIMULATED_H
#define SYNSTEP_SIMULATED_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/status.h"
#include "synstep/wire.h"

struct ss_simulated;

/* The other end's life: called when a datagram reaches it, and when its own deadline is due. */
struct ss_simulated_host {
    void *context;
    /* `octets` is NULL when it is only time. Answers go out by ss_simulated_reply. */
    void (*wake)(void *context, struct ss_simulated *wire, const uint8_t *octets, size_t length,
                 uint64_t now_us);
    /* When it must be woken though nothing arrives; UINT64_MAX: never. */
    uint64_t (*deadline)(void *context);
};

/*
 * A wire whose far end is `host`; each datagram takes `latency_us` one way. Close with
 * ss_wire_close. Its receive advances the virtual clock, waking the host on the way.
 */
enum ss_status ss_simulated_open(const struct ss_simulated_host *host, uint64_t latency_us,
                                 struct ss_wire **wire, struct ss_problem *problem);

/* Sends a datagram to the near end: from inside `wake`, or when the host has reason of its own. */
void ss_simulated_reply(struct ss_simulated *wire, const uint8_t *octets, size_t length);

/* The wire that ss_simulated_open made, as its host knows it; its clock. */
struct ss_simulated *ss_simulated_of(struct ss_wire *wire);
uint64_t ss_simulated_now_us(const struct ss_simulated *wire);

#endif
