/*
 * json: the events as JSON Lines. Each key here stands in man/synstep-json.5, and no other.
 */
#include "synstep/json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "json_parts.h"
#include "text.h"

struct ss_json {
    FILE *out;
    const char *file; /* the scenario's name, for each line; NULL: none */
    bool failed;
    int error; /* errno of the first failure; 0: out of memory */
};

struct ss_json *ss_json_open(FILE *out)
{
    struct ss_json *json = calloc(1, sizeof(*json));
    if (json)
        json->out = out;
    return json;
}

void ss_json_name(struct ss_json *json, const char *file)
{
    json->file = file;
}

/* A side as the reader of the stream knows it. */
static const char *end_text(enum ss_side side)
{
    return side == SS_SIDE_A ? "local" : "peer";
}

/* Text of unknown origin is made printable ASCII, so that it is always valid JSON. */
static json_t *sentence(const char *text)
{
    struct ss_text safe;
    ss_text_clear(&safe);
    ss_text_add_sentence(&safe, text);
    return json_string(safe.octets);
}

static json_t *end_object(const struct ss_socket_address *end)
{
    char address[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(address, &end->address);
    return json_pack("{s:s, s:i}", "address", address, "port", (int)end->port);
}

static json_t *start_object(const struct ss_event *event)
{
    const struct ss_event_start *start = &event->start;
    json_t *title = start->title[0] ? sentence(start->title) : json_null();
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:I, s:o, s:o}", "event", "start", "time_us",
                     (json_int_t)event->time_us, "local", end_object(&start->local), "peer",
                     end_object(&start->peer), "isn",
                     ss_json_integer_if(start->isn_known, start->isn.value), "epoch_us",
                     (json_int_t)start->epoch_us, "where", sentence(start->where), "title", title);
}

static json_t *states_checked(const struct ss_event_witness *witness)
{
    json_t *list = json_array();
    for (int state = 0; state < SS_TCP_STATES; state++)
        if (witness->state_checked[state])
            ss_json_append(&list, json_string(ss_tcp_state_text((enum ss_tcp_state)state)));
    return list;
}

static const char *answer_text(enum ss_witness_answer answer)
{
    switch (answer) {
    case SS_WITNESS_ANSWERED:
        return "answered";
    case SS_WITNESS_NONE:
        return "none";
    case SS_WITNESS_DENIED:
        return "denied";
    }
    return "";
}

static json_t *witness_object(const struct ss_event *event)
{
    const struct ss_event_witness *witness = &event->witness;
    const struct ss_witness *actual = &witness->actual;
    json_t *object =
        json_pack("{s:s, s:I, s:o, s:s}", "event", "witness", "time_us", (json_int_t)event->time_us,
                  "moment", sentence(witness->moment), "answer", answer_text(actual->answer));
    bool answered = actual->answer == SS_WITNESS_ANSWERED;
    const char *state = answered ? ss_tcp_state_text(actual->state) : NULL;
    ss_json_add(&object, "state", json_pack("s?", state));
    ss_json_add(&object, "rcv_nxt", ss_json_integer_if(answered, actual->rcv_nxt.value));
    ss_json_add(&object, "write_seq", ss_json_integer_if(answered, actual->write_seq.value));
    ss_json_add(&object, "expected",
                json_pack("{s:o, s:I, s:I}", "states", states_checked(witness), "rcv_nxt",
                          (json_int_t)witness->rcv_nxt.value, "write_seq",
                          (json_int_t)witness->write_seq.value));
    ss_json_add(&object, "symbols",
                json_pack("{s:s, s:s}", "rcv_nxt", witness->rcv_nxt_symbol, "write_seq",
                          witness->write_seq_symbol));
    ss_json_add(&object, "ok", json_boolean(witness->ok));
    return object;
}

static const char *step_kind_text(const struct ss_event_step *step)
{
    switch (step->kind) {
    case SS_EVENT_STEP_EXPECT:
        return "expect";
    case SS_EVENT_STEP_PEER:
        return "peer";
    case SS_EVENT_STEP_OTHER:
        return "other";
    }
    return "";
}

static json_t *mismatch_list(const struct ss_event_step *step)
{
    json_t *list = json_array();
    for (size_t i = 0; i < step->mismatch_count; i++)
        ss_json_append(&list,
                       json_pack("{s:o, s:o, s:o}", "name", sentence(step->mismatches[i].name),
                                 "expected", sentence(step->mismatches[i].expected), "actual",
                                 sentence(step->mismatches[i].actual)));
    return list;
}

static json_t *step_object(const struct ss_event *event)
{
    const struct ss_event_step *step = &event->step;
    json_t *place =
        json_pack("{s:o, s:I}", "file", sentence(step->file), "line", (json_int_t)step->line);
    return json_pack("{s:s, s:I, s:s, s:o, s:o, s:o, s:o, s:I, s:o, s:b}", "event", "step",
                     "time_us", (json_int_t)event->time_us, "kind", step_kind_text(step), "place",
                     place, "text", sentence(step->text), "answer", sentence(step->answer), "n",
                     ss_json_integer_if(step->n > 0, step->n), "checks", (json_int_t)step->checks,
                     "mismatches", mismatch_list(step), "ok", (int)step->ok);
}

static json_t *note_object(const struct ss_event *event)
{
    return json_pack("{s:s, s:I, s:b, s:o}", "event", "note", "time_us", (json_int_t)event->time_us,
                     "warning", (int)event->note.warning, "text", sentence(event->note.text));
}

static json_t *numbers_object(const struct ss_event_end *end)
{
    static const char *const letters[] = {"J", "K", "M", "N"};
    json_t *object = json_object();
    for (size_t i = 0; i < 4; i++)
        ss_json_add(&object, letters[i],
                    ss_json_integer_if(end->number_known[i], end->number[i].value));
    return object;
}

static json_t *end_event_object(const struct ss_event *event)
{
    const struct ss_event_end *end = &event->end;
    return json_pack("{s:s, s:I, s:b, s:s, s:o, s:I, s:I, s:I, s:o, s:I}", "event", "end",
                     "time_us", (json_int_t)event->time_us, "ok", (int)end->ok, "status",
                     end->ok ? "ok" : ss_status_text(end->status), "text", sentence(end->text),
                     "segments", (json_int_t)end->segments, "checks", (json_int_t)end->checks,
                     "failed", (json_int_t)end->failed, "numbers", numbers_object(end),
                     "duration_us", (json_int_t)end->duration_us);
}

static json_t *object_of(const struct ss_event *event)
{
    switch (event->kind) {
    case SS_EVENT_START:
        return start_object(event);
    case SS_EVENT_SEGMENT:
        return event->segment.is_datagram ? ss_json_datagram(event, end_text(event->segment.from))
                                          : ss_json_segment(event, end_text(event->segment.from));
    case SS_EVENT_WITNESS:
        return witness_object(event);
    case SS_EVENT_STEP:
        return step_object(event);
    case SS_EVENT_NOTE:
        return note_object(event);
    case SS_EVENT_END:
        return end_event_object(event);
    }
    return NULL;
}

static void remember(struct ss_json *json, int error)
{
    if (json->failed)
        return;
    json->failed = true;
    json->error = error;
}

/* After the first failure nothing more is written: half a line in the middle helps nobody. */
static void take(void *context, const struct ss_event *event)
{
    struct ss_json *json = context;
    if (json->failed)
        return;
    json_t *object = object_of(event);
    if (json->file)
        ss_json_add(&object, "file", sentence(json->file));
    char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    errno = 0;
    if (!line)
        remember(json, 0);
    else if (fputs(line, json->out) == EOF || putc('\n', json->out) == EOF ||
             fflush(json->out) != 0)
        remember(json, errno ? errno : EIO);
    free(line);
}

struct ss_sink ss_json_sink(struct ss_json *json)
{
    return (struct ss_sink){.context = json, .take = take};
}

enum ss_status ss_json_close(struct ss_json *json, struct ss_problem *problem)
{
    bool failed = json->failed;
    int error = json->error;
    free(json);
    if (!failed)
        return SS_OK;
    if (error == 0)
        return ss_problem_set(problem, SS_IO, "out of memory for the JSON output");
    return ss_problem_set(problem, error == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "the JSON output could not be written: %s", strerror(error));
}
