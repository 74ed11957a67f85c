/*
 * report_junit: the XML that build servers read: one test suite, a test case for each scenario.
 */
#include <stdlib.h>

#include "report_parts.h"
#include "text.h"
#include "xml.h"

static void write_attribute(FILE *out, const char *name, const char *sentence)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add_sentence(&text, sentence);
    fprintf(out, " %s=\"", name);
    ss_xml_write(out, text.octets);
    fputc('"', out);
}

static void write_seconds(FILE *out, uint64_t duration_us)
{
    fprintf(out, " time=\"%.6f\"", (double)duration_us / 1e6);
}

/* The step as lines, which are kept: they are the text of the element. */
static void write_step(FILE *out, const struct ss_event_step *step)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return;
    ss_report_write_step(memory, 0, step);
    if (fclose(memory) == 0)
        ss_xml_write(out, text);
    free(text);
}

static void write_failure(FILE *out, const struct ss_result *result)
{
    fputs("      <failure", out);
    write_attribute(out, "message", result->text);
    fputc('>', out);
    if (result->step)
        write_step(out, result->step);
    fprintf(out, "again with --seed=%llu</failure>\n", (unsigned long long)result->seed);
}

static void write_skip(FILE *out, const struct ss_result *result)
{
    fputs("      <skipped", out);
    write_attribute(out, "message", result->text);
    fputs("/>\n", out);
}

static void write_case(FILE *out, const struct ss_result *result)
{
    fputs("    <testcase", out);
    write_attribute(out, "classname", result->file);
    write_attribute(out, "name", result->title[0] ? result->title : result->file);
    write_attribute(out, "file", result->file);
    write_seconds(out, result->duration_us);
    switch (result->outcome) {
    case SS_OUTCOME_PASSED:
        fputs("/>\n", out);
        return;
    case SS_OUTCOME_FAILED:
        fputs(">\n", out);
        write_failure(out, result);
        break;
    case SS_OUTCOME_SKIPPED:
        fputs(">\n", out);
        write_skip(out, result);
        break;
    }
    fputs("    </testcase>\n", out);
}

static size_t count(const struct ss_result *results, size_t count, enum ss_outcome outcome)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += results[i].outcome == outcome;
    return found;
}

static void write_counts(FILE *out, const struct ss_result *results, size_t total)
{
    uint64_t duration_us = 0;
    for (size_t i = 0; i < total; i++)
        duration_us += results[i].duration_us;
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", total,
            count(results, total, SS_OUTCOME_FAILED), count(results, total, SS_OUTCOME_SKIPPED));
    write_seconds(out, duration_us);
    fputs(">\n", out);
}

void ss_report_junit(FILE *out, const struct ss_result *results, size_t total)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
    write_counts(out, results, total);
    fputs("  <testsuite name=\"synstep\"", out);
    write_counts(out, results, total);
    for (size_t i = 0; i < total; i++)
        write_case(out, &results[i]);
    fputs("  </testsuite>\n</testsuites>\n", out);
}
