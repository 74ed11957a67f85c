/*
 * preview_sums: the checksums of a segment to be sent, step by step (RFC 1071, RFC 9293 section
 * 3.1).
 */
#ifndef SYNSTEP_SHOW_PREVIEW_SUMS_H
#define SYNSTEP_SHOW_PREVIEW_SUMS_H

#include "lines.h"
#include "synstep/preview.h"

void ss_preview_write_sums(struct ss_lines *lines, const struct ss_preview *preview);

#endif
