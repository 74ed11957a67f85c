/* test_scenario: a text becomes steps: whole scenarios, statements, blocks, what is given beside.
 */
#include "scenario_bounds.h"
#include "scenario_support.h"

/* --- whole -------------------------------------------------------------------------------------*/

START_TEST(test_scenario_handshake_echo_close_becomes_its_steps)
{
    expect_steps("title  \"Three-way handshake, echo, four-way close\"\n"
                 "let    J = 0xffffffff            # a number\n"
                 "\n"
                 "> SYN      seq=J\n"
                 "< SYN,ACK  seq=K    ack=J+1      # K binds\n"
                 "> ACK      seq=J+1  ack=K+1\n"
                 "> PSH,ACK  \"hello\"\n"
                 "<? ACK     ack=J+6\n"
                 "< PSH,ACK  seq=K+1  ack=J+6 \"hello\"\n"
                 "> FIN,ACK  seq=M\n"
                 "< FIN,ACK  seq=N    ack=M+1\n"
                 "> ACK      seq=M+1  ack=N+1\n"
                 "peer expect state CLOSED\n",
                 "let J=4294967295\n"
                 "send SYN seq=J\n"
                 "expect SYN,ACK seq=bind K ack=J+1 within:2000000\n"
                 "send ACK seq=J+1 ack=K+1\n"
                 "send PSH,ACK octets:68656c6c6f\n"
                 "optional ACK ack=J+6 within:2000000\n"
                 "expect PSH,ACK seq=K+1 ack=J+6 octets:68656c6c6f within:2000000\n"
                 "send FIN,ACK seq=bind M\n"
                 "expect FIN,ACK seq=bind N ack=M+1 within:2000000\n"
                 "send ACK seq=M+1 ack=N+1\n"
                 "peer expect state CLOSED within:2000000\n");
}
END_TEST

START_TEST(test_scenario_empty_text_has_no_steps)
{
    static const char *const texts[] = {"", "\n", "  \t\r\n", "# nothing", "\xef\xbb\xbf", "\\\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct ss_scenario *scenario = parse(texts[i]);
        ck_assert_uint_eq(scenario->step_count, 0);
        ck_assert_uint_eq(scenario->name_count, 0);
        ck_assert_str_eq(scenario->title, "");
        ck_assert(!scenario->drives_peer);
        ss_scenario_free(scenario);
    }
    ss_scenario_free(NULL);
}
END_TEST

/* Where each step stands, and what is shown of it. */
START_TEST(test_scenario_step_keeps_place_and_text)
{
    static const struct {
        unsigned line;
        unsigned column;
        const char *text;
    } expected[] = {
        {2, 3, "> SYN \"a # b\" \"\\\\\""},
        {3, 1, "< SYN,ACK seq=K within 1s"},
        {8, 1, "wait  1s"},
        {9, 1, "> ACK \"\\\"\ttab\" \"b\" \"\tc\""},
    };
    struct ss_scenario *scenario = parse("\xef\xbb\xbf# \xc3\xa9\n"
                                         "\t > SYN \"a # b\" \"\\\\\"\t # comment \\\n"
                                         "< SYN,ACK\t\\\r\n"
                                         "   seq=K \\  # goes on\n"
                                         "\\\n"
                                         "within 1s\r\n"
                                         "\r\n"
                                         "wait\t 1s   \n"
                                         "> ACK \"\\\"\ttab\"\t\"b\" \"\tc\"");
    ck_assert_uint_eq(scenario->step_count, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(scenario->steps[i].place.file, "test.step");
        ck_assert_str_eq(scenario->steps[i].text, expected[i].text);
        ck_assert_uint_eq(scenario->steps[i].place.line, expected[i].line);
        ck_assert_uint_eq(scenario->steps[i].place.column, expected[i].column);
    }
    ss_scenario_free(scenario);
}
END_TEST

START_TEST(test_scenario_field_and_option_keep_their_places)
{
    struct ss_scenario *scenario = parse("> SYN seq=1 \\\n  win=2 mss=3\n< ACK no ts");
    const struct ss_segment_step *sent = &scenario->steps[0].segment;
    const struct ss_segment_step *expected = &scenario->steps[1].segment;
    ck_assert_uint_eq(sent->fields[0].place.line, 1);
    ck_assert_uint_eq(sent->fields[0].place.column, 7);
    ck_assert_uint_eq(sent->fields[1].place.line, 2);
    ck_assert_uint_eq(sent->fields[1].place.column, 3);
    ck_assert_uint_eq(sent->options[0].place.column, 9);
    ck_assert_uint_eq(expected->options[0].place.line, 3);
    ck_assert_uint_eq(expected->options[0].place.column, 10);
    ss_scenario_free(scenario);
}
END_TEST

/* The text need not end in a zero: the last octet read is the last one there. */
START_TEST(test_scenario_text_is_read_to_its_length_only)
{
    struct ss_scenario_source source = source_of("wait 15s\nthis is wrong", NULL);
    source.length = strlen("wait 15s\n");
    expect_source_steps(&source, "wait 15000000\n");
    source.length = strlen("wait 15s");
    expect_source_steps(&source, "wait 15000000\n");
}
END_TEST

/* --- statements --------------------------------------------------------------------------------*/

START_TEST(test_scenario_title_and_needs_are_kept)
{
    struct ss_scenario *scenario = parse("> ACK \"x\"\ntitle \"a\"\n");
    ck_assert_str_eq(scenario->title, "a");
    ss_scenario_free(scenario);
    scenario = parse("title \"\xc3\xa9 \\\"x\\\" # y\" # z\nonly live\nonly ipv6 # w\n");
    ck_assert_str_eq(scenario->title, "\xc3\xa9 \"x\" # y");
    ck_assert(scenario->needs.live && !scenario->needs.simulated);
    ck_assert_uint_eq(scenario->needs.version, 6);
    ss_scenario_free(scenario);
    scenario = parse("only simulated ipv4 ipv4");
    ck_assert(!scenario->needs.live && scenario->needs.simulated);
    ck_assert_uint_eq(scenario->needs.version, 4);
    ss_scenario_free(scenario);
}
END_TEST

START_TEST(test_scenario_let_becomes_a_step)
{
    expect_steps("let J\nlet K = random\nlet n=3\nlet J = J + 2 * n - 1 # again\nlet random_ = 1",
                 "let J=random\nlet K=random\nlet n=3\nlet J=J+2*n-1\nlet random_=1\n");
}
END_TEST

START_TEST(test_scenario_wait_and_harm_become_steps)
{
    expect_steps(
        "wait 200ms\ndrop >\ndrop <\nduplicate >\nduplicate<\ndelay > 20ms\ndelay < 1.5s\n",
        "wait 200000\ndrop out\ndrop in\nduplicate out\nduplicate in\ndelay out 20000\n"
        "delay in 1500000\n");
}
END_TEST

START_TEST(test_scenario_set_becomes_a_step)
{
    expect_steps("let J\nset snd_nxt = J + 5\nset rcv_nxt=J-1\nset window = 65535",
                 "let J=random\nset snd_nxt=J+5\nset rcv_nxt=J-1\nset window=65535\n");
}
END_TEST

/* --- param -------------------------------------------------------------------------------------*/

static struct ss_scenario_source with_params(const char *text,
                                             const struct ss_scenario_param *params, size_t count)
{
    struct ss_scenario_source source = source_of(text, NULL);
    source.params = params;
    source.param_count = count;
    return source;
}

START_TEST(test_scenario_param_without_a_value_has_its_default)
{
    expect_steps("param n = 3\nparam r = random\n> ACK size n",
                 "let n=3\nlet r=random\nsend ACK size:3\n");
}
END_TEST

START_TEST(test_scenario_param_given_replaces_the_default)
{
    static const struct ss_scenario_param given[] = {
        {"n", " 2*0x10 - 1 "}, {"r", "random"}, {"m", "1"}, {"m", "7"}};
    struct ss_scenario_source source =
        with_params("param n = 3\nparam r = 1\nparam m\n> ACK size n\n> ACK size m", given, 4);
    expect_source_steps(&source,
                        "let n=31\nlet r=random\nlet m=7\nsend ACK size:31\nsend ACK size:7\n");
}
END_TEST

START_TEST(test_scenario_param_that_is_wrong_is_told)
{
    static const struct ss_scenario_param given[] = {{"n", "3x"}, {"mm", "1"}};
    struct ss_scenario_source source = with_params("param n = 3\nparam m = 1", given, 2);
    expect_source_wrong(&source, SS_USAGE,
                        "--param n:1:1: '3x' is no number; 1460 and 0x5b4 are\n"
                        "    3x\n"
                        "    ^~\n"
                        "--param:1:1: the scenario has no param 'mm'; did you mean m?\n"
                        "    mm\n"
                        "    ^~\n");
}
END_TEST

START_TEST(test_scenario_param_value_with_more_after_it_is_told)
{
    static const struct ss_scenario_param hash[] = {{"n", "3 # x"}};
    static const struct ss_scenario_param lines[] = {{"n", "random\n"}};
    struct ss_scenario_source source = with_params("param n = 3", hash, 1);
    expect_source_wrong(&source, SS_USAGE,
                        "--param n:1:3: a number is expected, or random\n"
                        "    3 # x\n"
                        "      ^\n");
    source = with_params("param n = 3", lines, 1);
    expect_source_wrong(&source, SS_USAGE,
                        "--param n:1:7: a number is expected, or random\n"
                        "    random\n"
                        "          ^\n");
}
END_TEST

/* --- { } ---------------------------------------------------------------------------------------*/

START_TEST(test_scenario_group_counts_what_it_holds)
{
    expect_steps("let M\n"
                 "{ # in any order\n"
                 "    < FIN,ACK seq=N ack=M\n"
                 "\n"
                 "    <? ACK ack=M # or not\n"
                 "} # done\n"
                 "> ACK ack=N+1\n",
                 "let M=random\n"
                 "group of 2\n"
                 "expect FIN,ACK seq=bind N ack=M within:2000000\n"
                 "optional ACK ack=M within:2000000\n"
                 "send ACK ack=N+1\n");
}
END_TEST

/* --- repeat ------------------------------------------------------------------------------------*/

START_TEST(test_scenario_repeat_is_unrolled_with_names_as_they_become)
{
    expect_steps("let n = 1\n"
                 "repeat 2 {\n"
                 "    < ACK seq=K\n"
                 "    repeat n {\n"
                 "        > ACK size n\n"
                 "    }\n"
                 "    let n = n + 1\n"
                 "}\n",
                 "let n=1\n"
                 "expect ACK seq=bind K within:2000000\n"
                 "send ACK size:1\n"
                 "let n=n+1\n"
                 "expect ACK seq=K within:2000000\n"
                 "send ACK size:2\n"
                 "send ACK size:2\n"
                 "let n=n+1\n");
}
END_TEST

START_TEST(test_scenario_repeat_no_times_leaves_nothing_behind)
{
    struct ss_scenario *scenario = parse("repeat 0 {\n"
                                         "    let K\n"
                                         "    peer listen\n"
                                         "    {\n"
                                         "        < ACK seq=L\n"
                                         "    }\n"
                                         "}\n"
                                         "< ACK seq=L\n");
    ck_assert_uint_eq(scenario->step_count, 1);
    ck_assert_uint_eq(scenario->name_count, 1);
    ck_assert_str_eq(scenario->names[0], "L");
    ck_assert(!scenario->drives_peer);
    ck_assert(scenario_within_bounds(scenario));
    ss_scenario_free(scenario);
}
END_TEST

START_TEST(test_scenario_repeat_holds_groups)
{
    expect_steps("repeat 2 {\n{\n< ACK\n}\n}\n", "group of 1\nexpect ACK within:2000000\n"
                                                 "group of 1\nexpect ACK within:2000000\n");
}
END_TEST

/* --- include and file: -------------------------------------------------------------------------*/

static const struct file on_disk[] = {
    {"lab/main.step", "", 0},
    {"lab/open.step", "title \"other\"\nonly ipv6\nlet J = 5\ninclude \"deep/er.step\"\n", 0},
    {"lab/deep/er.step", "> SYN seq=J file:data\n", 0},
    {"lab/deep/data", "\0\xff", 2},
    {"/etc/x y", "abs", 0},
    {"lab/bom.step", "\xef\xbb\xbf> ACK", 0},
};

static struct ss_scenario_source in_lab(const char *text, struct files *files)
{
    *files = (struct files){on_disk, sizeof(on_disk) / sizeof(on_disk[0]), 0};
    struct ss_scenario_source source = source_of(text, files);
    source.file = "lab/main.step";
    return source;
}

START_TEST(test_scenario_include_is_read_as_if_written_here)
{
    struct files files;
    struct ss_scenario_source source =
        in_lab("title \"mine\"\ninclude \"open.step\"\n> ACK seq=J+1\ninclude bom.step", &files);
    expect_source_steps(&source, "let J=5\nsend SYN seq=J octets:00ff\nsend ACK seq=J+1\n"
                                 "send ACK\n");
    struct ss_scenario *scenario = parse_source(&source);
    ck_assert_str_eq(scenario->title, "mine");
    ck_assert_uint_eq(scenario->needs.version, 0);
    ck_assert_str_eq(scenario->steps[1].place.file, "lab/deep/er.step");
    ck_assert_uint_eq(scenario->steps[1].place.line, 1);
    ck_assert_str_eq(scenario->steps[2].place.file, "lab/main.step");
    ck_assert_uint_eq(scenario->steps[3].place.column, 1);
    ss_scenario_free(scenario);
}
END_TEST

START_TEST(test_scenario_file_is_read_once_however_often_named)
{
    struct files files;
    struct ss_scenario_source source =
        in_lab("repeat 3 {\n> ACK file:deep/data \"x\" file:\"/etc/x y\"\n}\n", &files);
    expect_source_steps(&source, "send ACK octets:00ff78616273\nsend ACK octets:00ff78616273\n"
                                 "send ACK octets:00ff78616273\n");
    ck_assert_uint_eq(files.reads, 2);
}
END_TEST

START_TEST(test_scenario_file_that_cannot_be_read_is_unreadable)
{
    struct files files;
    struct ss_scenario_source source = in_lab("include \"none.step\"\n> ACK file:no\n> AK", &files);
    expect_source_wrong(&source, SS_UNREADABLE,
                        "lab/main.step:1:9: lab/none.step: No such file or directory\n"
                        "    include \"none.step\"\n"
                        "            ^~~~~~~~~~~\n"
                        "lab/main.step:2:12: lab/no: No such file or directory\n"
                        "    > ACK file:no\n"
                        "               ^~\n"
                        "lab/main.step:3:3: no flag 'AK'; did you mean ACK?\n"
                        "    > AK\n"
                        "      ^~\n");
}
END_TEST

/* The first mistake decides what is returned. */
START_TEST(test_scenario_wrong_before_unreadable_is_wrong)
{
    struct files files;
    struct ss_scenario_source source = in_lab("> AK\ninclude none\n", &files);
    expect_source_wrong(&source, SS_USAGE,
                        "lab/main.step:1:3: no flag 'AK'; did you mean ACK?\n"
                        "    > AK\n"
                        "      ^~\n"
                        "lab/main.step:2:9: lab/none: No such file or directory\n"
                        "    include none\n"
                        "            ^~~~\n");
}
END_TEST

START_TEST(test_scenario_without_a_reader_reads_no_file)
{
    expect_wrong("include \"open.step\"", "test.step:1:9: no file can be read here\n"
                                          "    include \"open.step\"\n"
                                          "            ^~~~~~~~~~~\n");
}
END_TEST

/* --- who drives the peer -----------------------------------------------------------------------*/

START_TEST(test_scenario_drives_peer_only_by_what_it_does)
{
    static const struct {
        const char *text;
        bool drives;
    } cases[] = {
        {"peer listen", true},
        {"peer connect", true},
        {"peer crowd 3", true},
        {"peer accept", true},
        {"peer send \"a\"", true},
        {"peer read 1", true},
        {"peer shutdown write", true},
        {"peer close", true},
        {"peer reset", true},
        {"peer set nodelay", true},
        {"peer expect end", false},
        {"peer sysctl net.ipv4.tcp_sack = 0", false},
        {"peer expect state LISTEN", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ss_scenario *scenario = parse(cases[i].text);
        ck_assert_msg(scenario->drives_peer == cases[i].drives, "%s", cases[i].text);
        ss_scenario_free(scenario);
    }
}
END_TEST

static Suite *scenario_suite(void)
{
    Suite *suite = suite_create("scenario");
    TCase *whole = tcase_create("whole");
    tcase_add_test(whole, test_scenario_handshake_echo_close_becomes_its_steps);
    tcase_add_test(whole, test_scenario_empty_text_has_no_steps);
    tcase_add_test(whole, test_scenario_step_keeps_place_and_text);
    tcase_add_test(whole, test_scenario_field_and_option_keep_their_places);
    tcase_add_test(whole, test_scenario_text_is_read_to_its_length_only);
    suite_add_tcase(suite, whole);
    TCase *statements = tcase_create("statements");
    tcase_add_test(statements, test_scenario_title_and_needs_are_kept);
    tcase_add_test(statements, test_scenario_let_becomes_a_step);
    tcase_add_test(statements, test_scenario_wait_and_harm_become_steps);
    tcase_add_test(statements, test_scenario_set_becomes_a_step);
    tcase_add_test(statements, test_scenario_drives_peer_only_by_what_it_does);
    suite_add_tcase(suite, statements);
    TCase *params = tcase_create("params");
    tcase_add_test(params, test_scenario_param_without_a_value_has_its_default);
    tcase_add_test(params, test_scenario_param_given_replaces_the_default);
    tcase_add_test(params, test_scenario_param_that_is_wrong_is_told);
    tcase_add_test(params, test_scenario_param_value_with_more_after_it_is_told);
    suite_add_tcase(suite, params);
    TCase *blocks = tcase_create("blocks");
    tcase_add_test(blocks, test_scenario_group_counts_what_it_holds);
    tcase_add_test(blocks, test_scenario_repeat_is_unrolled_with_names_as_they_become);
    tcase_add_test(blocks, test_scenario_repeat_no_times_leaves_nothing_behind);
    tcase_add_test(blocks, test_scenario_repeat_holds_groups);
    suite_add_tcase(suite, blocks);
    TCase *files = tcase_create("files");
    tcase_add_test(files, test_scenario_include_is_read_as_if_written_here);
    tcase_add_test(files, test_scenario_file_is_read_once_however_often_named);
    tcase_add_test(files, test_scenario_file_that_cannot_be_read_is_unreadable);
    tcase_add_test(files, test_scenario_wrong_before_unreadable_is_wrong);
    tcase_add_test(files, test_scenario_without_a_reader_reads_no_file);
    suite_add_tcase(suite, files);
    return suite;
}

int main(void)
{
    return check_main(scenario_suite());
}
