/*
 * verify_isn: the hosts of a capture whose initial sequence numbers can be foretold, and how.
 */
#ifndef SYNSTEP_CLI_VERIFY_ISN_H
#define SYNSTEP_CLI_VERIFY_ISN_H

#include "synstep/isn_hosts.h"

/* A line for each; in JSON the events of synstep-verify(1). */
void verify_isn_print(const struct ss_isn_hosts *hosts);
void verify_isn_json(const char *file, const struct ss_isn_hosts *hosts);

#endif
