/* test_explain: where a segment's numbers come from, in words. J is 1000, K is 5000. */
#include "stepped.h"

#include "synstep/explain.h"

#define CONNECTION                                                                                 \
    "let J = 1000\n"                                                                               \
    "> SYN seq=J mss=1460\n"                                                                       \
    "< SYN,ACK seq=K ack=J+1\n"                                                                    \
    "> ACK\n"                                                                                      \
    "> PSH,ACK \"hello\"\n"                                                                        \
    "< PSH,ACK \"hello\"\n"                                                                        \
    "> FIN,ACK seq=M\n"                                                                            \
    "<* FIN,ACK\n"                                                                                 \
    "> ACK\n"

static struct stepped stepped;

/* What is said of the segment that `step` makes; all white space as one space. */
static const char *flat(const char *text)
{
    static char words[16384];
    size_t at = 0;
    for (; *text && at < sizeof(words) - 1; text++) {
        bool space = *text == ' ' || *text == '\n';
        if (!space || (at > 0 && words[at - 1] != ' '))
            words[at++] = space ? ' ' : *text;
    }
    words[at] = '\0';
    return words;
}

static const char *explain(const struct ss_step *step)
{
    struct ss_draft draft;
    static uint8_t octets[2048];
    struct ss_explain_next next = {
        .player = stepped.player, .scenario = stepped.scenario, .step = step, .octets = octets};
    ck_assert_int_eq(ss_player_draft_of(stepped.player, step, &draft, &stepped.problem), SS_OK);
    ck_assert_int_eq(ss_draft_build(&draft, octets, sizeof(octets), &next.length), SS_OK);
    ss_explain_next(stepped.ladder, &next);
    ss_draft_clear(&draft);
    return flat(stepped_shown(&stepped));
}

static const char *explain_shown(uint32_t n)
{
    ss_explain_segment(stepped.ladder, stepped.player, stepped_segment(&stepped, n));
    return flat(stepped_shown(&stepped));
}

static void has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

/* The connection, `count` steps of it done; the first is `let`. */
static void begin(size_t count)
{
    stepped_open(&stepped, 4, 100, CONNECTION);
    stepped_go(&stepped, count);
}

START_TEST(test_explain_of_a_first_number_names_the_line_that_says_it)
{
    begin(1);
    const char *text = explain(ss_player_next(stepped.player));
    has(text, "seq = J = 1000: line 2 says seq=J ");
    has(text, "ack = 0: nobody reads it, as the flag ACK is not set (RFC 9293 3.1)");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_of_a_number_that_is_drawn_says_so)
{
    stepped_open(&stepped, 4, 100, "> SYN seq=A\n");
    const char *text = explain(ss_player_next(stepped.player));
    has(text, ": drawn at random, as nothing was sent before (RFC 9293 3.4.1); from now on A is "
              "this number");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_of_what_is_left_out_gives_clause_and_sum)
{
    begin(3);
    const char *text = explain(ss_player_next(stepped.player));
    has(text, "seq = J+1 = 1001: SND.NXT, the next number to send (RFC 9293 3.3.1): "
              "J 1000 + 1 for the SYN ");
    has(text, "ack = K+1 = 5001: RCV.NXT, the next number expected: all before it has come "
              "(RFC 9293 3.4): K 5000 + 1 for the SYN ");
    has(text, "handshake_ack: the third segment acknowledges K+1 (RFC 9293 3.10.7.3): "
              "expected and actual 5001 = K+1");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_counts_the_octets_of_data)
{
    begin(6);
    const char *text = explain(ss_player_next(stepped.player));
    has(text, "seq = M = 1006: SND.NXT, the next number to send (RFC 9293 3.3.1): "
              "J 1000 + 1 for the SYN + 5 octets ");
    has(text, "ack = K+6 = 5006: RCV.NXT, ");
    has(text, "K 5000 + 1 for the SYN + 5 octets ");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_counts_the_fins)
{
    begin(8);
    const char *text = explain(ss_player_next(stepped.player));
    has(text, "seq = M+1 = 1007: SND.NXT, the next number to send (RFC 9293 3.3.1): "
              "M 1006 + 1 for the FIN ");
    has(text, "ack = N+1 = 5007: RCV.NXT, ");
    has(text, "N 5006 + 1 for the FIN ");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_of_a_number_set_by_hand_tells_the_usual_one)
{
    begin(3);
    struct ss_step step = *ss_player_next(stepped.player);
    const struct ss_step *edit = stepped_read(&stepped, "seq=2*J-K+1 ack=K+1", true);
    step.segment.fields = edit->segment.fields;
    step.segment.field_count = edit->segment.field_count;
    const char *text = explain(&step);
    has(text, "seq = J-3999 = 4294964297: set by hand, seq=2*J-K+1, though SND.NXT is 1001: "
              "J 1000 - 3999 ");
    has(text, "ack = K+1 = 5001: set by hand, ack=K+1, which is RCV.NXT: K 5000 + 1 for the SYN ");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_of_data_beyond_the_window_foresees_the_verdict)
{
    begin(4);
    const char *text = explain(stepped_read(&stepped, "> ACK size 1001", false));
    has(text, "data_beyond_window: data end beyond the furthest right edge offered (RFC 9293 "
              "3.8.6): expected 2001 = J+1001, actual 2002 = J+1002");
    ck_assert_ptr_nonnull(ss_player_next(stepped.player));
    ck_assert_uint_eq(ss_player_tcb(stepped.player).snd_nxt.value, 1001); /* only foreseen */
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_of_a_sum_that_wraps_says_modulo)
{
    stepped_open(&stepped, 4, 100,
                 "let J = 0xfffffffe\n"
                 "> SYN seq=J\n"
                 "< SYN,ACK seq=K ack=J+1\n"
                 "> PSH,ACK \"hello\"\n"
                 "> FIN,ACK\n");
    stepped_go(&stepped, 4);
    has(explain(ss_player_next(stepped.player)), "seq = M = 4: SND.NXT, the next number to send "
                                                 "(RFC 9293 3.3.1): J 4294967294 + 1 for the SYN "
                                                 "+ 5 octets, modulo 2^32 ");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_of_what_came_gives_the_verdicts)
{
    begin(3);
    const char *text = explain_shown(2);
    has(text, "segment 2: SYN,ACK from the peer ");
    has(text, "seq = K = 5000: the number of its SYN, drawn by its sender (RFC 9293 3.4.1) ");
    has(text, "ack = J+1 = 1001: the next number that its sender expects: all before it has come "
              "(RFC 9293 3.4): J 1000 + 1 for the SYN ");
    has(text, "synack_ack: the SYN/ACK acknowledges J+1 (RFC 9293 3.10.7.2): "
              "expected and actual 1001 = J+1");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_explain_of_a_datagram_without_tcp_says_so)
{
    begin(1);
    struct ss_explain_next next = {.player = stepped.player,
                                   .scenario = stepped.scenario,
                                   .step = ss_player_next(stepped.player),
                                   .octets = (const uint8_t[]){0x45},
                                   .length = 1};
    ss_explain_next(stepped.ladder, &next);
    has(stepped_shown(&stepped), "no TCP header can be found in it");
    stepped_close(&stepped);
}
END_TEST

static Suite *explain_suite(void)
{
    Suite *suite = suite_create("explain");
    TCase *tests = tcase_create("explain");
    tcase_add_test(tests, test_explain_of_a_first_number_names_the_line_that_says_it);
    tcase_add_test(tests, test_explain_of_a_number_that_is_drawn_says_so);
    tcase_add_test(tests, test_explain_of_what_is_left_out_gives_clause_and_sum);
    tcase_add_test(tests, test_explain_counts_the_octets_of_data);
    tcase_add_test(tests, test_explain_counts_the_fins);
    tcase_add_test(tests, test_explain_of_a_number_set_by_hand_tells_the_usual_one);
    tcase_add_test(tests, test_explain_of_data_beyond_the_window_foresees_the_verdict);
    tcase_add_test(tests, test_explain_of_a_sum_that_wraps_says_modulo);
    tcase_add_test(tests, test_explain_of_what_came_gives_the_verdicts);
    tcase_add_test(tests, test_explain_of_a_datagram_without_tcp_says_so);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(explain_suite());
}
