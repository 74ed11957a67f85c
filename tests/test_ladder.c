/*
 * test_ladder: what a run looks like, against golden files in tests/golden (run with
 * UPDATE_GOLDEN=1 it rewrites them: read the difference before it is committed), and what must hold
 * of any run.
 */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenes.h"
#include "synstep/ladder.h"
#include "synstep/random.h"

static struct scene scene;

/* What a ladder with these options prints of the scene; the caller frees it. */
static char *shown(struct ss_ladder_options options)
{
    char *text = NULL;
    size_t length;
    options.out = open_memstream(&text, &length);
    struct ss_ladder *ladder = ss_ladder_open(&options);
    scene_play(&scene, ss_ladder_sink(ladder));
    ss_ladder_close(ladder);
    fclose(options.out);
    return text;
}

static void golden_path(char path[512], const char *name)
{
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, 512, "%s/tests/golden/%s.txt", source ? source : ".", name);
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    if (getdelim(&text, &size, '\0', file) < 0 && text)
        text[0] = '\0';
    fclose(file);
    return text;
}

static void update(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void expect_golden(const char *name, struct ss_ladder_options options)
{
    char path[512];
    golden_path(path, name);
    char *text = shown(options);
    if (getenv("UPDATE_GOLDEN"))
        update(path, text);
    char *golden = read_whole(path);
    ck_assert_msg(golden != NULL, "%s is not there", path);
    ck_assert_msg(strcmp(golden, text) == 0, "%s differs; this was printed:\n%s", path, text);
    free(golden);
    free(text);
}

START_TEST(test_ladder_whole_run_at_80_columns_is_as_drawn)
{
    scene_whole(&scene, 4);
    expect_golden("ladder_80", (struct ss_ladder_options){.columns = 80});
}
END_TEST

START_TEST(test_ladder_whole_run_at_100_columns_is_as_drawn)
{
    scene_whole(&scene, 6);
    expect_golden("ladder_100", (struct ss_ladder_options){.columns = 100});
}
END_TEST

START_TEST(test_ladder_ascii_is_as_drawn)
{
    scene_whole(&scene, 4);
    expect_golden("ladder_ascii", (struct ss_ladder_options){.columns = 80, .ascii = true});
}
END_TEST

START_TEST(test_ladder_color_is_as_drawn)
{
    scene_wrong_ack(&scene);
    expect_golden("ladder_color", (struct ss_ladder_options){.columns = 100, .color = true});
}
END_TEST

START_TEST(test_ladder_failed_check_is_loud)
{
    scene_wrong_ack(&scene);
    expect_golden("ladder_failed", (struct ss_ladder_options){.columns = 80});
}
END_TEST

START_TEST(test_ladder_impaired_segments_are_told_apart)
{
    scene_impaired(&scene);
    expect_golden("ladder_impaired", (struct ss_ladder_options){.columns = 80});
}
END_TEST

START_TEST(test_ladder_impaired_segments_in_ascii_are_told_apart)
{
    scene_impaired(&scene);
    expect_golden("ladder_impaired_ascii",
                  (struct ss_ladder_options){.columns = 80, .ascii = true});
}
END_TEST

START_TEST(test_ladder_verbose_shows_every_field)
{
    scene_whole(&scene, 4);
    scene.count = 3;
    expect_golden("ladder_verbose", (struct ss_ladder_options){.columns = 80, .headers = true});
}
END_TEST

START_TEST(test_ladder_icmp_error_is_as_drawn)
{
    scene_unreachable(&scene);
    expect_golden("ladder_icmp", (struct ss_ladder_options){.columns = 80});
}
END_TEST

START_TEST(test_ladder_datagrams_are_as_drawn)
{
    scene_datagrams(&scene);
    expect_golden("ladder_datagrams", (struct ss_ladder_options){.columns = 100});
    expect_golden("ladder_datagrams_80", (struct ss_ladder_options){.columns = 80, .ascii = true});
}
END_TEST

START_TEST(test_ladder_arp_is_as_drawn)
{
    scene_arp(&scene);
    expect_golden("ladder_arp", (struct ss_ladder_options){.columns = 100});
    scene.count = 2;
    expect_golden("ladder_arp_verbose", (struct ss_ladder_options){.columns = 80, .headers = true});
}
END_TEST

START_TEST(test_ladder_played_scenario_is_as_drawn)
{
    scene_played(&scene);
    expect_golden("ladder_played",
                  (struct ss_ladder_options){.columns = 100, .file = "handshake.step"});
    expect_golden(
        "ladder_played_ascii",
        (struct ss_ladder_options){.columns = 80, .ascii = true, .file = "handshake.step"});
}
END_TEST

START_TEST(test_ladder_expectations_that_fail_are_loud)
{
    scene_unmet(&scene);
    expect_golden("ladder_unmet",
                  (struct ss_ladder_options){.columns = 100, .file = "handshake.step"});
    expect_golden("ladder_unmet_80",
                  (struct ss_ladder_options){.columns = 80, .file = "handshake.step"});
    expect_golden("ladder_unmet_color",
                  (struct ss_ladder_options){.columns = 80, .color = true, .ascii = true});
}
END_TEST

START_TEST(test_ladder_without_j_says_only_where)
{
    scene_begin(&scene, 4);
    scene_start(&scene, 0)->start.isn_known = false;
    char *text = shown((struct ss_ladder_options){.columns = 80});
    ck_assert_int_eq(strncmp(text, "two private hosts, veth\n\n", 25), 0);
    free(text);
}
END_TEST

START_TEST(test_ladder_quiet_prints_only_the_closing_line)
{
    scene_whole(&scene, 4);
    char *text = shown((struct ss_ladder_options){.columns = 80, .quiet = true});
    ck_assert_str_eq(text, "11 segments, 53 checks: all held (0.780 ms)\n");
    free(text);
}
END_TEST

START_TEST(test_ladder_narrow_and_wide_terminals_are_taken_as_80_and_120)
{
    static const unsigned given[] = {0, 79, 121, 100000}, taken[] = {80, 80, 120, 120};
    scene_whole(&scene, 4);
    for (size_t i = 0; i < 4; i++) {
        char *one = shown((struct ss_ladder_options){.columns = given[i]});
        char *other = shown((struct ss_ladder_options){.columns = taken[i]});
        ck_assert_str_eq(one, other);
        free(one);
        free(other);
    }
}
END_TEST

/* --- what holds of any run ----------------------------------------------------------------------
 */

/* Columns of a line: octets that do not continue a UTF-8 character, escape sequences left out. */
static size_t columns_of(const char *line, size_t length)
{
    size_t columns = 0;
    bool escape = false;
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\x1b')
            escape = true;
        if (!escape && ((uint8_t)line[i] & 0xc0) != 0x80)
            columns++;
        if (escape && line[i] == 'm')
            escape = false;
    }
    return columns;
}

static void expect_no_line_wider(const char *text, size_t limit)
{
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        ck_assert_msg(columns_of(line, length) <= limit, "over %zu columns: %.*s", limit,
                      (int)length, line);
        ck_assert_msg(length == 0 || line[length - 1] != ' ', "trailing space: %.*s", (int)length,
                      line);
        line += length + (line[length] == '\n');
    }
}

static void fill_words(struct ss_random *random, char *text, size_t size)
{
    size_t length = ss_random_below(random, (uint32_t)size);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(ss_random_below(random, 6) ? 1 + ss_random_below(random, 255) : ' ');
    text[length] = '\0';
}

static uint32_t any_number(struct ss_random *random)
{
    return ss_random_below(random, 2) ? UINT32_MAX - ss_random_below(random, 3)
                                      : ss_random_next32(random);
}

static void fill_symbol(struct ss_random *random, char symbol[SS_SEQ_TEXT_SIZE])
{
    static const char *const forms[] = {"",          "J", "K+4294967295", "M+1", "N-2147483648",
                                        "4294967295"};
    snprintf(symbol, SS_SEQ_TEXT_SIZE, "%s", forms[ss_random_below(random, 6)]);
}

static enum ss_tcp_state any_state(struct ss_random *random)
{
    return (enum ss_tcp_state)ss_random_below(random, SS_TCP_STATES);
}

static void fill_options(struct ss_random *random, struct ss_tcp_options *options)
{
    options->has_mss = ss_random_below(random, 2);
    options->mss = (uint16_t)any_number(random);
    options->has_timestamps = ss_random_below(random, 2);
    options->timestamp_value = any_number(random);
    options->timestamp_echo = any_number(random);
    options->sack_count = options->has_mss ? 0 : (uint8_t)ss_random_below(random, 4);
    for (size_t i = 0; i < options->sack_count; i++)
        options->sack[i].left = options->sack[i].right = ss_seq_from(any_number(random));
}

static void add_verdicts(struct ss_random *random)
{
    uint32_t count = ss_random_below(random, SS_VERDICTS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        enum ss_rule rule = (enum ss_rule)ss_random_below(random, SS_RULES);
        scene_verdict(&scene, (enum ss_verdict_level)ss_random_below(random, 4), ss_rule_name(rule),
                      ss_rule_clause(rule), (enum ss_verdict_numbers)ss_random_below(random, 5),
                      any_number(random), any_number(random));
    }
}

static void add_segment(struct ss_random *random)
{
    char data[200] = "";
    struct scene_segment said = {.from = (enum ss_side)ss_random_below(random, 2),
                                 .flags = (uint8_t)ss_random_next32(random),
                                 .seq = any_number(random),
                                 .ack = any_number(random),
                                 .seq_symbol = "",
                                 .window_bytes = any_number(random),
                                 .fate = (enum ss_fate)ss_random_below(random, 5)};
    fill_options(random, &said.options);
    fill_words(random, data, ss_random_below(random, 2) ? sizeof(data) : 44);
    said.data = data;
    for (int side = 0; side < 2; side++) {
        said.before[side] = any_state(random);
        said.after[side] = any_state(random);
    }
    struct ss_event_segment *segment = &scene_segment(&scene, &said)->segment;
    fill_symbol(random, segment->seq_symbol);
    fill_symbol(random, segment->ack_symbol);
    segment->n = any_number(random) >> ss_random_below(random, 32);
    add_verdicts(random);
}

static void add_witness(struct ss_random *random)
{
    struct ss_event_witness *witness =
        &scene_witness(&scene, "after a moment that takes many words to say", any_state(random),
                       any_number(random), any_number(random))
             ->witness;
    witness->ok = ss_random_below(random, 2);
    witness->actual.answer = (enum ss_witness_answer)ss_random_below(random, 3);
    witness->rcv_nxt = ss_seq_from(any_number(random));
    for (int state = 0; state < SS_TCP_STATES; state++)
        witness->state_checked[state] = ss_random_below(random, 2);
    fill_symbol(random, witness->rcv_nxt_symbol);
    fill_symbol(random, witness->write_seq_symbol);
}

static void add_step(struct ss_random *random)
{
    static const char *const files[] = {"x.step", "a folder/with a long name/that goes on.step"};
    struct ss_event_step *step = &scene_step(&scene, &(struct ss_event_step){.ok = false})->step;
    step->kind = ss_random_below(random, 3);
    step->ok = ss_random_below(random, 2);
    step->file = files[ss_random_below(random, 2)];
    step->line = any_number(random) >> ss_random_below(random, 32);
    step->n = ss_random_below(random, 2) ? 0 : any_number(random);
    step->checks = any_number(random);
    fill_words(random, step->text, sizeof(step->text));
    fill_words(random, step->answer, ss_random_below(random, 2) ? sizeof(step->answer) : 2);
    step->mismatch_count = ss_random_below(random, SS_MISMATCHES_MAX + 1);
    for (size_t i = 0; i < step->mismatch_count; i++) {
        fill_words(random, step->mismatches[i].name, sizeof(step->mismatches[i].name));
        fill_words(random, step->mismatches[i].expected, sizeof(step->mismatches[i].expected));
        fill_words(random, step->mismatches[i].actual, sizeof(step->mismatches[i].actual));
    }
}

static void add_any(struct ss_random *random)
{
    struct ss_event *event;
    switch (ss_random_below(random, 7)) {
    case 2:
    case 3:
        add_step(random);
        break;
    case 0:
        add_witness(random);
        break;
    case 1:
        event = scene_note(&scene, ss_random_below(random, 2), "");
        fill_words(random, event->note.text, sizeof(event->note.text));
        break;
    default:
        add_segment(random);
    }
    uint64_t time_us = (uint64_t)any_number(random) << 32 | any_number(random);
    scene.events[scene.count - 1].time_us = time_us >> ss_random_below(random, 64);
}

/* Ends whose addresses are as long as text for them gets, and any events between them. */
static void make_any_scene(struct ss_random *random)
{
    scene_begin(&scene, ss_random_below(random, 2) ? 4 : 6);
    for (int side = 0; side < 2; side++) {
        memset(scene.ends[side].address.octets, 0xff - side, 16);
        scene.ends[side].port = (uint16_t)(65535 - side);
    }
    struct ss_event *start = scene_start(&scene, any_number(random));
    fill_words(random, start->start.where, sizeof(start->start.where));
    fill_words(random, start->start.title, sizeof(start->start.title));
    for (int i = 0; i < 12; i++)
        add_any(random);
    struct ss_event_end *end = &scene_end(&scene)->end;
    end->ok = ss_random_below(random, 2);
    end->segments = any_number(random);
    end->checks = any_number(random);
    fill_words(random, end->text, sizeof(end->text));
    for (int i = 0; i < 4; i++) {
        end->number_known[i] = ss_random_below(random, 4);
        end->number[i] = ss_seq_from(any_number(random));
    }
}

START_TEST(test_ladder_any_run_fits_its_columns)
{
    struct ss_random random = ss_random_seeded((uint64_t)_i);
    make_any_scene(&random);
    for (unsigned columns = 80; columns <= 120; columns += 20) {
        char *text = shown((struct ss_ladder_options){.columns = columns,
                                                      .color = _i & 1,
                                                      .ascii = _i & 2,
                                                      .headers = _i & 4,
                                                      .file = "x.step"});
        expect_no_line_wider(text, columns);
        free(text);
    }
}
END_TEST

static void expect_octets(const char *text, bool ascii, bool color)
{
    for (; *text; text++) {
        uint8_t octet = (uint8_t)*text;
        ck_assert_msg(octet >= ' ' || octet == '\n' || (color && octet == 0x1b),
                      "control character 0x%02x", octet);
        ck_assert_msg(octet != 0x7f && (!ascii || octet < 0x7f), "octet 0x%02x", octet);
    }
}

START_TEST(test_ladder_any_run_prints_no_control_characters)
{
    struct ss_random random = ss_random_seeded((uint64_t)_i);
    make_any_scene(&random);
    bool ascii = _i & 1, color = _i & 2;
    char *text = shown(
        (struct ss_ladder_options){.columns = 80, .ascii = ascii, .color = color, .headers = true});
    expect_octets(text, ascii, color);
    free(text);
}
END_TEST

START_TEST(test_ladder_long_transfer_takes_two_lines_a_segment)
{
    scene_whole(&scene, 4);
    static const char data[] = "0123456789012345678901234567890123456789012345678901234567890123";
    const struct ss_event *model = &scene.events[5]; /* the first data */
    struct ss_event event = *model;
    char *text = NULL;
    size_t length, lines = 0;
    uint32_t segments = check_is_slow() ? 100 : 1000;
    FILE *out = open_memstream(&text, &length);
    struct ss_ladder *ladder =
        ss_ladder_open(&(struct ss_ladder_options){.columns = 80, .out = out});
    struct ss_sink sink = ss_ladder_sink(ladder);
    for (size_t i = 0; i < 6; i++)
        sink.take(sink.context, &scene.events[i]);
    fflush(out);
    size_t before = length;
    for (uint32_t n = 0; n < segments; n++) {
        snprintf(event.segment.seq_symbol, SS_SEQ_TEXT_SIZE, "J+%u", 1 + n * 1448);
        event.segment.packet.payload_length = sizeof(data) - 1;
        sink.take(sink.context, &event);
    }
    ss_ladder_close(ladder);
    fclose(out);
    for (const char *at = text + before; *at; at++)
        lines += *at == '\n';
    ck_assert_uint_eq(lines, 2 * segments);
    free(text);
}
END_TEST

static Suite *ladder_suite(void)
{
    Suite *suite = suite_create("ladder");
    TCase *golden = tcase_create("golden");
    tcase_add_test(golden, test_ladder_whole_run_at_80_columns_is_as_drawn);
    tcase_add_test(golden, test_ladder_whole_run_at_100_columns_is_as_drawn);
    tcase_add_test(golden, test_ladder_ascii_is_as_drawn);
    tcase_add_test(golden, test_ladder_color_is_as_drawn);
    tcase_add_test(golden, test_ladder_failed_check_is_loud);
    tcase_add_test(golden, test_ladder_impaired_segments_are_told_apart);
    tcase_add_test(golden, test_ladder_impaired_segments_in_ascii_are_told_apart);
    tcase_add_test(golden, test_ladder_verbose_shows_every_field);
    tcase_add_test(golden, test_ladder_icmp_error_is_as_drawn);
    tcase_add_test(golden, test_ladder_datagrams_are_as_drawn);
    tcase_add_test(golden, test_ladder_arp_is_as_drawn);
    tcase_add_test(golden, test_ladder_played_scenario_is_as_drawn);
    tcase_add_test(golden, test_ladder_expectations_that_fail_are_loud);
    tcase_add_test(golden, test_ladder_without_j_says_only_where);
    tcase_add_test(golden, test_ladder_quiet_prints_only_the_closing_line);
    suite_add_tcase(suite, golden);
    TCase *any = tcase_create("any run");
    tcase_add_test(any, test_ladder_narrow_and_wide_terminals_are_taken_as_80_and_120);
    int runs = check_is_slow() ? 2 : 40;
    tcase_add_loop_test(any, test_ladder_any_run_fits_its_columns, 0, runs);
    tcase_add_loop_test(any, test_ladder_any_run_prints_no_control_characters, 0, runs);
    tcase_add_test(any, test_ladder_long_transfer_takes_two_lines_a_segment);
    suite_add_tcase(suite, any);
    return suite;
}

int main(void)
{
    return check_main(ladder_suite());
}
