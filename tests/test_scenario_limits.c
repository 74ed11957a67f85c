/* test_scenario_limits: what is bounded, so that no text takes all memory, stack or time. */
#include "scenario_bounds.h"
#include "scenario_support.h"

/* Only what was said first, and how much there was. */
static void expect_first(const struct ss_scenario_source *source, const char *said, size_t found)
{
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    char place[600];
    ck_assert_int_eq(ss_scenario_parse(source, &scenario, &diagnostics), SS_USAGE);
    const struct ss_diagnostic *first = &diagnostics.list[0];
    snprintf(place, sizeof(place), "%s:%u:%u: %s", first->file, first->line, first->column,
             first->text);
    ck_assert_str_eq(place, said);
    ck_assert_uint_eq(diagnostics.found, found);
    ck_assert(diagnostics_within_bounds(&diagnostics));
}

static void expect_first_of(const char *text, const char *said)
{
    struct ss_scenario_source source = source_of(text, NULL);
    expect_first(&source, said, 1);
}

/* --- what is said ------------------------------------------------------------------------------*/

START_TEST(test_scenario_limits_twenty_errors_are_listed_all_are_counted)
{
    char text[40 * 8 + 1] = "";
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    for (int i = 0; i < 40; i++)
        strcat(text, "> SYNN\n");
    struct ss_scenario_source source = source_of(text, NULL);
    ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_USAGE);
    ck_assert_uint_eq(diagnostics.count, SS_SCENARIO_DIAGNOSTICS_MAX);
    ck_assert_uint_eq(diagnostics.found, 40);
    for (unsigned i = 0; i < SS_SCENARIO_DIAGNOSTICS_MAX; i++)
        ck_assert_uint_eq(diagnostics.list[i].line, i + 1);
}
END_TEST

/* A name that is not known, one error in a repeat or in a file included twice: said once. */
START_TEST(test_scenario_limits_one_mistake_is_told_once)
{
    static const struct file file = {"wrong", "> AKC\n", 0};
    struct files files = {&file, 1, 0};
    struct ss_scenario_source source =
        source_of("> SYN seq=Q+1 ack=P+1\n> SYN seq=Q+2\nrepeat 9 {\n< AKC\n}\ninclude wrong\n"
                  "repeat 3 {\ninclude wrong\n}\n",
                  &files);
    expect_first(&source,
                 "test.step:1:11: Q is not known here yet; it becomes known by let, or where it "
                 "stands alone, as in seq=Q",
                 3);
}
END_TEST

/* --- what repeats ------------------------------------------------------------------------------*/

START_TEST(test_scenario_limits_as_many_steps_as_there_may_be)
{
    struct ss_scenario *scenario = parse("repeat 100000 {\n> ACK\n}\n");
    ck_assert_uint_eq(scenario->step_count, SS_SCENARIO_STEPS_MAX);
    ss_scenario_free(scenario);
    expect_first_of("wait 1s\nrepeat 1000 {\nrepeat 100 {\n> ACK\n}\n}\n",
                    "test.step:4:6: a scenario has at most 100000 steps");
}
END_TEST

/* Nothing in it becomes a step, and still it ends. */
START_TEST(test_scenario_limits_repeat_of_nothing_ends)
{
    expect_first_of("repeat 100000 {\nrepeat 100000 {\nrepeat 100000 {\n}\n}\n}\n",
                    "test.step:4:2: repeat and include make this too long");
    struct ss_scenario *scenario = parse("repeat 100000 {\n# nothing\n}\n");
    ck_assert_uint_eq(scenario->step_count, 0);
    ss_scenario_free(scenario);
}
END_TEST

/* The bound is met at the end of a line that is wrong, too, and of any octets. */
START_TEST(test_scenario_limits_bound_is_told_after_a_mistake)
{
    enum { COMMENT = 1000, WRONG = 100000, PER_LINE = 16 };
    static char text[WRONG + COMMENT + 200];
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    size_t length = (size_t)sprintf(text, "repeat 99999 {\n#%*s\n}\nfoo", COMMENT - 2, "");
    memset(text + length, 1, WRONG);
    length += WRONG;
    size_t round = COMMENT + PER_LINE + strlen("}\n") + PER_LINE;
    size_t rounds = ((32UL << 20) + 17 * length - WRONG / 2) / round;
    char count[24];
    snprintf(count, sizeof(count), "%05zu", rounds);
    memcpy(text + strlen("repeat "), count, 5);
    struct ss_scenario_source source = source_of(text, NULL);
    ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_USAGE);
    ck_assert_uint_eq(diagnostics.count, 2);
    ck_assert_uint_eq(diagnostics.list[0].column, 1);
    ck_assert_str_eq(diagnostics.list[1].text, "repeat and include make this too long");
    ck_assert_uint_eq(diagnostics.list[1].column, 4 + WRONG);
    ck_assert(diagnostics_within_bounds(&diagnostics));
}
END_TEST

/* Forty options in each of so many steps are more than a machine should hold. */
START_TEST(test_scenario_limits_memory_is_bounded)
{
    char text[300] = "repeat 100000 {\n> SYN";
    for (int i = 0; i < 40; i++)
        strcat(text, " nop");
    expect_first_of(strcat(text, "\n}\n"), "test.step:2:166: this makes the scenario too large");
}
END_TEST

/* `depth` blocks, each in the one before. */
static const char *nested(char *text, size_t size, int depth)
{
    size_t length = 0;
    for (int i = 0; i < depth; i++)
        length += (size_t)snprintf(text + length, size - length, "repeat 1 {\n");
    for (int i = 0; i < depth; i++)
        length += (size_t)snprintf(text + length, size - length, "}\n");
    return text;
}

START_TEST(test_scenario_limits_repeat_is_sixteen_deep)
{
    char text[400];
    struct ss_scenario *scenario = parse(nested(text, sizeof(text), 16));
    ss_scenario_free(scenario);
    expect_first_of(nested(text, sizeof(text), 17), "test.step:17:1: repeat goes at most 16 deep");
}
END_TEST

/* However many braces: no stack is used up. */
START_TEST(test_scenario_limits_braces_do_not_recurse)
{
    enum { BRACES = 200000 };
    static char text[2 * BRACES + 1];
    unsigned braces = check_is_slow() ? BRACES / 20 : BRACES;
    for (unsigned i = 0; i < braces; i++)
        memcpy(text + 2 * i, "{\n", 2);
    struct ss_scenario_source source = source_of(text, NULL);
    expect_first(&source, "test.step:2:1: a group cannot hold another one", braces);
}
END_TEST

/* --- files -------------------------------------------------------------------------------------*/

START_TEST(test_scenario_limits_no_file_includes_itself)
{
    static const struct file list[] = {{"a.step", "include b.step", 0},
                                       {"b.step", "include a.step", 0},
                                       {"c.step", "include test.step", 0}};
    struct files files = {list, 3, 0};
    struct ss_scenario_source source = source_of("include a.step", &files);
    expect_first(&source, "b.step:1:9: a.step would include itself", 1);
    source = source_of("include c.step", &files);
    static const struct file self[] = {{"test.step", "", 0}, {"c.step", "include test.step", 0}};
    files = (struct files){self, 2, 0};
    expect_first(&source, "c.step:1:9: test.step would include itself", 1);
}
END_TEST

/* Every path is a file that includes others, in folders of their own. */
struct forest {
    const char *text;
    unsigned reads;
};

static enum ss_status read_forest(void *context, const char *path, uint8_t **octets, size_t *length,
                                  struct ss_problem *problem)
{
    struct forest *forest = context;
    (void)path;
    (void)problem;
    forest->reads++;
    *length = strlen(forest->text);
    *octets = (uint8_t *)strdup(forest->text);
    return *octets ? SS_OK : SS_IO;
}

static struct ss_scenario_source in_forest(struct forest *forest)
{
    struct ss_scenario_source source = source_of(forest->text, NULL);
    source.reader = (struct ss_scenario_reader){forest, read_forest};
    return source;
}

START_TEST(test_scenario_limits_include_is_sixteen_deep)
{
    struct forest forest = {"include a/x", 0};
    struct ss_scenario_source source = in_forest(&forest);
    expect_first(&source, "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/x:1:9: include goes at most 16 deep", 1);
}
END_TEST

START_TEST(test_scenario_limits_a_thousand_files_are_read)
{
    struct forest forest = {"include a/x\ninclude b/x\n", 0};
    struct ss_scenario_source source = in_forest(&forest);
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_USAGE);
    ck_assert_uint_gt(diagnostics.found, 400);
    ck_assert_uint_lt(diagnostics.found, 1000);
    ck_assert_uint_eq(forest.reads, 1000);
}
END_TEST

START_TEST(test_scenario_limits_four_mebibytes_are_read)
{
    enum { MOST = 4 << 20 };
    static char text[MOST + 2];
    memset(text, '#', MOST + 1);
    struct file file = {"big", text, MOST};
    struct files files = {&file, 1, 0};
    struct ss_scenario_source source = source_of("include big", &files);
    ss_scenario_free(parse_source(&source));
    file.length++;
    expect_first(&source, "test.step:1:9: big has 4194305 octets: at most 4194304 are read", 1);
    source = source_of(text, NULL);
    expect_first(&source, "test.step:1:1: a scenario has at most 4194304 octets", 1);
    source.length--;
    ss_scenario_free(parse_source(&source));
}
END_TEST

/* As many lines as four mebibytes hold are no reason to give up. */
START_TEST(test_scenario_limits_many_empty_lines_are_read)
{
    enum { LINES = 1 << 20 };
    static char text[LINES + 1];
    memset(text, '\n', LINES);
    ss_scenario_free(parse(text));
}
END_TEST

START_TEST(test_scenario_limits_names_of_files_are_bounded)
{
    static char text[5000] = "include ", longest[4096];
    struct forest forest = {"wait 1s", 0};
    struct ss_scenario_source source = in_forest(&forest);
    memset(text + 8, 'x', 4096);
    memset(longest, 'x', 4095);
    expect_first_of(text, "test.step:1:9: the name of a file has at most 4095 octets");
    source.text = text;
    source.length = 8 + 4095;
    struct ss_scenario *scenario = parse_source(&source);
    ck_assert_str_eq(scenario->steps[0].place.file, longest);
    ss_scenario_free(scenario);
    memcpy(text + 8, "\"xx", 3);
    text[8 + 4096] = '"';
    source.length = 8 + 4097;
    ss_scenario_free(parse_source(&source));
    memcpy(text + 8 + 4096, "x\"", 2);
    expect_first_of(text, "test.step:1:4105: that is more than the 4095 octets that fit");
}
END_TEST

static Suite *limits_suite(void)
{
    Suite *suite = suite_create("scenario_limits");
    TCase *said = tcase_create("said");
    tcase_add_test(said, test_scenario_limits_twenty_errors_are_listed_all_are_counted);
    tcase_add_test(said, test_scenario_limits_one_mistake_is_told_once);
    suite_add_tcase(suite, said);
    TCase *repeats = tcase_create("repeats");
    tcase_set_timeout(repeats, 30);
    tcase_add_test(repeats, test_scenario_limits_as_many_steps_as_there_may_be);
    tcase_add_test(repeats, test_scenario_limits_repeat_of_nothing_ends);
    tcase_add_test(repeats, test_scenario_limits_bound_is_told_after_a_mistake);
    tcase_add_test(repeats, test_scenario_limits_memory_is_bounded);
    tcase_add_test(repeats, test_scenario_limits_repeat_is_sixteen_deep);
    tcase_add_test(repeats, test_scenario_limits_braces_do_not_recurse);
    suite_add_tcase(suite, repeats);
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 30);
    tcase_add_test(files, test_scenario_limits_no_file_includes_itself);
    tcase_add_test(files, test_scenario_limits_include_is_sixteen_deep);
    tcase_add_test(files, test_scenario_limits_a_thousand_files_are_read);
    tcase_add_test(files, test_scenario_limits_four_mebibytes_are_read);
    tcase_add_test(files, test_scenario_limits_many_empty_lines_are_read);
    tcase_add_test(files, test_scenario_limits_names_of_files_are_bounded);
    suite_add_tcase(suite, files);
    return suite;
}

int main(void)
{
    return check_main(limits_suite());
}
