/* explain_words: sums, expressions and verdicts in words. */
#include <inttypes.h>
#include <string.h>

#include "explain_parts.h"
#include "ladder_parts.h"

enum { INDENT = 4 };

static void add_octets(struct ss_text *text, uint32_t count)
{
    if (count > 0)
        ss_text_add(text, " + %" PRIu32 " octet%s", count, count == 1 ? "" : "s");
}

/* From the SYN on: it counts one, each octet one. */
static void add_from_isn(struct ss_text *text, char letter, struct ss_seq isn, struct ss_seq seq)
{
    uint32_t distance = ss_seq_distance(isn, seq);
    if (distance == 0)
        return;
    ss_text_add(text, ": %c %" PRIu32, letter, isn.value);
    if (ss_seq_before(seq, isn)) {
        ss_text_add(text, " - %" PRIu32, ss_seq_distance(seq, isn));
        return;
    }
    ss_text_add(text, " + 1 for the SYN");
    add_octets(text, distance - 1);
    if (seq.value < isn.value)
        ss_text_add(text, ", modulo 2^32");
}

static void add_from_fin(struct ss_text *text, char letter, struct ss_seq fin, struct ss_seq seq)
{
    ss_text_add(text, ": %c %" PRIu32 " + 1 for the FIN", letter, fin.value);
    add_octets(text, ss_seq_distance(fin, seq) - 1);
    if (seq.value < fin.value)
        ss_text_add(text, ", modulo 2^32");
}

void ss_explain_add_sum(struct ss_text *text, const struct ss_verify *verify, enum ss_side side,
                        struct ss_seq seq)
{
    const struct ss_verify_side *known = &verify->sides[side];
    bool is_a = side == SS_SIDE_A;
    if (known->fin_known && ss_seq_after(seq, known->fin))
        add_from_fin(text, is_a ? 'M' : 'N', known->fin, seq);
    else if (known->isn_known)
        add_from_isn(text, is_a ? 'J' : 'K', known->isn, seq);
}

static void add_term(struct ss_text *text, const char *name, uint32_t factor, bool first)
{
    int32_t times = (int32_t)factor;
    const char *sign = times < 0 ? "-" : first ? "" : "+";
    if (times == 1 || times == -1)
        ss_text_add(text, "%s%s", sign, name);
    else
        ss_text_add(text, "%s%" PRIu32 "*%s", sign, times < 0 ? 0 - factor : factor, name);
}

void ss_explain_add_expression(struct ss_text *text, const struct ss_scenario *scenario,
                               const struct ss_expression *expression)
{
    int32_t rest = (int32_t)expression->constant;
    for (size_t i = 0; i < expression->term_count; i++)
        add_term(text, scenario->names[expression->terms[i].name], expression->terms[i].factor,
                 i == 0);
    if (expression->term_count == 0)
        ss_text_add(text, "%" PRIu32, expression->constant);
    else if (rest != 0)
        ss_text_add(text, "%+" PRId32, rest);
}

void ss_explain_write(struct ss_ladder *ladder, const char *style, const char *sentence)
{
    ladder->lines.indent = INDENT;
    ss_lines_paragraph(&ladder->lines, style, sentence);
    ladder->lines.indent = 0;
}

static void add_mark(struct ss_text *text, const struct ss_ladder *ladder,
                     enum ss_verdict_level level)
{
    switch (level) {
    case SS_VERDICT_HELD:
        ss_text_add(text, "%s", ss_lines_mark(&ladder->lines, true));
        break;
    case SS_VERDICT_NOTE:
        ss_text_add(text, SS_WARN SS_GLYPH_BULLET);
        break;
    case SS_VERDICT_WARNING:
        ss_text_add(text, SS_WARN "!");
        break;
    case SS_VERDICT_VIOLATION:
        ss_text_add(text, "%s", ss_lines_mark(&ladder->lines, false));
        break;
    }
}

static const char *style_of(enum ss_verdict_level level)
{
    switch (level) {
    case SS_VERDICT_HELD:
        return SS_PLAIN;
    case SS_VERDICT_NOTE:
    case SS_VERDICT_WARNING:
        return SS_WARN;
    case SS_VERDICT_VIOLATION:
        return SS_BAD;
    }
    return SS_PLAIN;
}

static void write_verdict(struct ss_ladder *ladder, const struct ss_verdict *verdict,
                          const struct ss_event_segment *segment)
{
    struct ss_verdict_words words;
    struct ss_text text;
    ss_text_clear(&text);
    add_mark(&text, ladder, verdict->level);
    ss_text_add(&text, " %s: %s (%s)", ss_rule_name(verdict->rule), ss_rule_meaning(verdict->rule),
                ss_rule_clause(verdict->rule));
    ss_text_word_verdict(&words, verdict, segment);
    if (words.actual[0] && verdict->expected != verdict->actual)
        ss_text_add(&text, ": expected %s, actual %s", words.expected, words.actual);
    else if (words.actual[0])
        ss_text_add(&text, ": expected and actual %s", words.actual);
    ss_explain_write(ladder, style_of(verdict->level), text.octets);
}

void ss_explain_write_verdicts(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    for (size_t i = 0; i < segment->verdicts.count; i++)
        write_verdict(ladder, &segment->verdicts.list[i], segment);
}
