/* scenario_support: a scenario from a text, its steps as one text, and what is wrong with it as
 * another, so that a test is two strings.
 *
 * A step is written in full: "send SYN seq=J+1", a value's kind in its own words (any, bind K,
 * K+1..K+9), what was left out left out, times in microseconds. */
#ifndef SS_TESTS_SCENARIO_SUPPORT_H
#define SS_TESTS_SCENARIO_SUPPORT_H

#include "check_main.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/scenario.h"

enum { WRITTEN_SIZE = 1 << 16 };

struct written {
    size_t length;
    char text[WRITTEN_SIZE];
};

__attribute__((format(printf, 2, 3))) static inline void add(struct written *written,
                                                             const char *format, ...)
{
    size_t left = sizeof(written->text) - written->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(written->text + written->length, left, format, arguments);
    va_end(arguments);
    ck_assert_int_ge(length, 0);
    ck_assert_uint_lt((size_t)length, left);
    written->length += (size_t)length;
}

/* --- files in memory ---------------------------------------------------------------------------*/

struct file {
    const char *path;
    const char *text;
    size_t length; /* 0: as long as the text */
};

struct files {
    const struct file *list;
    size_t count;
    size_t reads;
};

static inline enum ss_status read_file(void *context, const char *path, uint8_t **octets,
                                       size_t *length, struct ss_problem *problem)
{
    struct files *files = context;
    files->reads++;
    for (size_t i = 0; i < files->count; i++) {
        const struct file *file = &files->list[i];
        if (strcmp(file->path, path) != 0)
            continue;
        *length = file->length ? file->length : strlen(file->text);
        *octets = malloc(*length + 1);
        if (!*octets)
            abort();
        memcpy(*octets, file->text, *length);
        return SS_OK;
    }
    return ss_problem_set(problem, SS_UNREADABLE, "%s: No such file or directory", path);
}

static inline struct ss_scenario_source source_of(const char *text, struct files *files)
{
    return (struct ss_scenario_source){
        .file = "test.step",
        .text = text,
        .length = strlen(text),
        .reader = {files, files ? read_file : NULL},
    };
}

/* --- steps as text -----------------------------------------------------------------------------*/

static inline void add_term(struct written *to, const char *name, uint32_t factor, bool first)
{
    const char *sign = factor > INT32_MAX ? "-" : first ? "" : "+";
    uint32_t many = factor > INT32_MAX ? 0 - factor : factor;
    if (many == 1)
        add(to, "%s%s", sign, name);
    else
        add(to, "%s%" PRIu32 "*%s", sign, many, name);
}

static inline void add_expression(struct written *to, const struct ss_scenario *scenario,
                                  const struct ss_expression *expression)
{
    uint32_t constant = expression->constant;
    for (size_t i = 0; i < expression->term_count; i++) {
        ck_assert_uint_lt(expression->terms[i].name, scenario->name_count);
        add_term(to, scenario->names[expression->terms[i].name], expression->terms[i].factor,
                 i == 0);
    }
    if (expression->term_count == 0)
        add(to, "%" PRIu32, constant);
    else if (constant > INT32_MAX)
        add(to, "-%" PRIu32, 0 - constant);
    else if (constant > 0)
        add(to, "+%" PRIu32, constant);
}

static inline void add_value(struct written *to, const struct ss_scenario *scenario,
                             const struct ss_value *value)
{
    char address[SS_ADDRESS_TEXT_SIZE], card[SS_ETHERNET_TEXT_SIZE];
    switch (value->kind) {
    case SS_VALUE_EQUAL:
        add_expression(to, scenario, &value->low);
        break;
    case SS_VALUE_RANGE:
        add_expression(to, scenario, &value->low);
        add(to, "..");
        add_expression(to, scenario, &value->high);
        break;
    case SS_VALUE_BIND:
        add(to, "bind ");
        add_expression(to, scenario, &value->low);
        break;
    case SS_VALUE_ANY:
        add(to, "any");
        break;
    case SS_VALUE_ADDRESS:
        ss_address_format(address, &value->address);
        add(to, "%s", address);
        break;
    case SS_VALUE_CARD:
        ss_ethernet_format(card, value->card);
        add(to, "%s", card);
        break;
    }
}

static inline void add_payload(struct written *to, const struct ss_payload *payload)
{
    switch (payload->kind) {
    case SS_PAYLOAD_NONE:
        break;
    case SS_PAYLOAD_OCTETS:
        add(to, " octets:");
        for (size_t i = 0; i < payload->length; i++)
            add(to, "%02x", payload->octets[i]);
        break;
    case SS_PAYLOAD_SIZE:
        add(to, " size:%zu", payload->length);
        break;
    case SS_PAYLOAD_ANY:
        add(to, " size:any");
        break;
    }
}

static inline void add_option_values(struct written *to, const struct ss_scenario *scenario,
                                     const struct ss_option_value *option)
{
    size_t values =
        option->kind == SS_TCP_OPTION_TIMESTAMPS                                          ? 2
        : option->kind == SS_TCP_OPTION_MSS || option->kind == SS_TCP_OPTION_WINDOW_SCALE ? 1
                                                                                          : 0;
    for (size_t i = 0; i < values; i++) {
        add(to, i ? "," : "=");
        add_value(to, scenario, &option->value[i]);
    }
    for (size_t i = 0; i < option->block_count; i++) {
        add(to, i ? "," : "=");
        add_value(to, scenario, &option->blocks[i]);
    }
}

static inline void add_option(struct written *to, const struct ss_scenario *scenario,
                              const struct ss_option_value *option)
{
    switch (option->form) {
    case SS_OPTION_PRESENT:
        add(to, " kind%u there", option->kind);
        break;
    case SS_OPTION_ABSENT:
        add(to, " kind%u absent", option->kind);
        break;
    case SS_OPTION_VALUE:
        add(to, " kind%u", option->kind);
        add_option_values(to, scenario, option);
        break;
    case SS_OPTION_RAW:
        add(to, " kind%u raw:", option->kind);
        for (size_t i = 0; i < option->raw_length; i++)
            add(to, "%02x", option->raw[i]);
        break;
    }
}

static inline void add_segment(struct written *to, const struct ss_scenario *scenario,
                               const struct ss_segment_step *segment)
{
    char flags[SS_TCP_FLAGS_TEXT_SIZE];
    ss_tcp_flags_format(flags, segment->flags);
    if (segment->flags_given)
        add(to, " %s", flags);
    if (segment->protocol != SS_PROTOCOL_TCP)
        add(to, " %s", ss_protocol_text(segment->protocol));
    if (segment->type)
        add(to, " %s", segment->type->name);
    for (size_t i = 0; i < segment->header_count; i++) {
        add(to, " %s=", segment->headers[i].name);
        add_value(to, scenario, &segment->headers[i].value);
    }
    for (size_t i = 0; i < segment->field_count; i++) {
        add(to, " %s=", ss_field_text(segment->fields[i].field));
        add_value(to, scenario, &segment->fields[i].value);
    }
    if (segment->no_options)
        add(to, " no-options");
    for (size_t i = 0; i < segment->option_count; i++)
        add_option(to, scenario, &segment->options[i]);
    add_payload(to, &segment->payload);
    if (segment->corrupt & SS_CORRUPT_TCP_CHECKSUM)
        add(to, " corrupt-tcp");
    if (segment->corrupt & SS_CORRUPT_IP_CHECKSUM)
        add(to, " corrupt-ip");
    if (segment->within_us)
        add(to, " within:%" PRIu64, segment->within_us);
    if (segment->after_given)
        add(to, " after:%" PRIu64 "+-%" PRIu64, segment->after_us, segment->after_tolerance_us);
}

static inline void add_command(struct written *to, const struct ss_far_command *command)
{
    add(to, " %s", ss_far_verb_text(command->verb));
    if (command->name)
        add(to, " %s", command->name);
    if (command->number)
        add(to, " %" PRId64, command->number);
    if (command->text)
        add(to, " '%s'", command->text);
    if (command->urgent)
        add(to, " urgent");
}

static inline void add_peer(struct written *to, const struct ss_scenario *scenario,
                            const struct ss_peer_step *peer)
{
    switch (peer->kind) {
    case SS_PEER_COMMAND:
        add_command(to, &peer->command);
        break;
    case SS_PEER_EXPECT_STATE:
        add(to, " expect state %s", ss_tcp_state_text(peer->state));
        break;
    case SS_PEER_EXPECT_READ:
        add(to, " expect read");
        break;
    case SS_PEER_EXPECT_DATAGRAM:
        add(to, " expect datagram");
        break;
    case SS_PEER_EXPECT_END:
        add(to, " expect end");
        break;
    case SS_PEER_EXPECT_ERROR:
        add(to, " expect error %s", peer->error);
        break;
    case SS_PEER_EXPECT_RCV_NXT:
        add(to, " expect rcv_nxt=");
        add_value(to, scenario, &peer->number);
        break;
    case SS_PEER_EXPECT_WRITE_SEQ:
        add(to, " expect write_seq=");
        add_value(to, scenario, &peer->number);
        break;
    }
    add_payload(to, &peer->payload);
    add(to, " within:%" PRIu64, peer->within_us);
}

static inline void add_let(struct written *to, const struct ss_scenario *scenario,
                           const struct ss_step *step)
{
    add(to, "let %s=", scenario->names[step->let.name]);
    if (step->let.random)
        add(to, "random");
    else
        add_expression(to, scenario, &step->let.value);
}

static inline void add_harm(struct written *to, const struct ss_step *step)
{
    static const char *const words[] = {"drop", "duplicate", "delay"};
    add(to, "%s %s", words[step->harm.kind], step->harm.incoming ? "in" : "out");
    if (step->harm.kind == SS_HARM_DELAY)
        add(to, " %" PRIu64, step->harm.duration_us);
}

static inline void add_own(struct written *to, const struct ss_scenario *scenario,
                           const struct ss_step *step)
{
    static const char *const words[] = {"snd_nxt", "rcv_nxt", "window"};
    add(to, "set %s=", words[step->set.variable]);
    add_expression(to, scenario, &step->set.value);
}

static inline void add_step(struct written *to, const struct ss_scenario *scenario,
                            const struct ss_step *step)
{
    static const char *const signs[] = {"send", "expect", "optional", "skipping", "not"};
    switch (step->kind) {
    case SS_STEP_SEND:
    case SS_STEP_EXPECT:
    case SS_STEP_EXPECT_OPTIONAL:
    case SS_STEP_EXPECT_SKIPPING:
    case SS_STEP_EXPECT_NOT:
        add(to, "%s", signs[step->kind]);
        add_segment(to, scenario, &step->segment);
        break;
    case SS_STEP_GROUP:
        add(to, "group of %zu", step->count);
        break;
    case SS_STEP_LET:
        add_let(to, scenario, step);
        break;
    case SS_STEP_PEER:
        add(to, "peer");
        add_peer(to, scenario, &step->peer);
        break;
    case SS_STEP_WAIT:
        add(to, "wait %" PRIu64, step->duration_us);
        break;
    case SS_STEP_HARM:
        add_harm(to, step);
        break;
    case SS_STEP_SET:
        add_own(to, scenario, step);
        break;
    }
    add(to, "\n");
}

static inline void write_steps(struct written *to, const struct ss_scenario *scenario)
{
    to->length = 0;
    to->text[0] = '\0';
    for (size_t i = 0; i < scenario->step_count; i++)
        add_step(to, scenario, &scenario->steps[i]);
}

static inline void write_diagnostics(struct written *to, const struct ss_diagnostics *diagnostics)
{
    char text[1200];
    to->length = 0;
    to->text[0] = '\0';
    for (size_t i = 0; i < diagnostics->count; i++) {
        ss_diagnostic_format(&diagnostics->list[i], text, sizeof(text));
        add(to, "%s", text);
    }
}

/* --- whole tests -------------------------------------------------------------------------------*/

/* The scenario, to be freed; the test fails when there is none. */
static inline struct ss_scenario *parse_source(const struct ss_scenario_source *source)
{
    static struct written written;
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    enum ss_status status = ss_scenario_parse(source, &scenario, &diagnostics);
    write_diagnostics(&written, &diagnostics);
    ck_assert_msg(status == SS_OK, "%s\nis wrong: %s", source->text, written.text);
    ck_assert_uint_eq(diagnostics.found, 0);
    return scenario;
}

static inline struct ss_scenario *parse(const char *text)
{
    struct ss_scenario_source source = source_of(text, NULL);
    return parse_source(&source);
}

static inline void expect_source_steps(const struct ss_scenario_source *source, const char *steps)
{
    static struct written written;
    struct ss_scenario *scenario = parse_source(source);
    write_steps(&written, scenario);
    ck_assert_str_eq(written.text, steps);
    ss_scenario_free(scenario);
}

static inline void expect_steps(const char *text, const char *steps)
{
    struct ss_scenario_source source = source_of(text, NULL);
    expect_source_steps(&source, steps);
}

/* What is said of a source that is wrong: all of it, with its caret lines. */
static inline void expect_source_wrong(const struct ss_scenario_source *source,
                                       enum ss_status expected, const char *said)
{
    static struct written written;
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    enum ss_status status = ss_scenario_parse(source, &scenario, &diagnostics);
    write_diagnostics(&written, &diagnostics);
    ck_assert_str_eq(written.text, said);
    ck_assert_int_eq(status, expected);
    ck_assert_ptr_null(scenario);
}

static inline void expect_wrong(const char *text, const char *said)
{
    struct ss_scenario_source source = source_of(text, NULL);
    expect_source_wrong(&source, SS_USAGE, said);
}

#endif
