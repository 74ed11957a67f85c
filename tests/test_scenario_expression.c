/* test_scenario_expression: numbers and names, all modulo 2^32, at every base. */
#include "scenario_support.h"

#include "synstep/seq.h"

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};

enum { BASES = sizeof(bases) / sizeof(bases[0]) };

/* What an expression is worth when each name is worth `values` of it. */
static uint32_t worth(const struct ss_expression *expression, const uint32_t *values)
{
    uint32_t sum = expression->constant;
    for (size_t i = 0; i < expression->term_count; i++)
        sum += expression->terms[i].factor * values[expression->terms[i].name];
    return sum;
}

/* The expression after "set snd_nxt =", with J and K known only when it runs. */
static uint32_t evaluate(const char *expression, uint32_t j, uint32_t k)
{
    char text[200];
    snprintf(text, sizeof(text), "let J\nlet K\nset snd_nxt = %s\n", expression);
    struct ss_scenario *scenario = parse(text);
    uint32_t value = worth(&scenario->steps[2].set.value, (const uint32_t[]){j, k});
    ss_scenario_free(scenario);
    return value;
}

/* --- run time ----------------------------------------------------------------------------------*/

START_TEST(test_scenario_expression_sums_go_around)
{
    uint32_t j = bases[_i], k = bases[(_i + 1) % BASES];
    struct ss_seq seq = ss_seq_from(j);
    ck_assert_uint_eq(evaluate("J", j, k), j);
    ck_assert_uint_eq(evaluate("J+1", j, k), ss_seq_add(seq, 1).value);
    ck_assert_uint_eq(evaluate("J + 1 + 5", j, k), ss_seq_add(seq, 6).value);
    ck_assert_uint_eq(evaluate("J-500", j, k), ss_seq_subtract(seq, 500).value);
    ck_assert_uint_eq(evaluate("J+0x80000000", j, k), ss_seq_add(seq, 0x80000000).value);
    ck_assert_uint_eq(evaluate("K-J", j, k), ss_seq_distance(seq, ss_seq_from(k)));
    ck_assert_uint_eq(evaluate("-J", j, k), ss_seq_distance(seq, ss_seq_from(0)));
    ck_assert_uint_eq(evaluate("J+4294967295", j, k), ss_seq_subtract(seq, 1).value);
}
END_TEST

START_TEST(test_scenario_expression_factors_go_around)
{
    uint32_t j = bases[_i], k = bases[(_i + 2) % BASES];
    ck_assert_uint_eq(evaluate("3*J", j, k), j + j + j);
    ck_assert_uint_eq(evaluate("J * 2 - K*3", j, k), j + j - k - k - k);
    ck_assert_uint_eq(evaluate("2*J*2", j, k), j + j + j + j);
    ck_assert_uint_eq(evaluate("-2*J", j, k), 0U - j - j);
    ck_assert_uint_eq(evaluate("J+1460*3", j, k), j + 4380);
    ck_assert_uint_eq(evaluate("65536*65536 + J", j, k), j);
}
END_TEST

START_TEST(test_scenario_expression_terms_are_gathered)
{
    expect_steps("let J\nlet K\nset snd_nxt = J+J+K-J\nset snd_nxt = J-J\nset snd_nxt = K-K+J-J+7\n"
                 "set snd_nxt = J+2*K-2*K\nlet L\nset snd_nxt = J+K-J+L",
                 "let J=random\nlet K=random\nset snd_nxt=J+K\nset snd_nxt=0\nset snd_nxt=7\n"
                 "set snd_nxt=J\nlet L=random\nset snd_nxt=K+L\n");
}
END_TEST

/* In a segment, no spaces; in a statement, as one likes, over lines too. */
START_TEST(test_scenario_expression_spaces_are_as_the_statement_allows)
{
    expect_steps("let J\nlet A =J  +\t2 * \\\n 3-1\n> ACK seq=J+2*3-1\n", "let J=random\n"
                                                                          "let A=J+5\n"
                                                                          "send ACK seq=J+5\n");
}
END_TEST

START_TEST(test_scenario_expression_numbers_are_decimal_or_hexadecimal)
{
    static const struct {
        const char *text;
        uint32_t value;
    } cases[] = {
        {"0", 0},
        {"010", 10}, /* a leading zero is no octal */
        {"4294967295", UINT32_MAX},
        {"-1", UINT32_MAX},
        {"+1", 1},
        {"-4294967295", 1},
        {"0xffffffff", UINT32_MAX},
        {"0XdeadBEEF", 0xdeadbeef},
        {"0x00000000000000001", 1},
        {"00000000000000000000000001", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_msg(evaluate(cases[i].text, 7, 9) == cases[i].value, "%s", cases[i].text);
}
END_TEST

START_TEST(test_scenario_expression_eight_names_fit)
{
    expect_steps("let a\nlet b\nlet c\nlet d\nlet e\nlet f\nlet g\nlet h\n"
                 "set snd_nxt = a+b+c+d+e+f+g+h+a",
                 "let a=random\nlet b=random\nlet c=random\nlet d=random\nlet e=random\n"
                 "let f=random\nlet g=random\nlet h=random\n"
                 "set snd_nxt=2*a+b+c+d+e+f+g+h\n");
}
END_TEST

/* --- known before anything runs ----------------------------------------------------------------*/

START_TEST(test_scenario_expression_constants_go_around)
{
    char text[300], said[300];
    uint32_t j = bases[_i];
    snprintf(text, sizeof(text),
             "let J = %" PRIu32 "\nlet K = J+1\nlet L = J*2-K\n> ACK size K-J\n> ACK size L-J+6\n"
             "> ACK ttl=J+200-J\nrepeat K-J+1 {\nwait 1s\n}\n",
             j);
    snprintf(said, sizeof(said),
             "let J=%" PRIu32 "\nlet K=J+1\nlet L=2*J-K\nsend ACK size:1\nsend ACK size:5\n"
             "send ACK ttl=200\nwait 1000000\nwait 1000000\n",
             j);
    expect_steps(text, said);
}
END_TEST

/* A name that is worth something else now is checked with what it is worth now. */
START_TEST(test_scenario_expression_constant_follows_the_last_let)
{
    expect_steps("let n = 300\nlet n = 200\n> ACK ttl=n\nlet n\n> ACK ttl=n+300",
                 "let n=300\nlet n=200\nsend ACK ttl=n\nlet n=random\nsend ACK ttl=n+300\n");
    expect_wrong("let n = 200\nlet n = n+56\n> ACK ttl=n",
                 "test.step:3:11: ttl has 8 bits: 0 to 255\n"
                 "    > ACK ttl=n\n"
                 "              ^\n");
}
END_TEST

START_TEST(test_scenario_expression_of_two_names_one_is_constant)
{
    expect_steps("let n = 3\nlet m = 4\nlet J\nset snd_nxt = n*J\nset snd_nxt = J*n\n"
                 "set snd_nxt = n*m*J",
                 "let n=3\nlet m=4\nlet J=random\nset snd_nxt=3*J\nset snd_nxt=3*J\n"
                 "set snd_nxt=12*J\n");
}
END_TEST

/* --- ranges ------------------------------------------------------------------------------------*/

START_TEST(test_scenario_expression_range_goes_around)
{
    char text[200], said[200];
    uint32_t low = bases[_i], high = low + 10;
    snprintf(text, sizeof(text), "< ACK seq=%" PRIu32 "..%" PRIu32 " ack=5..3", low, high);
    snprintf(said, sizeof(said),
             "expect ACK seq=%" PRIu32 "..%" PRIu32 " ack=5..3 within:2000000\n", low, high);
    expect_steps(text, said);
}
END_TEST

/* --- names -------------------------------------------------------------------------------------*/

START_TEST(test_scenario_expression_name_binds_once_and_is_known_after)
{
    expect_steps("< ACK seq=A\n< ACK seq=A\n{\n< ACK seq=B\n}\n< ACK seq=B ack=A+B\n"
                 "> ACK seq=C\n> ACK seq=C+1\n<* ACK seq=D\n<? ACK seq=D",
                 "expect ACK seq=bind A within:2000000\nexpect ACK seq=A within:2000000\n"
                 "group of 1\nexpect ACK seq=bind B within:2000000\n"
                 "expect ACK seq=B ack=A+B within:2000000\n"
                 "send ACK seq=bind C\nsend ACK seq=C+1\n"
                 "skipping ACK seq=bind D within:2000000\noptional ACK seq=D within:2000000\n");
}
END_TEST

START_TEST(test_scenario_expression_names_are_any_but_words_of_the_language)
{
    expect_steps("let seq = 1\nlet SYN = 2\nlet mss = 3\nlet J_1x = 4\nlet A\nlet Z\nlet a\nlet "
                 "z\n> SYN seq=seq mss=mss ack=SYN+J_1x",
                 "let seq=1\nlet SYN=2\nlet mss=3\nlet J_1x=4\nlet A=random\nlet Z=random\nlet "
                 "a=random\nlet z=random\nsend SYN seq=seq ack=SYN+J_1x kind2=mss\n");
}
END_TEST

START_TEST(test_scenario_expression_longest_name_fits)
{
    char text[200], name[64];
    memset(name, 'n', 63);
    name[63] = '\0';
    snprintf(text, sizeof(text), "let %s = 1\nset window = %s\n", name, name);
    struct ss_scenario *scenario = parse(text);
    ck_assert_str_eq(scenario->names[0], name);
    ss_scenario_free(scenario);
}
END_TEST

START_TEST(test_scenario_expression_as_many_names_as_there_may_be)
{
    static char text[SS_SCENARIO_NAMES_MAX * 16];
    size_t length = 0;
    for (int i = 0; i < SS_SCENARIO_NAMES_MAX; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "let n%d = 1\n", i);
    struct ss_scenario *scenario = parse(text);
    ck_assert_uint_eq(scenario->name_count, SS_SCENARIO_NAMES_MAX);
    ck_assert_str_eq(scenario->names[255], "n255");
    ss_scenario_free(scenario);
    strcpy(text + length, "let another = 1\n");
    expect_wrong(text, "test.step:257:5: a scenario has at most 256 names\n"
                       "    let another = 1\n"
                       "        ^~~~~~~\n");
}
END_TEST

static Suite *expression_suite(void)
{
    Suite *suite = suite_create("scenario_expression");
    TCase *run = tcase_create("run time");
    tcase_add_loop_test(run, test_scenario_expression_sums_go_around, 0, BASES);
    tcase_add_loop_test(run, test_scenario_expression_factors_go_around, 0, BASES);
    tcase_add_test(run, test_scenario_expression_terms_are_gathered);
    tcase_add_test(run, test_scenario_expression_spaces_are_as_the_statement_allows);
    tcase_add_test(run, test_scenario_expression_numbers_are_decimal_or_hexadecimal);
    tcase_add_test(run, test_scenario_expression_eight_names_fit);
    suite_add_tcase(suite, run);
    TCase *constants = tcase_create("constants");
    tcase_add_loop_test(constants, test_scenario_expression_constants_go_around, 0, BASES);
    tcase_add_test(constants, test_scenario_expression_constant_follows_the_last_let);
    tcase_add_test(constants, test_scenario_expression_of_two_names_one_is_constant);
    suite_add_tcase(suite, constants);
    TCase *ranges = tcase_create("ranges");
    tcase_add_loop_test(ranges, test_scenario_expression_range_goes_around, 0, BASES);
    suite_add_tcase(suite, ranges);
    TCase *names = tcase_create("names");
    tcase_add_test(names, test_scenario_expression_name_binds_once_and_is_known_after);
    tcase_add_test(names, test_scenario_expression_names_are_any_but_words_of_the_language);
    tcase_add_test(names, test_scenario_expression_longest_name_fits);
    tcase_add_test(names, test_scenario_expression_as_many_names_as_there_may_be);
    suite_add_tcase(suite, names);
    return suite;
}

int main(void)
{
    return check_main(expression_suite());
}
