/* player_support: a scenario played over the simulated wire, against a far host and a far
 * application that do as a test has written down, and all that came of it as one text.
 *
 * Numbers are written as offsets from a base, J of the scenario, so that one test runs at each of
 * them; `param J` in a scenario's text becomes it. Time is the wire's, from 0, in microseconds: a
 * datagram takes LATENCY_US one way.
 *
 *     struct stage *stage = set_stage(4, bases[_i], "param J\n> SYN seq=J\n< SYN,ACK ack=J+1\n");
 *     say_after(stage, 1, segment(stage, S | A, 500, 1));
 *     expect_played(stage, SS_OK, "@0 > SYN seq=0\n"
 *                                 "@200 < SYN,ACK seq=500 ack=1\n"
 *                                 "@200 held line=3 n=2 checks=3\n");
 *     strike(stage); */
#ifndef SS_TESTS_PLAYER_SUPPORT_H
#define SS_TESTS_PLAYER_SUPPORT_H

#include "scenario_support.h"

#include "synstep/bytes.h"
#include "synstep/craft.h"
#include "synstep/player.h"
#include "synstep/simulated.h"

enum { LATENCY_US = 100, SEED = 7, FIRST_ID = 100 };

/* SYN, SYN and ACK, …, as a test writes them. */
enum {
    F = SS_TCP_FIN,
    S = SS_TCP_SYN,
    R = SS_TCP_RST,
    P = SS_TCP_PSH,
    A = SS_TCP_ACK,
    U = SS_TCP_URG
};

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
enum { BASES = sizeof(bases) / sizeof(bases[0]) };

static const struct ss_socket_address near_v4 = {{4, {10, 0, 0, 1}}, 49152};
static const struct ss_socket_address far_v4 = {{4, {10, 0, 0, 2}}, 8888};
static const struct ss_socket_address near_v6 = {{6, {0xfd, [15] = 1}}, 49152};
static const struct ss_socket_address far_v6 = {{6, {0xfd, [15] = 2}}, 8888};

enum { DATAGRAMS_MAX = 64, COMMANDS_MAX = 64, STORE_BYTES = 1 << 17 };

/* A datagram that reached the far host, or that it is to send. */
struct datagram {
    uint64_t time_us; /* when it came; when it is said, with `after` 0 */
    size_t after;     /* said at once after so many came */
    bool said;
    size_t length;
    uint8_t *octets;
};

/* What the far application is to answer next, `times` times over. */
struct prepared {
    unsigned times; /* 0: once */
    enum ss_status status;
    enum ss_far_outcome outcome;
    const char *error;
    bool state_known;
    enum ss_tcp_state state;
    bool numbers_known;
    uint32_t rcv_nxt;
    uint32_t write_seq;
    const char *read;
    size_t size; /* so many octets as ss_payload_octet has them, instead of `read` */
};

/* What it was told. */
struct command {
    uint64_t time_us;
    size_t arrivals; /* at the far host, by then */
    struct ss_far_command told;
    uint8_t octets[64]; /* the first of them */
};

struct stage {
    struct ss_player_options options;
    uint32_t base;
    struct ss_scenario *scenario;
    struct ss_wire *wire;
    struct ss_trace *trace;
    struct ss_player *player; /* when a test steps by itself */
    struct ss_problem problem;
    struct written story;
    size_t stored;
    uint8_t store[STORE_BYTES]; /* all datagrams lie there */

    size_t heard_count;
    struct datagram heard[DATAGRAMS_MAX];
    size_t saying_count;
    struct datagram sayings[DATAGRAMS_MAX];

    struct ss_far far;
    size_t prepared_count;
    struct prepared prepared[COMMANDS_MAX];
    size_t prepared_next;
    unsigned prepared_used; /* of the next one's times */
    size_t command_count;
    struct command commands[COMMANDS_MAX];
};

/* Into the stage's own store, which a run with no memory left does not touch. */
static inline uint8_t *copy_of(struct stage *stage, const uint8_t *octets, size_t length)
{
    if (length > STORE_BYTES - stage->stored)
        ck_abort_msg("no store for so many octets");
    uint8_t *copy = stage->store + stage->stored;
    memcpy(copy, octets, length);
    stage->stored += length;
    return copy;
}

/* --- the far host -------------------------------------------------------------------------------
 */

static inline void host_wake(void *context, struct ss_simulated *wire, const uint8_t *octets,
                             size_t length, uint64_t now_us)
{
    struct stage *stage = context;
    if (octets) {
        if (stage->heard_count == DATAGRAMS_MAX)
            ck_abort_msg("the far host hears too much");
        struct datagram *heard = &stage->heard[stage->heard_count++];
        *heard = (struct datagram){
            .time_us = now_us, .length = length, .octets = copy_of(stage, octets, length)};
    }
    for (size_t i = 0; i < stage->saying_count; i++) {
        struct datagram *saying = &stage->sayings[i];
        bool due = saying->after ? saying->after <= stage->heard_count : saying->time_us <= now_us;
        if (saying->said || !due)
            continue;
        saying->said = true;
        ss_simulated_reply(wire, saying->octets, saying->length);
    }
}

static inline uint64_t host_deadline(void *context)
{
    const struct stage *stage = context;
    uint64_t deadline_us = UINT64_MAX;
    for (size_t i = 0; i < stage->saying_count; i++) {
        const struct datagram *saying = &stage->sayings[i];
        if (!saying->said && saying->after == 0 && saying->time_us < deadline_us)
            deadline_us = saying->time_us;
    }
    return deadline_us;
}

/* A segment of the far end's, its numbers offsets from the base; to be changed at will. */
static inline struct ss_craft segment(const struct stage *stage, uint8_t flags, uint32_t seq,
                                      uint32_t ack)
{
    struct ss_craft craft = ss_craft_between(&stage->options.peer, &stage->options.local);
    craft.ipv4.id = 1;
    craft.tcp.flags = flags;
    craft.tcp.seq = ss_seq_from(stage->base + seq);
    craft.tcp.ack = ss_seq_from(flags & A ? stage->base + ack : 0);
    craft.tcp.window = 65000;
    return craft;
}

static inline struct ss_craft with_text(struct ss_craft craft, const char *text)
{
    craft.payload = (const uint8_t *)text;
    craft.payload_length = strlen(text);
    return craft;
}

static inline struct ss_craft with_options(struct ss_craft craft, const uint8_t *octets,
                                           size_t length)
{
    craft.options = octets;
    craft.options_length = length;
    return craft;
}

static inline struct datagram *say_octets(struct stage *stage, const uint8_t *octets, size_t length)
{
    ck_assert_uint_lt(stage->saying_count, DATAGRAMS_MAX);
    struct datagram *saying = &stage->sayings[stage->saying_count++];
    *saying = (struct datagram){.length = length, .octets = copy_of(stage, octets, length)};
    return saying;
}

static inline struct datagram *say(struct stage *stage, struct ss_craft craft)
{
    uint8_t octets[4096];
    size_t length = 0;
    ck_assert_int_eq(ss_craft_build(&craft, octets, sizeof(octets), &length), SS_OK);
    return say_octets(stage, octets, length);
}

/* Said at once when the n-th datagram has come, counted from 1. */
static inline void say_after(struct stage *stage, size_t n, struct ss_craft craft)
{
    say(stage, craft)->after = n;
}

static inline void say_at(struct stage *stage, uint64_t time_us, struct ss_craft craft)
{
    say(stage, craft)->time_us = time_us;
}

/* --- the far application ------------------------------------------------------------------------
 */

static inline void write_answer(const struct stage *stage, const struct prepared *prepared,
                                struct ss_far_answer *answer)
{
    *answer = (struct ss_far_answer){
        .outcome = prepared->outcome,
        .state_known = prepared->state_known,
        .state = prepared->state,
        .numbers_known = prepared->numbers_known,
        .rcv_nxt = ss_seq_from(stage->base + prepared->rcv_nxt),
        .write_seq = ss_seq_from(stage->base + prepared->write_seq),
        .length = prepared->read ? strlen(prepared->read) : prepared->size,
    };
    if (prepared->error)
        snprintf(answer->error, sizeof(answer->error), "%s", prepared->error);
    for (size_t i = 0; i < answer->length; i++)
        answer->octets[i] = prepared->read ? (uint8_t)prepared->read[i] : (uint8_t)('a' + i % 26);
}

static inline enum ss_status application_command(struct ss_far *far,
                                                 const struct ss_far_command *told,
                                                 struct ss_far_answer *answer,
                                                 struct ss_problem *problem)
{
    struct stage *stage = (struct stage *)(void *)((char *)far - offsetof(struct stage, far));
    if (stage->command_count == COMMANDS_MAX)
        ck_abort_msg("the far application is told too much");
    struct command *command = &stage->commands[stage->command_count++];
    *command = (struct command){
        .time_us = ss_wire_now_us(stage->wire), .arrivals = stage->heard_count, .told = *told};
    for (size_t i = 0; i < told->length && i < sizeof(command->octets); i++)
        command->octets[i] = told->octets[i];
    if (stage->prepared_next == stage->prepared_count)
        ck_abort_msg("told to %s, and no answer is left", ss_far_verb_text(told->verb));
    const struct prepared *prepared = &stage->prepared[stage->prepared_next];
    if (++stage->prepared_used >= prepared->times) {
        stage->prepared_next++;
        stage->prepared_used = 0;
    }
    if (prepared->status != SS_OK)
        return ss_problem_set(problem, prepared->status, "the far end is gone");
    write_answer(stage, prepared, answer);
    return SS_OK;
}

static inline void application_close(struct ss_far *far)
{
    (void)far;
}

static inline void answer(struct stage *stage, struct prepared prepared)
{
    ck_assert_uint_lt(stage->prepared_count, COMMANDS_MAX);
    stage->prepared[stage->prepared_count++] = prepared;
}

/* --- the stage ----------------------------------------------------------------------------------
 */

static inline struct ss_scenario *parse_based(const char *text, uint32_t base)
{
    char value[16];
    snprintf(value, sizeof(value), "%" PRIu32, base);
    struct ss_scenario_param param = {"J", value};
    struct ss_scenario_source source = source_of(text, NULL);
    source.params = &param;
    source.param_count = strstr(text, "param J") ? 1 : 0;
    return parse_source(&source);
}

/* Everything up to, but not into, the play; `version` of IP. */
static inline struct stage *set_stage(unsigned version, uint32_t base, const char *text)
{
    static const struct ss_far_operations operations = {application_command, application_close};
    struct stage *stage = calloc(1, sizeof(*stage));
    if (!stage)
        abort();
    stage->base = base;
    stage->far.operations = &operations;
    stage->scenario = parse_based(text, base);
    stage->options = (struct ss_player_options){
        .scenario = stage->scenario,
        .local = version == 4 ? near_v4 : near_v6,
        .peer = version == 4 ? far_v4 : far_v6,
        .far = &stage->far,
        .simulated = true,
        .random = ss_random_seeded(SEED),
        .first_ip_id = FIRST_ID,
        .where = "nowhere",
    };
    struct ss_simulated_host host = {stage, host_wake, host_deadline};
    ck_assert_int_eq(ss_simulated_open(&host, LATENCY_US, &stage->wire, NULL), SS_OK);
    stage->trace = ss_trace_new();
    ck_assert_ptr_nonnull(stage->trace);
    return stage;
}

/* What was prepared must have been asked for; what was to be said, said. */
static inline void strike(struct stage *stage)
{
    ck_assert_uint_eq(stage->prepared_next, stage->prepared_count);
    ss_wire_close(stage->wire);
    ss_trace_free(stage->trace);
    ss_scenario_free(stage->scenario);
    free(stage);
}

/* --- what came of it ----------------------------------------------------------------------------
 */

static inline void add_verdicts(struct stage *stage, const struct ss_event_segment *segment)
{
    for (size_t i = 0; i < segment->verdicts.count; i++) {
        const struct ss_verdict *verdict = &segment->verdicts.list[i];
        if (verdict->level == SS_VERDICT_VIOLATION || verdict->level == SS_VERDICT_WARNING)
            add(&stage->story, " %s:%s",
                verdict->level == SS_VERDICT_WARNING ? "warning" : "violation",
                ss_rule_name(verdict->rule));
    }
    if (segment->verdicts.count == 0)
        add(&stage->story, " unjudged");
}

static inline void add_datagram(struct stage *stage, const struct ss_packet *packet)
{
    struct ss_message message;
    ck_assert(ss_message_read(packet, &message));
    add(&stage->story, "%s%s%s size=%zu", ss_protocol_text(message.protocol),
        message.type ? " " : "", message.type ? message.type->name : "", message.payload_length);
}

static inline void add_segment_event(struct stage *stage, const struct ss_event_segment *segment)
{
    static const char *const fates[] = {"", " dropped", " duplicated", " delayed", " corrupted"};
    const struct ss_packet *packet = &segment->packet;
    char flags[SS_TCP_FLAGS_TEXT_SIZE];
    add(&stage->story, "%c ", segment->from == SS_SIDE_A ? '>' : '<');
    if (segment->is_datagram) {
        add_datagram(stage, packet);
    } else if (packet->transport == SS_TRANSPORT_TCP) {
        ss_tcp_flags_format(flags, packet->tcp.flags);
        add(&stage->story, "%s seq=%" PRId32, flags,
            (int32_t)(packet->tcp.seq.value - stage->base));
        if (packet->tcp.flags & A)
            add(&stage->story, " ack=%" PRId32, (int32_t)(packet->tcp.ack.value - stage->base));
        if (packet->payload_length > 0)
            add(&stage->story, " size=%zu", packet->payload_length);
    } else {
        add(&stage->story, "%s", packet->transport == SS_TRANSPORT_ICMP ? "icmp" : "no segment");
    }
    add(&stage->story, "%s", fates[segment->fate]);
    if (!segment->is_datagram)
        add_verdicts(stage, segment);
}

static inline void add_step_event(struct stage *stage, const struct ss_event_step *step)
{
    bool own = strcmp(step->file, "test.step") == 0;
    add(&stage->story, "%s line=%u", step->ok ? "held" : "failed", step->line);
    if (!own)
        add(&stage->story, " of %s", step->file);
    if (step->n)
        add(&stage->story, " n=%u", step->n);
    if (step->checks)
        add(&stage->story, " checks=%u", step->checks);
    if (step->answer[0])
        add(&stage->story, " (%s)", step->answer);
    for (size_t i = 0; i < step->mismatch_count; i++)
        add(&stage->story, "\n  %s: %s, not %s", step->mismatches[i].name,
            step->mismatches[i].actual, step->mismatches[i].expected);
}

/* "NAME: ACTUAL, not EXPECTED", a line each, of the step that did not hold; "" for none. */
static inline const char *differences(struct stage *stage)
{
    stage->story.length = 0;
    stage->story.text[0] = '\0';
    for (size_t i = 0; i < ss_trace_count(stage->trace); i++) {
        const struct ss_event *event = ss_trace_at(stage->trace, i);
        for (size_t j = 0; event->kind == SS_EVENT_STEP && j < event->step.mismatch_count; j++)
            add(&stage->story, "%s: %s, not %s\n", event->step.mismatches[j].name,
                event->step.mismatches[j].actual, event->step.mismatches[j].expected);
    }
    return stage->story.text;
}

/* All but the start and the end. */
static inline const char *tell_story(struct stage *stage)
{
    stage->story.length = 0;
    stage->story.text[0] = '\0';
    for (size_t i = 0; i < ss_trace_count(stage->trace); i++) {
        const struct ss_event *event = ss_trace_at(stage->trace, i);
        if (event->kind == SS_EVENT_START || event->kind == SS_EVENT_END)
            continue;
        add(&stage->story, "@%" PRIu64 " ", event->time_us);
        if (event->kind == SS_EVENT_SEGMENT)
            add_segment_event(stage, &event->segment);
        else if (event->kind == SS_EVENT_STEP)
            add_step_event(stage, &event->step);
        else
            add(&stage->story, "%s%s",
                event->note.warning ? "warning: " : "note: ", event->note.text);
        add(&stage->story, "\n");
    }
    return stage->story.text;
}

static inline void expect_story(struct stage *stage, const char *story)
{
    ck_assert_str_eq(tell_story(stage), story);
}

static inline enum ss_status play(struct stage *stage)
{
    return ss_player_run(&stage->options, stage->wire, stage->trace, &stage->problem);
}

static inline void expect_played(struct stage *stage, enum ss_status status, const char *story)
{
    enum ss_status actual = play(stage);
    expect_story(stage, story);
    ck_assert_msg(actual == status, "%s, not %s: %s", ss_status_text(actual),
                  ss_status_text(status), stage->problem.text);
}

static inline const struct ss_event_end *end_of(const struct stage *stage)
{
    size_t count = ss_trace_count(stage->trace);
    ck_assert_uint_gt(count, 0);
    const struct ss_event *last = ss_trace_at(stage->trace, count - 1);
    ck_assert_int_eq(last->kind, SS_EVENT_END);
    return &last->end;
}

/* What verify and the steps have compared, as the trace has it. */
static inline uint32_t checks_in(const struct stage *stage)
{
    uint32_t checks = 0;
    for (size_t i = 0; i < ss_trace_count(stage->trace); i++) {
        const struct ss_event *event = ss_trace_at(stage->trace, i);
        if (event->kind == SS_EVENT_STEP)
            checks += event->step.checks;
        for (size_t j = 0; event->kind == SS_EVENT_SEGMENT && j < event->segment.verdicts.count;
             j++)
            checks += event->segment.verdicts.list[j].level != SS_VERDICT_NOTE;
    }
    return checks;
}

/* The n-th datagram that reached the far host, counted from 1. */
static inline const uint8_t *heard(const struct stage *stage, size_t n, size_t length)
{
    ck_assert_uint_le(n, stage->heard_count);
    ck_assert_uint_eq(stage->heard[n - 1].length, length);
    return stage->heard[n - 1].octets;
}

/* Plays it and lets the far host hear all of it. */
static inline struct stage *sent(unsigned version, const char *text)
{
    char whole[512];
    snprintf(whole, sizeof(whole), "%swait 1ms\n", text);
    struct stage *stage = set_stage(version, 0, whole);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    return stage;
}

/* --- by hand ------------------------------------------------------------------------------------
 */

static inline void begin(struct stage *stage)
{
    stage->player = ss_player_new(&stage->options, stage->wire, stage->trace);
    ck_assert_ptr_nonnull(stage->player);
}

static inline void advance(struct stage *stage)
{
    ck_assert_ptr_nonnull(ss_player_next(stage->player));
    enum ss_status status = ss_player_advance(stage->player, NULL, &stage->problem);
    ck_assert_msg(status == SS_OK, "%s", stage->problem.text);
}

static inline enum ss_status finish(struct stage *stage, enum ss_status status)
{
    return ss_player_finish(stage->player, status, &stage->problem);
}

#endif
