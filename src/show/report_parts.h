/*
 * report_parts: what the files of the report share.
 */
#ifndef SYNSTEP_SHOW_REPORT_PARTS_H
#define SYNSTEP_SHOW_REPORT_PARTS_H

#include "synstep/report.h"

void ss_report_tap_begin(struct ss_report *report, size_t count);
void ss_report_tap_tell(struct ss_report *report, const struct ss_result *result);
void ss_report_tap_end(struct ss_report *report, const char *broken_off);

void ss_report_json_tell(struct ss_report *report, const struct ss_result *result);
void ss_report_json_end(struct ss_report *report, const char *broken_off);

/* "passed", "failed", "skipped"; static storage. */
const char *ss_report_outcome_text(enum ss_outcome outcome);

/* Where the step stands, its statement, what came of it and what differs, each line indented. */
void ss_report_write_step(FILE *out, int indent, const struct ss_event_step *step);

/* A sentence as printable ASCII, those octets that stand in `special` with a backslash before. */
void ss_report_write_escaped(FILE *out, const char *sentence, const char *special);

#endif
