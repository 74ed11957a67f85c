/*
 * test_transcript: connections in a capture and the scenarios they become, against golden files in
 * tests/golden (run with UPDATE_GOLDEN=1 it rewrites them: read the difference before it is
 * committed), and what must hold of any. That the scenarios play is for tests/record.py.
 */
#include "transcript_bench.h"

static void expect_golden(const char *name)
{
    const char *source = getenv("SYNSTEP_SRCDIR");
    char path[512], *golden = NULL, *text = text_of();
    size_t size = 0;
    snprintf(path, sizeof(path), "%s/tests/golden/transcript_%s.step", source ? source : ".", name);
    FILE *file = fopen(path, getenv("UPDATE_GOLDEN") ? "w+" : "r");
    ck_assert_msg(file, "%s is not there", path);
    if (getenv("UPDATE_GOLDEN"))
        fputs(text, file);
    rewind(file);
    ck_assert(getdelim(&golden, &size, '\0', file) >= 0);
    fclose(file);
    ck_assert_msg(strcmp(golden, text) == 0, "%s differs; this was written:\n%s", path, text);
    free(golden);
    free(text);
}

static void refuse(const char *reason)
{
    struct ss_problem problem = {0};
    ck_assert_ptr_null(bench_text(&bench, &problem));
    ck_assert_int_eq(problem.status, SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, reason), "'%s' is not in: %s", reason, problem.text);
}

/* --- whole connections --------------------------------------------------------------------------
 */

static void echo_and_close(void)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, B, ACK, 1, 6, );
    say(&bench, B, PSH | ACK, 1, 6, .text = "hello");
    say(&bench, A, ACK, 6, 6, .window = 64235);
    say(&bench, A, FIN | ACK, 6, 6, .window = 64235);
    say(&bench, B, FIN | ACK, 6, 7, );
    say(&bench, A, ACK, 7, 7, .window = 64234);
}

START_TEST(test_transcript_of_an_echo_is_the_textbook)
{
    echo_and_close();
    expect_golden("echo");
}
END_TEST

START_TEST(test_transcript_of_an_echo_with_the_server_crafted)
{
    begin_with(0xf9ce75ec, 0x76f7d8cc, 4, B);
    echo_and_close();
    expect_golden("server");
}
END_TEST

/* The same words at every number, over both IP versions: only what tells the numbers differs. */
START_TEST(test_transcript_of_an_echo_is_the_same_at_every_base)
{
    begin_with(1000, 5000, 4, _i % 2 ? A : B);
    echo_and_close();
    char *expected = text_of();
    begin_with(bench_bases[_i / 2 % BENCH_BASES], bench_bases[_i / 8], _i % 3 ? 4 : 6,
               _i % 2 ? A : B);
    echo_and_close();
    char *text = text_of();
    ck_assert_str_eq(strchr(strstr(text, "\nlet J = "), '>'),
                     strchr(strstr(expected, "\nlet J = "), '>'));
    free(expected);
    free(text);
}
END_TEST

/* A greeting, a question, an answer in two parts; the server closes, we have a last word. */
START_TEST(test_transcript_of_a_conversation_tells_the_peer_what_to_do)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 1, 1, .text = "220 \"ready\"\r\n");
    say(&bench, A, ACK, 1, 14, );
    say(&bench, A, PSH | ACK, 1, 14, .text = "HELO\t\\\r\nQUIT\r\n");
    say(&bench, B, PSH | ACK, 14, 15, .text = "250 ");
    say(&bench, B, FIN | PSH | ACK, 18, 15, .text = "\x01\xff\x80\x7f ok");
    say(&bench, A, ACK, 15, 26, );
    say(&bench, A, PSH | ACK, 15, 26, .text = "last word");
    say(&bench, B, ACK, 26, 24, );
    say(&bench, A, FIN | ACK, 24, 26, );
    say(&bench, B, ACK, 26, 25, );
    expect_golden("conversation");
}
END_TEST

/* Ours: the SYN and the data; theirs: nothing, but our ACK of their answer, and so the answer. */
START_TEST(test_transcript_of_losses_drops_what_was_lost)
{
    say(&bench, A, SYN, 0, 0, BENCH_MSS);
    say(&bench, A, SYN, 0, 0, BENCH_MSS, .after_us = 1000 * BENCH_MS);
    say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    say(&bench, A, ACK, 1, 1, );
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello", .after_us = 204 * BENCH_MS);
    say(&bench, B, PSH | ACK, 1, 6, .text = "hello");
    say(&bench, A, ACK, 6, 6, );
    say(&bench, B, PSH | ACK, 1, 6, .text = "hello", .after_us = 1500 * BENCH_MS);
    say(&bench, A, ACK, 6, 6, );
    say(&bench, B, PSH | ACK, 1, 6, .text = "hello", .after_us = 1 * BENCH_MS);
    say(&bench, A, FIN | ACK, 6, 6, );
    say(&bench, A, FIN | ACK, 6, 6, .after_us = 75000 * BENCH_MS);
    say(&bench, B, FIN | ACK, 6, 7, );
    say(&bench, A, ACK, 7, 7, );
    expect_golden("losses");
}
END_TEST

/* Theirs, not seen before: lost and sent again, late, damaged, or not in the capture at all. */
START_TEST(test_transcript_of_gaps_drops_and_delays_what_is_missing)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "go");
    say(&bench, B, PSH | ACK, 5, 3, .text = "5678");
    for (int i = 0; i < 3; i++)
        say(&bench, A, ACK, 3, 1, );
    say(&bench, B, PSH | ACK, 1, 3, .text = "1234", .after_us = 300 * BENCH_MS);
    say(&bench, A, ACK, 3, 9, );
    say(&bench, B, PSH | ACK, 13, 3, .text = "3456");
    say(&bench, B, PSH | ACK, 9, 3, .text = "9012", .after_us = 150);
    say(&bench, A, ACK, 3, 17, );
    say(&bench, B, PSH | ACK, 17, 3, .text = "7890", .damaged = true);
    say(&bench, B, PSH | ACK, 17, 3, .text = "7890", .after_us = 300 * BENCH_MS);
    say(&bench, A, ACK, 3, 21, );
    say(&bench, B, PSH | ACK, 25, 3, .text = "5678");
    say(&bench, A, ACK, 3, 29, );
    expect_golden("gaps");
}
END_TEST

/* mss=1460 sackok ts=…,… nop wscale=7, as Linux has it; and what its segments have from then on */
static const char syn_options[] =
    "\x02\x04\x05\xb4\x04\x02\x08\x0a\x11\x22\x33\x44\0\0\0\0\x01\x03\x03\x07";
static const char synack_options[] =
    "\x02\x04\x05\xb4\x04\x02\x08\x0a\x66\x77\x88\x99\x11\x22\x33\x44\x01\x03\x03\x07";
static const char our_clocks[] = "\x01\x01\x08\x0a\x11\x22\x33\x49\x66\x77\x88\x99";
static const char their_clocks[] = "\x01\x01\x08\x0a\x66\x77\x88\x9a\x11\x22\x33\x49";

static void open_with_clocks(void)
{
    say(&bench, A, SYN, 0, 0, OPTIONS(syn_options));
    say(&bench, B, SYN | ACK, 0, 1, OPTIONS(synack_options));
    say(&bench, A, ACK, 1, 1, OPTIONS(our_clocks), .window = 502);
}

START_TEST(test_transcript_of_large_segments_is_in_pieces)
{
    open_with_clocks();
    say(&bench, A, PSH | ACK, 1, 1, OPTIONS(our_clocks), .size = 20000, .kept = 100, .window = 502);
    say(&bench, B, ACK, 1, 20001, OPTIONS(their_clocks));
    say(&bench, B, ACK, 1, 20001, OPTIONS(their_clocks), .size = 14480, .kept = 100);
    say(&bench, B, PSH | ACK, 14481, 20001, OPTIONS(their_clocks), .size = 2000, .kept = 100);
    say(&bench, A, ACK, 20001, 16481, OPTIONS(our_clocks), .window = 502);
    expect_golden("pieces");
}
END_TEST

/* --- what ends badly ----------------------------------------------------------------------------
 */

START_TEST(test_transcript_of_a_refusal_has_nobody_listening)
{
    say(&bench, A, SYN, 0, 0, BENCH_MSS);
    say(&bench, B, RST | ACK, 0, bench.isn[A] + 1LL, .absolute = true);
    expect("let J = 0xf9ce75ec\npeer listen\n# Nobody listens any more.\npeer close\n",
           "> SYN      seq=J mss=1460\n\n< RST,ACK  seq=0 ack=J+1\n");
}
END_TEST

START_TEST(test_transcript_of_silence_drops_every_syn)
{
    say(&bench, A, SYN, 0, 0, BENCH_MSS);
    say(&bench, A, SYN, 0, 0, BENCH_MSS, .after_us = 1000 * BENCH_MS);
    expect("# Frame 1 was lost, and sent again in frame 2.\ndrop >\n> SYN ",
           "# Frame 2 was lost: it was never answered.\nwait 1s\ndrop >\n> SYN ");
}
END_TEST

START_TEST(test_transcript_of_a_reset_by_its_program_resets)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, B, RST | ACK, 1, 6, );
    expect("peer accept\n\n> PSH,ACK ", "\n\npeer read 5\npeer reset\n<? ACK     ack=J+6\n",
           "< RST,ACK  seq=K+1 ack=J+6\n");
}
END_TEST

START_TEST(test_transcript_of_a_reset_by_its_kernel_closes_before)
{
    bench_open(&bench);
    say(&bench, B, FIN | ACK, 1, 1, );
    say(&bench, A, ACK, 1, 2, );
    say(&bench, A, PSH | ACK, 1, 2, .text = "still there?");
    say(&bench, B, RST, 2, 0, );
    expect("\npeer close\n< FIN,ACK  seq=N ack=J+1\n",
           "> PSH,ACK  seq=J+1 ack=N+1 \"still there?\"\n", "< RST      seq=N+1\n");
    expect_none_of("peer reset");
}
END_TEST

START_TEST(test_transcript_of_our_reset_is_sent_as_it_was)
{
    bench_open(&bench);
    say(&bench, A, RST, -500, 0, .window = 1);
    expect("> RST      seq=J-500 window=1\n");
}
END_TEST

/* --- what must come, and what may ---------------------------------------------------------------
 */

START_TEST(test_transcript_last_ack_must_come)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "one");
    say(&bench, B, ACK, 1, 4, );
    say(&bench, A, PSH | ACK, 4, 1, .text = "two");
    say(&bench, B, ACK, 1, 7, );
    expect("\"one\"\n<? ACK     ack=J+4\n", "\"two\"\n< ACK      seq=K+1 ack=J+7\n");
}
END_TEST

START_TEST(test_transcript_answer_to_a_probe_must_come)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "one");
    say(&bench, B, ACK, 1, 4, );
    say(&bench, A, ACK, 3, 1, .after_us = 60 * BENCH_MS);
    say(&bench, B, ACK, 1, 4, );
    say(&bench, A, PSH | ACK, 4, 1, .text = "two");
    say(&bench, B, PSH | ACK, 1, 7, .text = "too");
    expect("# Frame 6: keep alive\nwait 60ms\n> ACK      seq=J+3 ack=K+1\n",
           "# Frame 7: keep alive ack\n< ACK      seq=K+1 ack=J+4\n");
}
END_TEST

/* Of much in a row no more is left open than the player holds. */
START_TEST(test_transcript_of_much_to_send_waits_now_and_then)
{
    bench_open(&bench);
    for (int i = 0; i < 40; i++)
        say(&bench, A, ACK, 1 + 100 * i, 1, .size = 100, .seed = (uint8_t)i);
    say(&bench, B, PSH | ACK, 1, 4001, .text = "all of it");
    expect("that is there.\n<* ACK     ack=J+1001\npeer read 1000\n> ACK ",
           "<* ACK     ack=J+2001\npeer read 1000\n> ACK ",
           "<* ACK     ack=J+3001\npeer read 1000\n> ACK ", "peer read 1000\npeer send",
           "< PSH,ACK  seq=K+1 ack=J+4001 \"all of it\"\n");
}
END_TEST

START_TEST(test_transcript_late_answer_is_waited_for)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 1, 1, .text = "good morning", .after_us = 4100 * BENCH_MS);
    expect("< PSH,ACK  seq=K+1 ack=J+1 within 9s \"good morning\"\n");
}
END_TEST

START_TEST(test_transcript_of_a_peer_with_a_small_mss_sets_it)
{
    static const char small[] = "\x02\x04\x01\xf4";
    say(&bench, A, SYN, 0, 0, BENCH_MSS);
    say(&bench, B, SYN | ACK, 0, 1, OPTIONS(small));
    say(&bench, A, ACK, 1, 1, );
    say(&bench, B, PSH | ACK, 1, 1, .text = "hello");
    expect("peer set maxseg = 500\npeer listen\n");
}
END_TEST

START_TEST(test_transcript_of_both_opening_connects_first)
{
    say(&bench, A, SYN, 0, 0, BENCH_MSS);
    say(&bench, B, SYN, 0, 0, BENCH_MSS);
    say(&bench, A, SYN | ACK, 0, 1, BENCH_MSS);
    say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    expect("peer connect\n> SYN      seq=J mss=1460\n", "< SYN      seq=K mss\n",
           "> SYN,ACK  seq=J ack=K+1 mss=1460\n", "< SYN,ACK  seq=K ack=J+1 mss\n");
}
END_TEST

/* A server that never got our SYN/ACK asks again, and there are ends that answer otherwise. */
START_TEST(test_transcript_syn_sent_again_may_be_answered_twice)
{
    say(&bench, A, SYN, 0, 0, BENCH_MSS);
    say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    say(&bench, A, SYN, 0, 0, BENCH_MSS, .after_us = 1000 * BENCH_MS);
    say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    say(&bench, A, ACK, 1, 1, );
    expect("wait 1s\n> SYN      seq=J mss=1460\n",
           "< SYN,ACK  seq=K ack=J+1 mss\n<? SYN,ACK seq=K ack=J+1 mss\n<? ACK     ack=J+1\n");
}
END_TEST

/* --- what is no whole connection ----------------------------------------------------------------
 */

START_TEST(test_transcript_that_begins_late_is_refused)
{
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, B, ACK, 1, 6, );
    refuse("connection 1, 10.0.0.1:40001 to 10.0.0.2:8888, lacks its SYN in "
           "folder/capture.pcapng: a scenario needs the whole handshake");
}
END_TEST

START_TEST(test_transcript_without_the_synack_is_refused)
{
    say(&bench, A, SYN, 0, 0, );
    say(&bench, A, ACK, 1, 1, );
    say(&bench, B, PSH | ACK, 1, 1, .text = "hello");
    refuse("lacks the SYN/ACK");
}
END_TEST

START_TEST(test_transcript_of_too_many_segments_is_refused)
{
    uint8_t octets[200];
    struct ss_packet packet;
    struct ss_problem problem = {0};
    bench_open(&bench);
    struct ss_flow_packet taken = say(&bench, A, ACK, 1, 1, );
    struct bench_segment said = {.from = A, .flags = ACK, .seq = 1, .ack = 1};
    ss_packet_decode(SS_LINK_IP, octets, bench_build(&bench, &said, octets, sizeof(octets)),
                     &packet);
    const struct ss_transcript_place place = {5, 5};
    enum ss_status status = SS_OK;
    for (int i = 4; status == SS_OK && i < SS_TRANSCRIPT_SEGMENTS_MAX; i++)
        status = ss_transcript_add(bench.transcript, &place, &packet, &taken, &problem);
    ck_assert_int_eq(status, SS_OK);
    status = ss_transcript_add(bench.transcript, &place, &packet, &taken, &problem);
    ck_assert_int_eq(status, SS_UNREADABLE);
    ck_assert_msg(strstr(problem.text, "more than 20000 segments"), "%s", problem.text);
    ss_transcript_free(NULL);
}
END_TEST

static Suite *transcript_suite(void)
{
    Suite *suite = suite_create("transcript");
    TCase *tests = tcase_create("transcript");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, test_transcript_of_an_echo_is_the_textbook);
    tcase_add_test(tests, test_transcript_of_an_echo_with_the_server_crafted);
    tcase_add_loop_test(tests, test_transcript_of_an_echo_is_the_same_at_every_base, 0,
                        2 * BENCH_BASES * BENCH_BASES);
    tcase_add_test(tests, test_transcript_of_a_conversation_tells_the_peer_what_to_do);
    tcase_add_test(tests, test_transcript_of_losses_drops_what_was_lost);
    tcase_add_test(tests, test_transcript_of_gaps_drops_and_delays_what_is_missing);
    tcase_add_test(tests, test_transcript_of_large_segments_is_in_pieces);
    tcase_add_test(tests, test_transcript_of_a_refusal_has_nobody_listening);
    tcase_add_test(tests, test_transcript_of_silence_drops_every_syn);
    tcase_add_test(tests, test_transcript_of_a_reset_by_its_program_resets);
    tcase_add_test(tests, test_transcript_of_a_reset_by_its_kernel_closes_before);
    tcase_add_test(tests, test_transcript_of_our_reset_is_sent_as_it_was);
    tcase_add_test(tests, test_transcript_last_ack_must_come);
    tcase_add_test(tests, test_transcript_answer_to_a_probe_must_come);
    tcase_add_test(tests, test_transcript_of_much_to_send_waits_now_and_then);
    tcase_add_test(tests, test_transcript_late_answer_is_waited_for);
    tcase_add_test(tests, test_transcript_of_a_peer_with_a_small_mss_sets_it);
    tcase_add_test(tests, test_transcript_of_both_opening_connects_first);
    tcase_add_test(tests, test_transcript_syn_sent_again_may_be_answered_twice);
    tcase_add_test(tests, test_transcript_that_begins_late_is_refused);
    tcase_add_test(tests, test_transcript_without_the_synack_is_refused);
    tcase_add_test(tests, test_transcript_of_too_many_segments_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(transcript_suite());
}
