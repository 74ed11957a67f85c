/*
 * test_transcript_any: whatever two ends send each other, and however odd: the scenario can be
 * read. Connections are drawn at random, the same ones each time.
 */
#include "synstep/random.h"
#include "synstep/scenario.h"
#include "transcript_bench.h"

enum { SEGMENTS_MOST = 60, OPTIONS_BYTES = 40 };

static struct ss_random chance;

static uint32_t below(uint32_t limit)
{
    return ss_random_next32(&chance) % limit;
}

/* What an end may do next: mostly what is expected, now and then anything. */
struct state {
    int64_t next[2];
    int64_t heard[2];
};

static uint8_t flags_of(void)
{
    static const uint8_t usual[] = {ACK, ACK, ACK, PSH | ACK, PSH | ACK, FIN | ACK, SYN, SYN | ACK};
    switch (below(12)) {
    case 0:
        return (uint8_t)below(256);
    case 1:
        return RST | ACK;
    case 2:
        return RST;
    default:
        return usual[below(sizeof(usual))];
    }
}

static int64_t near(int64_t number)
{
    return below(4) ? number : number + (int64_t)below(4000) - 2000;
}

static void say_anything(struct state *state)
{
    static char options[OPTIONS_BYTES];
    enum ss_side from = below(2) ? A : B;
    struct bench_segment said = {
        .from = from,
        .flags = flags_of(),
        .seq = near(state->next[from]),
        .ack = near(state->heard[from]),
        .size = below(3)   ? 0
                : below(8) ? below(200)
                           : below(9000),
        .seed = (uint8_t)below(256),
        .window = (uint16_t)below(65536),
        .options = options,
        .options_length = below(4) ? 0 : 4 * below(OPTIONS_BYTES / 4 + 1),
        .after_us = below(8) ? below(2000) : below(3000000),
        .urgent = (uint16_t)(below(9) ? 0 : below(10)),
        .tos = (uint8_t)(below(9) ? 0 : below(256)),
        .reserved = (uint8_t)(below(9) ? 0 : below(16)),
        .damaged = below(20) == 0,
    };
    for (size_t i = 0; i < sizeof(options); i++)
        options[i] = (char)(below(2) ? below(12) : below(256));
    bench_say(&bench, said);
    bool counts = said.seq == state->next[from] && !said.damaged;
    state->next[from] += counts ? (int64_t)said.size + ((said.flags & (SYN | FIN)) != 0) : 0;
    state->heard[1 - from] = state->next[from];
}

static void talk(void)
{
    struct state state = {.next = {0, 0}};
    bench_open(&bench);
    state.next[A] = state.next[B] = state.heard[A] = state.heard[B] = 1;
    for (uint32_t left = below(SEGMENTS_MOST); left > 0; left--)
        say_anything(&state);
}

/* No diagnostic: and where there is one, the line that it is about. */
static void expect_readable(const char *text)
{
    static struct ss_diagnostics diagnostics;
    struct ss_scenario *scenario = NULL;
    const struct ss_scenario_source source = {
        .file = "recorded.step", .text = text, .length = strlen(text)};
    enum ss_status status = ss_scenario_parse(&source, &scenario, &diagnostics);
    ck_assert_msg(status == SS_OK, "line %u: %s: %s\nin:\n%.2500s", diagnostics.list[0].line,
                  diagnostics.list[0].text, diagnostics.list[0].source, text);
    ck_assert_uint_gt(scenario->step_count, 0);
    ss_scenario_free(scenario);
}

START_TEST(test_transcript_any_connection_makes_a_scenario_that_can_be_read)
{
    const int rounds = check_is_slow() ? 2 : 100;
    for (int i = 0; i < rounds; i++) {
        chance = ss_random_seeded((uint64_t)_i * 1000 + (uint64_t)i);
        begin_with(bench_bases[below(BENCH_BASES)], bench_bases[below(BENCH_BASES)],
                   below(2) ? 4 : 6, below(2) ? A : B);
        talk();
        char *text = text_of();
        expect_readable(text);
        free(text);
    }
}
END_TEST

static Suite *transcript_any_suite(void)
{
    Suite *suite = suite_create("transcript_any");
    TCase *tests = tcase_create("transcript_any");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_loop_test(tests, test_transcript_any_connection_makes_a_scenario_that_can_be_read, 0,
                        10);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(transcript_any_suite());
}
