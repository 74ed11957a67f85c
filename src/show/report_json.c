/*
 * report_json: a suite's results as JSON Lines. Each key here stands in man/synstep-json.5.
 */
#include <stdlib.h>

#include "json_parts.h"
#include "report_parts.h"
#include "text.h"

static json_t *sentence(const char *text)
{
    struct ss_text safe;
    ss_text_clear(&safe);
    ss_text_add_sentence(&safe, text);
    return json_string(safe.octets);
}

/* Prints the object, taking it over. */
static void print(struct ss_report *report, json_t *object)
{
    char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
    if (line)
        fprintf(report->out, "%s\n", line);
    report->lacking |= !line;
    free(line);
    json_decref(object);
}

void ss_report_json_tell(struct ss_report *report, const struct ss_result *result)
{
    json_t *title = result->title[0] ? sentence(result->title) : json_null();
    print(report, json_pack("{s:s, s:o, s:s, s:o, s:I, s:I, s:o}", "event", "result", "title",
                            title, "outcome", ss_report_outcome_text(result->outcome), "text",
                            sentence(result->text), "duration_us", (json_int_t)result->duration_us,
                            "seed", (json_int_t)result->seed, "file", sentence(result->file)));
}

void ss_report_json_end(struct ss_report *report, const char *broken_off)
{
    print(report, json_pack("{s:s, s:I, s:I, s:I, s:s, s:n}", "event", "summary", "passed",
                            (json_int_t)report->passed, "failed", (json_int_t)report->failed,
                            "skipped", (json_int_t)report->skipped, "broken_off",
                            broken_off ? broken_off : "", "file"));
}
