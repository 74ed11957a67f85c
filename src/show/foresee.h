/*
 * foresee: a datagram that is not sent yet, as the event that it would become.
 */
#ifndef SYNSTEP_SHOW_FORESEE_H
#define SYNSTEP_SHOW_FORESEE_H

#include "synstep/trace.h"

/*
 * What the trace would hold of a datagram that side A sends now; it borrows `octets`. `after` gets
 * what `verify` would be then.
 */
void ss_foresee(const struct ss_verify *verify, enum ss_link link, const uint8_t *octets,
                size_t length, struct ss_event_segment *segment, struct ss_verify *after);

#endif
