/*
 * report: which part tells it, and the lines for people.
 */
#include "synstep/report.h"

#include <string.h>

#include "mismatch.h"
#include "report_parts.h"
#include "text.h"

enum { INDENT = 9, TITLE_LEAST = 8 };

const char *ss_report_outcome_text(enum ss_outcome outcome)
{
    switch (outcome) {
    case SS_OUTCOME_PASSED:
        return "passed";
    case SS_OUTCOME_FAILED:
        return "failed";
    case SS_OUTCOME_SKIPPED:
        return "skipped";
    }
    return "";
}

void ss_report_write_escaped(FILE *out, const char *sentence, const char *special)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add_sentence(&text, sentence);
    for (const char *at = text.octets; *at; at++)
        fprintf(out, "%s%c", strchr(special, *at) ? "\\" : "", *at);
}

static void write_row(FILE *out, int indent, const struct ss_mismatch_columns *columns,
                      const struct ss_mismatch *cells)
{
    static const char *const plain[3] = {"", "", ""};
    struct ss_text row;
    ss_mismatch_word(&row, columns, cells, plain);
    fprintf(out, "%*s%s\n", indent, "", row.octets);
}

void ss_report_write_step(FILE *out, int indent, const struct ss_event_step *step)
{
    struct ss_mismatch_columns columns = ss_mismatch_measure(step);
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add_sentence(&text, step->file);
    ss_text_add(&text, ":%u: ", step->line);
    ss_text_add_sentence(&text, step->text);
    fprintf(out, "%*s%s\n", indent, "", text.octets);
    ss_text_clear(&text);
    if (step->n > 0)
        ss_text_add(&text, "segment %u: ", step->n);
    ss_text_add_sentence(&text, step->answer);
    if (ss_mismatch_lacks_answer(step))
        fprintf(out, "%*s%s\n", indent + 2, "", text.octets);
    if (step->mismatch_count > 0)
        write_row(out, indent + 2, &columns, &ss_mismatch_heading);
    for (size_t i = 0; i < step->mismatch_count; i++)
        write_row(out, indent + 2, &columns, &step->mismatches[i]);
}

/* --- lines for people --------------------------------------------------------------------------*/

/* The word of an outcome in a column of its own, in its colour (ECMA-48 section 8.3.117). */
static void write_outcome(const struct ss_report *report, enum ss_outcome outcome)
{
    static const char *const words[] = {"ok", "FAILED", "skipped"};
    static const char *const codes[] = {"32", "1;31", "33"};
    const char *word = words[outcome];
    if (report->color)
        fprintf(report->out, "\x1b[0;%sm%s\x1b[0m", codes[outcome], word);
    else
        fputs(word, report->out);
    fprintf(report->out, "%*s", INDENT - (int)strlen(word), "");
}

/* What stands at the end of the line: how long it took, or why it did not run. */
static void word_end(struct ss_text *end, const struct ss_result *result)
{
    char duration[SS_DURATION_TEXT_SIZE];
    ss_text_format_duration(duration, result->duration_us, sizeof(duration));
    ss_text_clear(end);
    if (result->outcome == SS_OUTCOME_SKIPPED)
        ss_text_add_sentence(end, result->text);
    else
        ss_text_add(end, "%s", duration);
}

/* Cuts a title to what is left of the line; what is hardly a word any more is left out. */
static void fit(struct ss_text *title, size_t room)
{
    if (title->length <= room)
        return;
    title->length = room < TITLE_LEAST ? 0 : room - 3;
    title->octets[title->length] = '\0';
    if (title->length > 0)
        ss_text_add(title, "...");
}

/* File and title on the left, the end on the right of the terminal. */
static void write_line(const struct ss_report *report, const struct ss_result *result)
{
    struct ss_text name, title, end;
    ss_text_clear(&name);
    ss_text_add_sentence(&name, result->file);
    ss_text_clear(&title);
    ss_text_add_sentence(&title, result->title);
    word_end(&end, result);
    size_t taken = INDENT + name.length + 2 + 2 + end.length;
    fit(&title, taken < report->columns ? report->columns - taken : 0);
    size_t spare = report->columns > taken ? report->columns - taken - title.length : 0;
    write_outcome(report, result->outcome);
    fprintf(report->out, "%s  %s%*s  %s\n", name.octets, title.octets, (int)spare, "", end.octets);
}

static void tell_failure(const struct ss_report *report, const struct ss_result *result)
{
    if (result->step) {
        ss_report_write_step(report->out, INDENT, result->step);
    } else {
        fprintf(report->out, "%*s", INDENT, "");
        ss_report_write_escaped(report->out, result->text, "");
        fputc('\n', report->out);
    }
    fprintf(report->out, "%*sagain with --seed=%llu\n", INDENT, "",
            (unsigned long long)result->seed);
}

static void tell_line(struct ss_report *report, const struct ss_result *result)
{
    if (report->quiet)
        return;
    write_line(report, result);
    if (result->outcome == SS_OUTCOME_FAILED)
        tell_failure(report, result);
}

static void end_lines(struct ss_report *report, const char *broken_off)
{
    fprintf(report->out, "%zu passed, %zu failed, %zu skipped%s%s\n", report->passed,
            report->failed, report->skipped, broken_off ? "; " : "", broken_off ? broken_off : "");
}

/* --- all of them -------------------------------------------------------------------------------*/

static void count(struct ss_report *report, enum ss_outcome outcome)
{
    switch (outcome) {
    case SS_OUTCOME_PASSED:
        report->passed++;
        break;
    case SS_OUTCOME_FAILED:
        report->failed++;
        break;
    case SS_OUTCOME_SKIPPED:
        report->skipped++;
        break;
    }
}

void ss_report_begin(struct ss_report *report, size_t count)
{
    report->passed = report->failed = report->skipped = 0;
    if (report->format == SS_REPORT_TAP)
        ss_report_tap_begin(report, count);
    fflush(report->out);
}

void ss_report_tell(struct ss_report *report, const struct ss_result *result)
{
    count(report, result->outcome);
    switch (report->format) {
    case SS_REPORT_LINES:
        tell_line(report, result);
        break;
    case SS_REPORT_TAP:
        ss_report_tap_tell(report, result);
        break;
    case SS_REPORT_JSON:
        ss_report_json_tell(report, result);
        break;
    }
    fflush(report->out);
}

void ss_report_end(struct ss_report *report, const char *broken_off)
{
    switch (report->format) {
    case SS_REPORT_LINES:
        end_lines(report, broken_off);
        break;
    case SS_REPORT_TAP:
        ss_report_tap_end(report, broken_off);
        break;
    case SS_REPORT_JSON:
        ss_report_json_end(report, broken_off);
        break;
    }
    fflush(report->out);
}
