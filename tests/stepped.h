/* stepped: a scenario from a text, played step by step against the model over the simulated wire,
 * and what a ladder shows of it, caught in memory. K is 5000 and its window 1000 octets. */
#ifndef SS_TESTS_STEPPED_H
#define SS_TESTS_STEPPED_H

#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/ladder.h"
#include "synstep/player.h"
#include "synstep/simulated.h"

struct stepped {
    struct ss_scenario *scenario;
    struct ss_scenario *extra; /* of the statement last read by itself */
    struct ss_diagnostics diagnostics;
    struct ss_player_options options;
    struct ss_far *far;
    struct ss_wire *wire;
    struct ss_trace *trace;
    struct ss_player *player;
    struct ss_ladder *ladder;
    FILE *out;
    char *text;
    size_t length;
    struct ss_problem problem;
};

static inline struct ss_socket_address stepped_end(uint8_t version, uint8_t host, uint16_t port)
{
    const uint8_t v4[4] = {10, 0, 0, host};
    const uint8_t v6[16] = {0xfd, 0, [15] = host};
    return (struct ss_socket_address){version == 6 ? ss_address_v6(v6) : ss_address_v4(v4), port};
}

static inline void stepped_open(struct stepped *stepped, uint8_t version, unsigned columns,
                                const char *text)
{
    memset(stepped, 0, sizeof(*stepped));
    struct ss_scenario_source source = {.file = "it.step", .text = text, .length = strlen(text)};
    ck_assert_int_eq(ss_scenario_parse(&source, &stepped->scenario, &stepped->diagnostics), SS_OK);
    struct ss_far_model_options model = {.local = stepped_end(version, 2, 8888),
                                         .peer = stepped_end(version, 1, 40001),
                                         .isn_given = true,
                                         .isn = {5000},
                                         .mss = 1460,
                                         .receive_buffer = 1000,
                                         .echo = true};
    ck_assert_int_eq(ss_far_model_open(&model, &stepped->far, NULL), SS_OK);
    struct ss_simulated_host host = ss_far_model_as_host(stepped->far);
    ck_assert_int_eq(ss_simulated_open(&host, 100, &stepped->wire, NULL), SS_OK);
    ss_far_model_attach(stepped->far, stepped->wire);
    stepped->options = (struct ss_player_options){.scenario = stepped->scenario,
                                                  .local = model.peer,
                                                  .peer = model.local,
                                                  .far = stepped->far,
                                                  .simulated = true,
                                                  .random = ss_random_seeded(1),
                                                  .where = "a simulated wire"};
    stepped->out = open_memstream(&stepped->text, &stepped->length);
    struct ss_ladder_options ladder = {
        .out = stepped->out, .columns = columns, .file = "it.step", .ascii = columns == 0};
    stepped->ladder = ss_ladder_open(&ladder);
    stepped->trace = ss_trace_new();
    stepped->player = ss_player_new(&stepped->options, stepped->wire, stepped->trace);
}

/* The next `count` steps, which must hold. */
static inline void stepped_go(struct stepped *stepped, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(ss_player_advance(stepped->player, NULL, &stepped->problem) == SS_OK, "%s",
                      stepped->problem.text);
}

/* One statement by itself. */
static inline const struct ss_step *stepped_read(struct stepped *stepped, const char *text,
                                                 bool fields_only)
{
    ss_scenario_free(stepped->extra);
    stepped->extra = NULL;
    ck_assert_msg(ss_scenario_parse_step(stepped->scenario, text, fields_only, &stepped->extra,
                                         &stepped->diagnostics) == SS_OK,
                  "%s", text);
    return stepped->extra->steps;
}

static inline const struct ss_event_segment *stepped_segment(const struct stepped *stepped,
                                                             uint32_t n)
{
    for (size_t i = 0; i < ss_trace_count(stepped->trace); i++) {
        const struct ss_event *event = ss_trace_at(stepped->trace, i);
        if (event->kind == SS_EVENT_SEGMENT && event->segment.n == n)
            return &event->segment;
    }
    ck_abort_msg("no segment %u", n);
    return NULL;
}

/* What was shown so far; the caller's until the next call. */
static inline const char *stepped_shown(struct stepped *stepped)
{
    fflush(stepped->out);
    return stepped->text;
}

static inline void stepped_close(struct stepped *stepped)
{
    (void)ss_player_finish(stepped->player, SS_OK, &stepped->problem);
    ss_trace_free(stepped->trace);
    ss_ladder_close(stepped->ladder);
    fclose(stepped->out);
    free(stepped->text);
    ss_wire_close(stepped->wire);
    ss_far_close(stepped->far);
    ss_scenario_free(stepped->extra);
    ss_scenario_free(stepped->scenario);
}

#endif
