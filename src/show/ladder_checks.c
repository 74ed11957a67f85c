/*
 * ladder_checks: a segment's verdicts: held ones tersely, failed ones loudly, notes in words.
 */
#include <string.h>

#include "ladder_parts.h"

enum { GAP = 2 };

bool ss_ladder_is_cited(const struct ss_ladder *ladder, const char *name)
{
    for (size_t i = 0; i < ladder->cited_count; i++)
        if (strcmp(ladder->cited[i], name) == 0)
            return true;
    return false;
}

/* Remembers that the rule has been told; false when it had been before. */
static bool cite(struct ss_ladder *ladder, const char *name)
{
    if (ss_ladder_is_cited(ladder, name))
        return false;
    if (ladder->cited_count < SS_LADDER_CITED_MAX)
        ladder->cited[ladder->cited_count++] = name;
    return true;
}

void ss_ladder_summarise_checks(const struct ss_ladder *ladder, const struct ss_verdicts *verdicts,
                                struct ss_text *text)
{
    unsigned checks = 0, failed = 0;
    for (size_t i = 0; i < verdicts->count; i++) {
        checks += verdicts->list[i].level != SS_VERDICT_NOTE;
        failed += verdicts->list[i].level == SS_VERDICT_VIOLATION;
    }
    ss_text_clear(text);
    if (checks == 0)
        return;
    ss_text_add(text, "%s ", ss_lines_mark(&ladder->lines, failed == 0));
    if (failed)
        ss_text_add(text, "%u of %u", failed, checks);
    else
        ss_text_add(text, "%u check%s", checks, checks == 1 ? "" : "s");
}

/* What a held check found: the number in letters, since the number itself stands above. */
static void word_finding(struct ss_text *text, const struct ss_ladder *ladder,
                         const struct ss_verdict *verdict, const struct ss_event_segment *segment)
{
    struct ss_verdict_words words;
    ss_text_word_verdict(&words, verdict, segment);
    const char *letters = strchr(words.actual, '=');
    ss_text_clear(text);
    if (letters && !ladder->options.headers)
        ss_text_add(text, " %s", letters);
    else if (words.actual[0])
        ss_text_add(text, " = %s", words.actual);
}

/*
 * A check that held: its finding and clause, the first time that the rule is met; later the marks
 * on the numbers and the count in the margin say enough. With -v each time.
 */
static void write_held(struct ss_ladder *ladder, const struct ss_verdict *verdict,
                       const struct ss_event_segment *segment)
{
    if (!cite(ladder, ss_rule_name(verdict->rule)) && !ladder->options.headers)
        return;
    struct ss_text finding, text;
    word_finding(&finding, ladder, verdict, segment);
    ss_text_clear(&text);
    ss_text_add(&text, "%s " SS_PLAIN "%s%s  " SS_DIM "%s", ss_lines_mark(&ladder->lines, true),
                ss_rule_name(verdict->rule), finding.octets, ss_rule_clause(verdict->rule));
    ss_lines_piece(&ladder->lines, GAP, text.octets);
}

/* "window_shrunk" -> "window shrunk". */
static void add_name(struct ss_text *text, const char *name)
{
    for (; *name; name++)
        ss_text_add(text, "%c", *name == '_' ? ' ' : *name);
}

/* "4083420136 = M" without the number, which stands above, unless -v asks for it. */
static const char *letters_of(const struct ss_ladder *ladder, const char *words)
{
    const char *letters = strstr(words, " = ");
    return letters && !ladder->options.headers ? letters + strlen(" = ") : words;
}

/* A note or warning in words; its clause is told the first time. */
static void write_note(struct ss_ladder *ladder, const struct ss_verdict *verdict,
                       const struct ss_event_segment *segment)
{
    bool warning = verdict->level == SS_VERDICT_WARNING;
    struct ss_verdict_words words;
    struct ss_text text;
    ss_text_clear(&text);
    add_name(&text, ss_rule_name(verdict->rule));
    ss_text_word_verdict(&words, verdict, segment);
    if (words.actual[0])
        ss_text_add(&text, ": %s", letters_of(ladder, words.actual));
    if (words.actual[0] && verdict->expected != verdict->actual)
        ss_text_add(&text, ", expected %s", letters_of(ladder, words.expected));
    if (cite(ladder, ss_rule_name(verdict->rule)) || ladder->options.headers)
        ss_text_add(&text, " (%s)", ss_rule_clause(verdict->rule));
    ss_lines_break(&ladder->lines, 0);
    ss_lines_piece(&ladder->lines, GAP, warning ? SS_WARN "!" : SS_WARN SS_GLYPH_BULLET);
    ladder->lines.indent = 2;
    ss_lines_sentence(&ladder->lines, SS_WARN, text.octets);
    ss_lines_break(&ladder->lines, 0);
}

static void write_failed(struct ss_ladder *ladder, const struct ss_verdict *verdict,
                         const struct ss_event_segment *segment)
{
    struct ss_verdict_words words;
    struct ss_text text;
    ss_text_word_verdict(&words, verdict, segment);
    ss_text_clear(&text);
    ss_text_add(&text, "%s %s", ss_lines_mark(&ladder->lines, false), ss_rule_name(verdict->rule));
    ss_lines_break(&ladder->lines, 0);
    ss_lines_piece(&ladder->lines, GAP, text.octets);
    ss_lines_break(&ladder->lines, 4);
    ss_text_clear(&text);
    ss_text_add(&text, "expected " SS_STRONG "%s", words.expected);
    if (words.expected[0])
        ss_lines_piece(&ladder->lines, GAP, text.octets);
    ss_lines_break(&ladder->lines, 4);
    ss_text_clear(&text);
    ss_text_add(&text, "actual   " SS_BAD "%s", words.actual);
    if (words.actual[0])
        ss_lines_piece(&ladder->lines, GAP, text.octets);
    ss_lines_break(&ladder->lines, 4);
    ss_lines_sentence(&ladder->lines, SS_PLAIN, ss_rule_clause(verdict->rule));
    ss_lines_break(&ladder->lines, 0);
}

void ss_ladder_write_checks(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    ss_lines_break(&ladder->lines, 0);
    for (size_t i = 0; i < segment->verdicts.count; i++) {
        const struct ss_verdict *verdict = &segment->verdicts.list[i];
        switch (verdict->level) {
        case SS_VERDICT_HELD:
            write_held(ladder, verdict, segment);
            break;
        case SS_VERDICT_NOTE:
        case SS_VERDICT_WARNING:
            write_note(ladder, verdict, segment);
            break;
        case SS_VERDICT_VIOLATION:
            write_failed(ladder, verdict, segment);
            break;
        }
    }
    ss_lines_break(&ladder->lines, 0);
}
