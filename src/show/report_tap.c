/*
 * report_tap: TAP version 14 (testanything.org), which readers of version 13 understand too: a
 * failure's diagnostics are a YAML block, whose texts are all in double quotes.
 */
#include "report_parts.h"

enum { INDENT = 2 };

static const char hash_and_backslash[] = "#\\", quote_and_backslash[] = "\"\\";

void ss_report_tap_begin(struct ss_report *report, size_t count)
{
    fprintf(report->out, "TAP version 14\n1..%zu\n", count);
}

static void write_name(FILE *out, const struct ss_result *result)
{
    ss_report_write_escaped(out, result->file, hash_and_backslash);
    if (result->title[0])
        fputs(": ", out);
    ss_report_write_escaped(out, result->title, hash_and_backslash);
}

static void write_text(FILE *out, int indent, const char *key, const char *text)
{
    fprintf(out, "%*s%s: \"", indent, "", key);
    ss_report_write_escaped(out, text, quote_and_backslash);
    fputs("\"\n", out);
}

static void write_mismatches(FILE *out, const struct ss_event_step *step)
{
    if (step->mismatch_count > 0)
        fprintf(out, "%*smismatches:\n", INDENT, "");
    for (size_t i = 0; i < step->mismatch_count; i++) {
        write_text(out, INDENT, "  - name", step->mismatches[i].name);
        write_text(out, INDENT + 4, "expected", step->mismatches[i].expected);
        write_text(out, INDENT + 4, "actual", step->mismatches[i].actual);
    }
}

static void write_step(FILE *out, const struct ss_event_step *step)
{
    fprintf(out, "%*sat:\n", INDENT, "");
    write_text(out, 2 * INDENT, "file", step->file);
    fprintf(out, "%*sline: %u\n", 2 * INDENT, "", step->line);
    write_text(out, INDENT, "statement", step->text);
    if (step->n > 0)
        fprintf(out, "%*ssegment: %u\n", INDENT, "", step->n);
    if (step->answer[0])
        write_text(out, INDENT, "answer", step->answer);
    write_mismatches(out, step);
}

static void write_diagnostics(FILE *out, const struct ss_result *result)
{
    fprintf(out, "%*s---\n", INDENT, "");
    write_text(out, INDENT, "message", result->text);
    if (result->step)
        write_step(out, result->step);
    fprintf(out, "%*sduration_ms: %.3f\n", INDENT, "", (double)result->duration_us / 1e3);
    fprintf(out, "%*sseed: %llu\n%*s...\n", INDENT, "", (unsigned long long)result->seed, INDENT,
            "");
}

void ss_report_tap_tell(struct ss_report *report, const struct ss_result *result)
{
    FILE *out = report->out;
    size_t number = report->passed + report->failed + report->skipped;
    fprintf(out, "%sok %zu - ", result->outcome == SS_OUTCOME_FAILED ? "not " : "", number);
    write_name(out, result);
    if (result->outcome == SS_OUTCOME_SKIPPED) {
        fputs(" # SKIP ", out);
        ss_report_write_escaped(out, result->text, hash_and_backslash);
    }
    fputc('\n', out);
    if (result->outcome == SS_OUTCOME_FAILED)
        write_diagnostics(out, result);
}

void ss_report_tap_end(struct ss_report *report, const char *broken_off)
{
    if (broken_off)
        fprintf(report->out, "Bail out! %s\n", broken_off);
    fprintf(report->out, "# %zu passed, %zu failed, %zu skipped\n", report->passed, report->failed,
            report->skipped);
}
