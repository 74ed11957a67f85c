/*
 * explain_parts: what the files of the explanations share.
 */
#ifndef SYNSTEP_SHOW_EXPLAIN_PARTS_H
#define SYNSTEP_SHOW_EXPLAIN_PARTS_H

#include "synstep/explain.h"
#include "text.h"

/*
 * Appends how `seq`, of the stream that `side` sends, is counted from its SYN or FIN (RFC 9293
 * section 3.4): ": J 1000 + 1 for the SYN + 5 octets"; nothing where no letter is known.
 */
void ss_explain_add_sum(struct ss_text *text, const struct ss_verify *verify, enum ss_side side,
                        struct ss_seq seq);

/* Appends an expression as the language writes it: "J+2", "2*n-J". */
void ss_explain_add_expression(struct ss_text *text, const struct ss_scenario *scenario,
                               const struct ss_expression *expression);

/* One sentence, its further lines indented. */
void ss_explain_write(struct ss_ladder *ladder, const char *style, const char *sentence);

/* Each verdict: its rule in words, the clause, expected and actual. */
void ss_explain_write_verdicts(struct ss_ladder *ladder, const struct ss_event_segment *segment);

#endif
