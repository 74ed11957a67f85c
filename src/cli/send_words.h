/*
 * send_words: the words and short forms of `synstep send` -> a probe.
 */
#ifndef SYNSTEP_CLI_SEND_WORDS_H
#define SYNSTEP_CLI_SEND_WORDS_H

#include "send_options.h"
#include "synstep/probe.h"

enum { SEND_TRACEROUTE_HOPS = 30 };

/*
 * Reads them all, for a target of that IP version; what only depends on ends is left to
 * ss_probe_finish. `*target_port` is given one where a short form has a usual one and it is 0.
 */
enum ss_status send_words_read(const struct send_options *options, uint8_t version,
                               struct ss_probe *probe, uint16_t *target_port,
                               struct ss_problem *problem);

#endif
