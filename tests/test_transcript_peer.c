/*
 * test_transcript_peer: what the peer is told to do in the scenarios that transcript makes, and
 * what is said to come of it.
 */
#include "transcript_bench.h"

static const char driven[] = "\npeer listen\n> SYN ";

static void close_both(int64_t ours, int64_t theirs)
{
    say(&bench, A, FIN | ACK, ours, theirs, );
    say(&bench, B, FIN | ACK, theirs, ours + 1, );
    say(&bench, A, ACK, ours + 1, theirs + 1, );
}

/* --- whether it only echoes ---------------------------------------------------------------------
 */

START_TEST(test_transcript_peer_that_echoes_is_told_nothing)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "one");
    say(&bench, B, PSH | ACK, 1, 4, .text = "one");
    say(&bench, B, PSH | ACK, 1, 4, .text = "one", .after_us = 200 * BENCH_MS);
    say(&bench, A, PSH | ACK, 4, 4, .size = 1200);
    say(&bench, B, PSH | ACK, 4, 1204, .size = 1200);
    close_both(1204, 1204);
    expect_none_of("peer ");
}
END_TEST

START_TEST(test_transcript_peer_that_says_nothing_is_told_nothing)
{
    bench_open(&bench);
    close_both(1, 1);
    expect_none_of("peer ");
}
END_TEST

/* Each a connection that an echo server would not have had. */
static void no_echo(int which)
{
    switch (which) {
    case 0: /* two at once */
        say(&bench, A, PSH | ACK, 1, 1, .text = "one");
        say(&bench, A, PSH | ACK, 4, 1, .text = "two");
        say(&bench, B, PSH | ACK, 1, 7, .text = "onetwo");
        break;
    case 1: /* more than comes back in one segment */
        say(&bench, A, PSH | ACK, 1, 1, .size = 1201);
        say(&bench, B, PSH | ACK, 1, 1202, .size = 1201);
        break;
    case 2: /* other octets */
        say(&bench, A, PSH | ACK, 1, 1, .text = "one");
        say(&bench, B, PSH | ACK, 1, 4, .text = "two");
        break;
    case 3: /* fewer */
        say(&bench, A, PSH | ACK, 1, 1, .text = "one");
        say(&bench, B, PSH | ACK, 1, 4, .text = "on");
        break;
    case 4: /* none */
        say(&bench, A, PSH | ACK, 1, 1, .text = "one");
        say(&bench, B, ACK, 1, 4, );
        break;
    case 5: /* it speaks first */
        say(&bench, B, PSH | ACK, 1, 1, .text = "one");
        break;
    case 6: /* it ends first */
        say(&bench, B, FIN | ACK, 1, 1, );
        say(&bench, A, FIN | ACK, 1, 2, );
        break;
    case 7: /* it ends without the echo */
        say(&bench, A, PSH | ACK, 1, 1, .text = "one");
        say(&bench, A, FIN | ACK, 4, 1, );
        say(&bench, B, FIN | ACK, 1, 5, );
        break;
    case 8: /* it ends with the echo */
        say(&bench, A, FIN | PSH | ACK, 1, 1, .text = "one");
        say(&bench, B, FIN | PSH | ACK, 1, 5, .text = "one");
        break;
    case 9: /* it does not end */
        say(&bench, A, FIN | ACK, 1, 1, );
        say(&bench, B, ACK, 1, 2, );
        break;
    default:
        say(&bench, B, RST | ACK, 1, 1, );
    }
}

START_TEST(test_transcript_peer_that_does_other_things_is_told_them)
{
    bench_open(&bench);
    no_echo(_i);
    expect(driven, "peer accept\n");
}
END_TEST

START_TEST(test_transcript_peer_of_data_in_the_syn_is_told)
{
    say(&bench, A, SYN, 0, 0, .text = "early");
    say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    say(&bench, A, ACK, 1, 1, );
    expect("peer listen\n\n# Frame 1: syn carries data\n> SYN      seq=J \"early\"\n",
           "< SYN,ACK  seq=K ack=J+1 mss\n");
}
END_TEST

/* --- reading ------------------------------------------------------------------------------------
 */

START_TEST(test_transcript_peer_reads_what_it_had_when_it_spoke)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "one");
    say(&bench, A, PSH | ACK, 4, 1, .text = "three");
    say(&bench, B, PSH | ACK, 1, 4, .text = "1");
    say(&bench, B, PSH | ACK, 2, 9, .text = "3");
    say(&bench, B, PSH | ACK, 3, 9, .text = "4");
    expect("peer read 3\npeer send \"1\"\n", "peer read 5\npeer send \"3\"\n",
           "\"3\"\n<? PSH,ACK seq=K+2 size *\npeer send \"4\"\n");
}
END_TEST

START_TEST(test_transcript_peer_reads_no_more_than_can_be_read_at_once)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .size = 40000);
    say(&bench, A, PSH | ACK, 40001, 1, .size = 40000);
    say(&bench, B, PSH | ACK, 1, 80001, .text = "all");
    char *text = text_of();
    unsigned read = 0;
    for (char *at = text; (at = strstr(at, "peer read ")); at++) {
        unsigned count = (unsigned)atoi(at + strlen("peer read "));
        ck_assert_uint_le(count, 65536);
        read += count;
    }
    ck_assert_uint_eq(read, 80000);
    free(text);
}
END_TEST

START_TEST(test_transcript_peer_whose_window_closed_does_not_read)
{
    bench_open(&bench);
    for (int i = 0; i < 15; i++)
        say(&bench, A, ACK, 1 + 100 * i, 1, .size = 100, .seed = (uint8_t)i);
    say(&bench, B, ACK, 1, 1501, .closed = true);
    say(&bench, A, PSH | ACK, 1501, 1, .text = "x", .after_us = 300 * BENCH_MS);
    say(&bench, B, ACK, 1, 1501, .closed = true);
    expect("<* ACK     ack=J+1001\n> ACK      seq=J+1001", "# Frame 20: zero window probe\n",
           "wait 300ms\n> PSH,ACK  seq=J+1501 ack=K+1 \"x\"\n",
           "\n< ACK      seq=K+1 ack=J+1501..J+1502\n");
    expect_none_of("drop");
}
END_TEST

/* --- sending ------------------------------------------------------------------------------------
 */

START_TEST(test_transcript_peer_sends_what_it_pushed_by_itself)
{
    bench_open(&bench);
    say(&bench, B, ACK, 1, 1, .text = "two ");
    say(&bench, B, PSH | ACK, 5, 1, .text = "parts");
    say(&bench, B, PSH | ACK, 10, 1, .text = "another");
    expect("peer send \"two parts\"\n", "< ACK      seq=K+1 ack=J+1 \"two \"\n",
           "< PSH,ACK  seq=K+5 ack=J+1 \"parts\"\n", "peer send \"another\"\n");
}
END_TEST

START_TEST(test_transcript_peer_sends_urgent_octets_by_themselves)
{
    bench_open(&bench);
    say(&bench, B, ACK, 1, 1, .text = "plain");
    say(&bench, B, PSH | URG | ACK, 6, 1, .text = "!", .urgent = 1);
    expect("only live\nlet J", "peer send \"plain\"\n", "peer send \"!\" urgent\n",
           "< PSH,ACK,URG seq=K+6 ack=J+1 urgent=1 \"!\"\n");
}
END_TEST

/* 30 pieces in one go: a kernel would push by itself somewhere, so they are sent in parts. */
START_TEST(test_transcript_peer_sends_much_in_parts_which_are_pushed)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 1, 1, .size = 30 * 1460);
    expect("< ACK      seq=K+20441", "< PSH,ACK  seq=K+21901", "peer send",
           "< ACK      seq=K+23361", "< PSH,ACK  seq=K+42341");
}
END_TEST

/* What a segment does not fill ends what is sent: more would be put behind it. */
START_TEST(test_transcript_peer_sends_uneven_pieces_by_themselves)
{
    bench_open(&bench);
    say(&bench, B, ACK, 1, 1, .size = 3000);
    say(&bench, B, PSH | ACK, 3001, 1, .size = 3000);
    expect("< ACK      seq=K+1 ", "< ACK      seq=K+1461", "< PSH,ACK  seq=K+2921 ", "peer send",
           "< ACK      seq=K+3001 ", "< PSH,ACK  seq=K+5921 ");
}
END_TEST

START_TEST(test_transcript_peer_leap_of_numbers_is_no_data)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 3000001, 1, .text = "far away");
    expect("accept\n\n# 3000000 octets before frame 4 are not in the capture.\npeer send \"far",
           "<* PSH,ACK seq=K+3000001");
}
END_TEST

/* --- ending -------------------------------------------------------------------------------------
 */

START_TEST(test_transcript_peer_closes_once_it_has_our_fin)
{
    bench_open(&bench);
    say(&bench, A, FIN | ACK, 1, 1, );
    say(&bench, B, PSH | ACK, 1, 2, .text = "bye");
    say(&bench, B, FIN | ACK, 4, 2, );
    say(&bench, B, FIN | ACK, 4, 2, .after_us = 200 * BENCH_MS);
    expect("peer send \"bye\"\n", "\npeer close\n", "< FIN,ACK  seq=N ack=M+1\n",
           "< FIN,ACK  seq=N ack=M+1\n");
    expect_none_of("peer shutdown");
}
END_TEST

START_TEST(test_transcript_peer_that_is_gone_is_told_nothing_more)
{
    bench_open(&bench);
    say(&bench, B, RST | ACK, 1, 1, );
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello?");
    say(&bench, B, RST | ACK, 1, 7, );
    say(&bench, B, PSH | ACK, 1, 7, .text = "a ghost");
    expect("peer reset\n< RST,ACK ", "\"hello?\"\n", "< RST,ACK ");
    expect_none_of("peer read");
    expect_none_of("peer send");
}
END_TEST

/* --- what comes again, and what may -------------------------------------------------------------
 */

/* `theirs` twice, so long between them, and so many acknowledgments of ours that ask for it. */
static void come_again(uint64_t after_us, int duplicates)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 1, 1, .text = "good morning");
    for (int i = 0; i < duplicates; i++)
        say(&bench, A, ACK, 1, 1, );
    say(&bench, B, PSH | ACK, 1, 1, .text = "good morning", .after_us = after_us);
}

START_TEST(test_transcript_peer_comes_again_by_its_timer)
{
    come_again(100 * BENCH_MS, 0);
    expect("# Frame 5: retransmission\n< PSH,ACK  seq=K+1 ack=J+1 \"good morning\"\n");
}
END_TEST

START_TEST(test_transcript_peer_comes_again_when_asked_three_times)
{
    come_again(1 * BENCH_MS, 3);
    expect("> ACK ", "> ACK ", "> ACK ", "\n< PSH,ACK  seq=K+1 ack=J+1 \"good morning\"\n");
}
END_TEST

START_TEST(test_transcript_peer_that_comes_again_without_a_reason_may)
{
    come_again(_i == 0 ? 99 * BENCH_MS : 1 * BENCH_MS, _i == 0 ? 0 : 2);
    expect("\n<? PSH,ACK seq=K+1 ack=J+1 \"good morning\"\n");
}
END_TEST

/* That acknowledgment carried data, which the peer took in: it cannot have been lost. */
START_TEST(test_transcript_peer_that_comes_again_though_it_heard_us_may)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 1, 1, .text = "good morning");
    say(&bench, A, PSH | ACK, 1, 13, .text = "hello");
    say(&bench, B, PSH | ACK, 1, 6, .text = "good morning", .after_us = 300 * BENCH_MS);
    expect("\n<? PSH,ACK seq=K+1 ack=J+6 \"good morning\"\n");
    expect_none_of("drop");
}
END_TEST

/* A keep-alive and its octet repeat what has arrived: none of it was lost. */
START_TEST(test_transcript_keep_alives_are_not_lost)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, B, ACK, 1, 6, );
    for (int i = 0; i < 3; i++)
        say(&bench, A, ACK, 5, 1, .text = "x", .after_us = 75000 * BENCH_MS);
    expect("# Frame 6: keep alive\n# It was 75s.\nwait 5s\n> ACK      seq=J+5 ack=K+1 \"x\"\n");
    expect_none_of("drop");
}
END_TEST

START_TEST(test_transcript_what_was_acknowledged_and_sent_again_was_not_lost)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, B, ACK, 1, 6, );
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello", .after_us = 40 * BENCH_MS);
    say(&bench, B, PSH | ACK, 1, 6, .text = "yes, yes", .after_us = 700 * BENCH_MS);
    say(&bench, A, ACK, 6, 9, .after_us = 300 * BENCH_MS);
    expect_none_of("drop");
    expect_none_of("wait");
    expect_none_of("within");
}
END_TEST

START_TEST(test_transcript_what_was_answered_by_a_reset_was_not_lost)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    say(&bench, B, RST, 1, 0, );
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello", .after_us = 300 * BENCH_MS);
    say(&bench, B, RST, 1, 0, );
    expect("wait 300ms\n> PSH,ACK ");
    expect_none_of("drop");
}
END_TEST

/* Only the last acknowledgment has nothing to ride on, and only the first that has its number. */
START_TEST(test_transcript_acks_that_repeat_the_last_may_come)
{
    bench_open(&bench);
    say(&bench, A, FIN | ACK, 1, 1, );
    say(&bench, B, FIN | ACK, 1, 1, );
    say(&bench, A, ACK, 2, 2, );
    say(&bench, B, ACK, 2, 2, );
    say(&bench, B, ACK, 2, 2, );
    expect("< FIN,ACK  seq=N ack=M..M+1\n", "\n< ACK      seq=N+1 ack=M+1\n<? ACK     ack=M+1\n");
}
END_TEST

/* More than the player can leave open: then whatever it is may come before. */
START_TEST(test_transcript_of_too_much_that_may_come_skips_it)
{
    bench_open(&bench);
    for (int i = 0; i < 20; i++)
        say(&bench, A, ACK, 101 + 100 * i, 1, .size = 100, .seed = (uint8_t)i);
    say(&bench, B, PSH | ACK, 1, 1, .text = "what?");
    expect("\n<* PSH,ACK seq=K+1 ack=J+1 \"what?\"\n");
}
END_TEST

START_TEST(test_transcript_of_many_acks_leaves_twelve_open)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "hello");
    for (int i = 0; i < 30; i++)
        say(&bench, B, ACK, 1, 6, );
    say(&bench, B, PSH | ACK, 1, 6, .text = "hello");
    char *text = text_of();
    unsigned open = 0;
    for (char *at = text; (at = strstr(at, "<? ACK     ack=J+6\n")); at++)
        open++;
    ck_assert_uint_eq(open, 12);
    ck_assert_ptr_nonnull(strstr(text, "<* PSH,ACK seq=K+1 ack=J+6 \"hello\"\n"));
    free(text);
}
END_TEST

/* Two or more that are not acknowledged: the last of them may come again, once. */
START_TEST(test_transcript_of_a_burst_may_have_its_last_again)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 1, 1, .text = "one");
    say(&bench, B, PSH | ACK, 4, 1, .text = "two");
    say(&bench, A, PSH | ACK, 1, 1, .text = "I say");
    say(&bench, A, PSH | ACK, 6, 1, .text = "wait");
    say(&bench, B, PSH | ACK, 7, 10, .text = "three");
    expect("\"two\"\n<? PSH,ACK seq=K+4 size *\n> PSH,ACK  seq=J+1 ack=K+1 \"I say\"\n> PSH,ACK ");
}
END_TEST

START_TEST(test_transcript_of_an_mss_of_0_comes_to_an_end)
{
    static const char none[] = "\x02\x04\0\0";
    say(&bench, A, SYN, 0, 0, OPTIONS(none));
    say(&bench, B, SYN | ACK, 0, 1, BENCH_MSS);
    say(&bench, A, ACK, 1, 1, );
    say(&bench, B, PSH | ACK, 1, 1, .size = 3000);
    say(&bench, A, ACK, 1, 3001, );
    expect("> SYN      seq=J mss=0\n", "< PSH,ACK  seq=K+2921 ");
}
END_TEST

START_TEST(test_transcript_of_an_hour_waits_a_minute)
{
    bench_open(&bench);
    say(&bench, B, PSH | ACK, 1, 1, .text = "slow", .after_us = UINT64_C(3600000) * BENCH_MS);
    expect(" within 60s \"slow\"\n");
}
END_TEST

static Suite *transcript_peer_suite(void)
{
    Suite *suite = suite_create("transcript_peer");
    TCase *tests = tcase_create("transcript_peer");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, test_transcript_peer_that_echoes_is_told_nothing);
    tcase_add_test(tests, test_transcript_peer_that_says_nothing_is_told_nothing);
    tcase_add_loop_test(tests, test_transcript_peer_that_does_other_things_is_told_them, 0, 11);
    tcase_add_test(tests, test_transcript_peer_of_data_in_the_syn_is_told);
    tcase_add_test(tests, test_transcript_peer_reads_what_it_had_when_it_spoke);
    tcase_add_test(tests, test_transcript_peer_reads_no_more_than_can_be_read_at_once);
    tcase_add_test(tests, test_transcript_peer_whose_window_closed_does_not_read);
    tcase_add_test(tests, test_transcript_peer_sends_what_it_pushed_by_itself);
    tcase_add_test(tests, test_transcript_peer_sends_urgent_octets_by_themselves);
    tcase_add_test(tests, test_transcript_peer_sends_much_in_parts_which_are_pushed);
    tcase_add_test(tests, test_transcript_peer_sends_uneven_pieces_by_themselves);
    tcase_add_test(tests, test_transcript_peer_leap_of_numbers_is_no_data);
    tcase_add_test(tests, test_transcript_peer_closes_once_it_has_our_fin);
    tcase_add_test(tests, test_transcript_peer_that_is_gone_is_told_nothing_more);
    tcase_add_test(tests, test_transcript_peer_comes_again_by_its_timer);
    tcase_add_test(tests, test_transcript_peer_comes_again_when_asked_three_times);
    tcase_add_loop_test(tests, test_transcript_peer_that_comes_again_without_a_reason_may, 0, 2);
    tcase_add_test(tests, test_transcript_peer_that_comes_again_though_it_heard_us_may);
    tcase_add_test(tests, test_transcript_keep_alives_are_not_lost);
    tcase_add_test(tests, test_transcript_what_was_acknowledged_and_sent_again_was_not_lost);
    tcase_add_test(tests, test_transcript_what_was_answered_by_a_reset_was_not_lost);
    tcase_add_test(tests, test_transcript_acks_that_repeat_the_last_may_come);
    tcase_add_test(tests, test_transcript_of_too_much_that_may_come_skips_it);
    tcase_add_test(tests, test_transcript_of_many_acks_leaves_twelve_open);
    tcase_add_test(tests, test_transcript_of_a_burst_may_have_its_last_again);
    tcase_add_test(tests, test_transcript_of_an_mss_of_0_comes_to_an_end);
    tcase_add_test(tests, test_transcript_of_an_hour_waits_a_minute);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(transcript_peer_suite());
}
