/*
 * verify_seen: a frame of a capture and what was found of it, as the outputs of `synstep verify`
 * are given it.
 */
#ifndef SYNSTEP_CLI_VERIFY_SEEN_H
#define SYNSTEP_CLI_VERIFY_SEEN_H

#include "synstep/capture_file.h"
#include "synstep/flows.h"
#include "synstep/packet.h"
#include "verify_options.h"

struct verify_seen {
    const struct ss_capture_frame *frame;
    const struct ss_packet *packet;
    const struct ss_flow_packet *taken; /* NULL: it belongs to no connection */
};

/* Whether a verdict is to be told. */
static inline bool verify_tells(const struct verify_options *options,
                                const struct ss_verdict *verdict)
{
    return verdict->level >= options->level && options->told[verdict->rule];
}

#endif
