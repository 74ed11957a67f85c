/*
 * doctor: the checks of `synstep doctor`, each one finding in one line.
 */
#ifndef SYNSTEP_CLI_DOCTOR_H
#define SYNSTEP_CLI_DOCTOR_H

#include "synstep/route.h"
#include "synstep/status.h"

enum finding_level {
    FINDING_FINE,
    FINDING_NOTE,      /* nothing broken; worth knowing */
    FINDING_BROKEN,    /* something that should work does not */
    FINDING_FORBIDDEN, /* this machine does not permit it */
};

struct finding {
    enum finding_level level;
    char text[SS_PROBLEM_TEXT_SIZE + 80]; /* what was found, and after ": " or "; " the mend */
};

/* doctor_host.c: facts of this host, read only. */
void doctor_kernel(struct finding *finding);
void doctor_net_raw(struct finding *finding);
void doctor_loopback_mtu(struct finding *finding);

/* Whether checksums of what leaves by `interface` are left to the card. */
void doctor_offload(const char *interface, struct finding *finding);

/* Whether replies from `route`'s target may be dropped for coming by another way (RFC 3704). */
void doctor_reverse_path(const struct ss_route *route, struct finding *finding);

/* doctor_private.c: tried out in a child process, in private namespaces. */
void doctor_namespaces(struct finding *finding);
void doctor_libpcap(struct finding *finding);

/* A whole connection over a private loopback: it can only be completed when no RST leaves. */
void doctor_mute(struct finding *finding);
void doctor_witness(struct finding *finding);

#endif
