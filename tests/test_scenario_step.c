/* test_scenario_step: one statement by itself, as the stepping prompt takes it. */
#include "scenario_bounds.h"
#include "scenario_support.h"

static struct ss_scenario *known(void)
{
    return parse("let J\nparam n = 3\n< ACK seq=K\n");
}

/* What comes of `text`: its step, or what is wrong. */
static void expect_typed(const char *text, bool fields_only, const char *expected)
{
    static struct written written;
    struct ss_scenario *scenario = known(), *extra = NULL;
    struct ss_diagnostics diagnostics;
    enum ss_status status =
        ss_scenario_parse_step(scenario, text, fields_only, &extra, &diagnostics);
    if (status == SS_OK) {
        ck_assert_uint_eq(extra->step_count, 1);
        ck_assert(scenario_within_bounds(extra));
        write_steps(&written, extra);
    } else {
        ck_assert_int_eq(status, SS_USAGE);
        ck_assert_ptr_null(extra);
        write_diagnostics(&written, &diagnostics);
    }
    ck_assert_str_eq(written.text, expected);
    ss_scenario_free(extra);
    ss_scenario_free(scenario);
}

START_TEST(test_scenario_step_every_kind_is_read)
{
    expect_typed("> RST seq=K+1", false, "send RST seq=K+1\n");
    expect_typed("  < ACK ack=J \\\n within 1s # x\n\n", false,
                 "expect ACK ack=J within:1000000\n");
    expect_typed("<! RST", false, "not RST within:200000\n");
    expect_typed("peer send \"a\"", false, "peer send octets:61 within:2000000\n");
    expect_typed("wait 1s", false, "wait 1000000\n");
    expect_typed("drop >", false, "drop out\n");
    expect_typed("duplicate <", false, "duplicate in\n");
    expect_typed("delay > 1ms", false, "delay out 1000\n");
    expect_typed("set snd_nxt = J+1", false, "set snd_nxt=J+1\n");
    expect_typed("let n = K - J", false, "let n=K-J\n");
}
END_TEST

/* Its names have the indices that they have in the scenario. */
START_TEST(test_scenario_step_names_are_those_of_the_scenario)
{
    struct ss_scenario *scenario = known(), *extra = NULL;
    struct ss_diagnostics diagnostics;
    ck_assert_int_eq(ss_scenario_parse_step(scenario, "> ACK seq=K", false, &extra, &diagnostics),
                     SS_OK);
    ck_assert_uint_eq(extra->name_count, scenario->name_count);
    uint16_t index = extra->steps[0].segment.fields[0].value.low.terms[0].name;
    ck_assert_str_eq(scenario->names[index], "K");
    ck_assert_str_eq(extra->steps[0].place.file, "input");
    ss_scenario_free(scenario); /* the step borrows nothing from it */
    ck_assert_str_eq(extra->names[index], "K");
    ss_scenario_free(extra);
}
END_TEST

START_TEST(test_scenario_step_fields_alone_are_read)
{
    expect_typed("seq=J+2 ttl=1", true, "send seq=J+2 ttl=1\n");
    expect_typed("flags=rst,ACK win=0", true, "send RST,ACK window=0\n");
    expect_typed("flags=none", true, "send none\n");
    expect_typed("no options \"x\" corrupt=ip.checksum", true,
                 "send no-options octets:78 corrupt-ip\n");
    expect_typed("mss=1 nop", true, "send kind2=1 kind1\n");
}
END_TEST

START_TEST(test_scenario_step_takes_away_all_options_or_none)
{
    expect_typed("no mss", true,
                 "input:1:4: of what is sent, no takes away only all: no options\n"
                 "    no mss\n"
                 "       ^~~\n");
}
END_TEST

START_TEST(test_scenario_step_makes_no_name_known)
{
    expect_typed("> ACK seq=Q", false,
                 "input:1:11: Q is not known here yet: a step by itself makes nothing known\n"
                 "    > ACK seq=Q\n"
                 "              ^\n");
    expect_typed("seq=Q+1", true,
                 "input:1:5: Q is not known here\n"
                 "    seq=Q+1\n"
                 "        ^\n");
    expect_typed("let Q = 1", false,
                 "input:1:5: no new name can be made here\n"
                 "    let Q = 1\n"
                 "        ^\n");
}
END_TEST

START_TEST(test_scenario_step_that_belongs_into_a_file_is_refused)
{
    expect_typed("title \"a\"", false,
                 "input:1:1: title is no step: it belongs into a file\n"
                 "    title \"a\"\n"
                 "    ^~~~~\n");
    expect_typed("only live", false,
                 "input:1:1: only is no step: it belongs into a file\n"
                 "    only live\n"
                 "    ^~~~\n");
    expect_typed("param n = 1", false,
                 "input:1:1: param is no step: it belongs into a file\n"
                 "    param n = 1\n"
                 "    ^~~~~\n");
    expect_typed("include \"a\"", false,
                 "input:1:1: include is no step: it belongs into a file\n"
                 "    include \"a\"\n"
                 "    ^~~~~~~\n");
    expect_typed("repeat 2 {\n}", false,
                 "input:1:1: repeat is no step: it belongs into a file\n"
                 "    repeat 2 {\n"
                 "    ^~~~~~\n");
    expect_typed("{\n< ACK\n}", false,
                 "input:1:1: { } is no step: it belongs into a file\n"
                 "    {\n"
                 "    ^\n");
    expect_typed("}", false,
                 "input:1:1: no statement begins with '}'; a segment begins with > or <\n"
                 "    }\n"
                 "    ^\n");
}
END_TEST

START_TEST(test_scenario_step_is_one_statement)
{
    expect_typed("", false, "input:1:1: a statement is expected\n    \n    ^\n");
    expect_typed(" # x", true,
                 "input:1:1: a field is expected, such as seq=J+2\n     # x\n    ^\n");
    expect_typed("wait 1s\n\nwait 2s", false,
                 "input:3:1: only one statement is expected\n"
                 "    wait 2s\n"
                 "    ^~~~\n");
    expect_typed("ttl=1\nttl=2", true,
                 "input:2:1: only one statement is expected\n"
                 "    ttl=2\n"
                 "    ^~~~~\n");
    expect_typed("within 1s", true,
                 "input:1:1: within belongs to what is expected\n"
                 "    within 1s\n"
                 "    ^~~~~~\n");
}
END_TEST

static Suite *step_suite(void)
{
    Suite *suite = suite_create("scenario_step");
    TCase *read = tcase_create("read");
    tcase_add_test(read, test_scenario_step_every_kind_is_read);
    tcase_add_test(read, test_scenario_step_names_are_those_of_the_scenario);
    tcase_add_test(read, test_scenario_step_fields_alone_are_read);
    suite_add_tcase(suite, read);
    TCase *refused = tcase_create("refused");
    tcase_add_test(refused, test_scenario_step_takes_away_all_options_or_none);
    tcase_add_test(refused, test_scenario_step_makes_no_name_known);
    tcase_add_test(refused, test_scenario_step_that_belongs_into_a_file_is_refused);
    tcase_add_test(refused, test_scenario_step_is_one_statement);
    suite_add_tcase(suite, refused);
    return suite;
}

int main(void)
{
    return check_main(step_suite());
}
