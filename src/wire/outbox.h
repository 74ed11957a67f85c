/*
 * outbox: datagrams that leave together, in one system call. Each call lets the kernel hand the
 * processor to a peer on this machine: fewer of them are fewer interruptions.
 */
#ifndef SYNSTEP_WIRE_OUTBOX_H
#define SYNSTEP_WIRE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/wire.h"

enum { SS_OUTBOX_DATAGRAMS = 16, SS_OUTBOX_BYTES = 2 * SS_DATAGRAM_BYTES_MAX };

/* All zero: empty. */
struct ss_outbox {
    size_t count;
    size_t lengths[SS_OUTBOX_DATAGRAMS];
    size_t used;                     /* octets, of all that wait */
    uint8_t octets[SS_OUTBOX_BYTES]; /* one datagram right behind the other */
};

/* Copies a datagram in, behind the others; false, nothing done, when it does not fit. */
bool ss_outbox_add(struct ss_outbox *outbox, const uint8_t *octets, size_t length);

/*
 * Sends what it can without waiting on the connected socket, in order, and forgets what was sent.
 * 0 when nothing is left; otherwise the errno of the first that could not be sent.
 */
int ss_outbox_send(struct ss_outbox *outbox, int socket);

#endif
