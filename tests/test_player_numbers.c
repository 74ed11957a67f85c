/* test_player_numbers: the numbers that a step leaves out, names, and our own variables. */
#include "player_support.h"

/* --- what is left out ---------------------------------------------------------------------------
 */

START_TEST(test_player_what_is_left_out_goes_on_from_what_was_sent_and_came)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK\n"
                                    "> ACK\n"
                                    "> PSH,ACK \"hello\"\n"
                                    "< PSH,ACK size 3\n"
                                    "> ACK\n"
                                    "> FIN,ACK \"!\"\n"
                                    "> ACK\n"
                                    "> SYN\n"
                                    "> RST\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 3, with_text(segment(stage, P | A, 501, 6), "abc"));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=2\n"
                  "@200 > ACK seq=1 ack=501\n"
                  "@200 > PSH,ACK seq=1 ack=501 size=5\n"
                  "@400 < PSH,ACK seq=501 ack=6 size=3\n"
                  "@400 held line=6 n=5 checks=2\n"
                  "@400 > ACK seq=6 ack=504\n"
                  "@400 > FIN,ACK seq=6 ack=504 size=1\n"
                  "@400 > ACK seq=8 ack=504\n"
                  "@400 > SYN seq=0\n"
                  "@400 > RST seq=8\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_ack_flag_before_anything_came_acknowledges_0)
{
    struct stage *stage = sent(4, "> ACK seq=1\n");
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 1, 40) + 28), 0);
    ck_assert_uint_eq(ss_bytes_get16(heard(stage, 1, 40) + 34), 64240);
    strike(stage);
}
END_TEST

START_TEST(test_player_segment_without_ack_flag_has_no_ack)
{
    struct stage *stage =
        set_stage(4, 0x1000, "param J\n> SYN seq=J\n< SYN,ACK\n> RST\n> FIN,ACK\nwait 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 2, 40) + 28), 0);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 3, 40) + 28), 0x1000 + 501);
    strike(stage);
}
END_TEST

START_TEST(test_player_first_number_is_random_by_the_seed)
{
    struct ss_random random = ss_random_seeded(SEED);
    uint32_t first = ss_random_next32(&random), second = ss_random_next32(&random);
    struct stage *stage = sent(4, "> SYN\n> ACK\nlet X = random\n> SYN seq=X\n");
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 1, 40) + 24), first);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 2, 40) + 24), first + 1);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 3, 40) + 24), second);
    strike(stage);
    stage = sent(4, "> SYN\nlet X = random\n> SYN seq=X\n");
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 2, 40) + 24), second);
    strike(stage);
    stage = sent(4, "let X = random\n> SYN seq=X\n> SYN seq=X+9\nlet Y = random\n> SYN seq=Y\n");
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 1, 40) + 24), first);
    strike(stage);
}
END_TEST

/* --- names --------------------------------------------------------------------------------------
 */

START_TEST(test_player_name_becomes_what_leaves)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK seq=K\n"
                                    "> PSH,ACK seq=Q ack=R window=W ip.id=I \"hello\"\n"
                                    "> FIN,ACK seq=M\n"
                                    "> PSH,ACK seq=Q ack=R window=W ip.id=I+M-J-3 \"hello\"\n"
                                    "< ACK ack=M+1\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 4, segment(stage, A, 501, 7));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=3\n"
                  "@200 > PSH,ACK seq=1 ack=501 size=5\n"
                  "@200 > FIN,ACK seq=6 ack=501\n"
                  "@200 > PSH,ACK seq=1 ack=501 size=5\n"
                  "@400 < ACK seq=501 ack=7\n"
                  "@400 held line=7 n=6 checks=3\n");
    /* Its own id, that of the second datagram, and 3 more: M - J - 3. */
    ck_assert_uint_eq(ss_bytes_get16(heard(stage, 2, 45) + 4), FIRST_ID + 1);
    ck_assert_uint_eq(ss_bytes_get16(heard(stage, 4, 45) + 4), FIRST_ID + 1 + 3);
    ck_assert_uint_eq(ss_bytes_get16(heard(stage, 4, 45) + 34), 64240);
    strike(stage);
}
END_TEST

/* K, which is 1000000, in each field of fewer bits. */
START_TEST(test_player_number_too_large_for_its_field_is_told)
{
    static const struct {
        unsigned version;
        const char *field;
        const char *said;
    } fields[] = {
        {4, "ip.df", "ip.df=1000000 does not fit its 1 bit: 0 to 1"},
        {4, "ip.ihl", "ip.ihl=1000000 does not fit its 4 bits: 0 to 15"},
        {4, "ttl", "ttl=1000000 does not fit its 8 bits: 0 to 255"},
        {4, "ip.offset", "ip.offset=1000000 does not fit its 13 bits: 0 to 8191"},
        {4, "window", "window=1000000 does not fit its 16 bits: 0 to 65535"},
        {6, "ip6.flow", "ip6.flow=1048576 does not fit its 20 bits: 0 to 1048575"},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        char text[128], said[128];
        snprintf(text, sizeof(text), "> SYN seq=1\n< SYN,ACK seq=K\n> ACK %s=K\n", fields[i].field);
        struct stage *stage = set_stage(fields[i].version, 0, text);
        say_after(stage, 1, segment(stage, S | A, fields[i].version == 4 ? 1000000 : 1048576, 2));
        ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
        snprintf(said, sizeof(said), "test.step:3: %s", fields[i].said);
        ck_assert_str_eq(stage->problem.text, said);
        strike(stage);
    }
}
END_TEST

START_TEST(test_player_largest_number_of_a_field_fits)
{
    struct stage *stage = set_stage(6, 0,
                                    "> SYN seq=1\n< SYN,ACK seq=K\n> ACK ip6.flow=K "
                                    "window=K-983040 ack=K+0xfff00000\nwait 1ms\n");
    say_after(stage, 1, segment(stage, S | A, 0xfffff, 2));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    const uint8_t *octets = heard(stage, 2, 60);
    ck_assert_uint_eq(ss_bytes_get32(octets), 0x600fffff);
    ck_assert_uint_eq(ss_bytes_get16(octets + 54), 0xffff);
    ck_assert_uint_eq(ss_bytes_get32(octets + 48), 0xffffffff);
    strike(stage);
}
END_TEST

/* The header lies, so that nobody reads that segment there: it moves nothing, but what its fields
 * were given is known all the same. */
START_TEST(test_player_name_in_a_datagram_that_hides_its_segment_becomes_known)
{
    static const struct {
        unsigned version;
        const char *lie;
    } lies[] = {
        {4, "ip.version=5"}, {4, "ip.ihl=4"},    {4, "ip.ihl=15"},     {4, "ip.protocol=17"},
        {4, "ip.length=19"}, {4, "ip.offset=9"}, {6, "ip6.version=5"}, {6, "ip6.next=17"},
    };
    struct ss_random random = ss_random_seeded(SEED);
    uint32_t first = ss_random_next32(&random), second = ss_random_next32(&random);
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text),
                 "> SYN seq=Q window=W size 100 %s\n> RST\n> ACK seq=Q+1 window=W-1\n",
                 lies[i].lie);
        struct stage *stage = sent(lies[i].version, text);
        size_t header = lies[i].version == 4 ? 20 : 40;
        ck_assert_uint_eq(ss_bytes_get32(heard(stage, 2, header + 20) + header + 4), second);
        const uint8_t *tcp = heard(stage, 3, header + 20) + header;
        ck_assert_uint_eq(ss_bytes_get32(tcp + 4), first + 1);
        ck_assert_uint_eq(ss_bytes_get16(tcp + 14), 64239);
        strike(stage);
    }
}
END_TEST

/* --- our own variables --------------------------------------------------------------------------
 */

START_TEST(test_player_set_snd_nxt_is_the_number_of_what_is_sent_next)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "set snd_nxt = J+7\n"
                                    "> SYN\n"
                                    "< SYN,ACK\n"
                                    "> PSH,ACK \"hello\"\n"
                                    "set snd_nxt = J+9\n"
                                    "> PSH,ACK \"ab\"\n"
                                    "> SYN\n"
                                    "< ACK ack=J+13\n"
                                    "> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 8));
    say_after(stage, 3, segment(stage, A, 501, 13));
    expect_played(stage, SS_OK,
                  "@0 held line=2\n"
                  "@0 > SYN seq=7\n"
                  "@200 < SYN,ACK seq=500 ack=8\n"
                  "@200 held line=4 n=2 checks=2\n"
                  "@200 > PSH,ACK seq=8 ack=501 size=5\n"
                  "@200 held line=6\n"
                  "@200 > PSH,ACK seq=9 ack=501 size=2\n"
                  "@200 > SYN seq=7\n"
                  "@400 < ACK seq=501 ack=13\n"
                  "@400 held line=9 n=6 checks=3\n"
                  "@400 > ACK seq=11 ack=501\n");
    strike(stage);
}
END_TEST

/* What had come ahead is forgotten with it: 611 at the end, not 616. */
START_TEST(test_player_set_rcv_nxt_is_what_is_acknowledged)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK\n"
                                    "> ACK\n"
                                    "< ACK size 5\n"
                                    "set rcv_nxt = J+601\n"
                                    "> ACK\n"
                                    "< ACK size 10\n"
                                    "> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, with_text(segment(stage, A, 611, 1), "ahead"));
    say_after(stage, 3, with_text(segment(stage, A, 601, 1), "ten octets"));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "> ACK seq=1 ack=601"));
    ck_assert_ptr_nonnull(strstr(story, "> ACK seq=1 ack=611"));
    strike(stage);
}
END_TEST

START_TEST(test_player_set_before_anything_is_sent_or_came)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "set rcv_nxt = J+3\n"
                                    "set window = 0\n"
                                    "> ACK seq=J\n"
                                    "set window = 65535\n"
                                    "> SYN\n"
                                    "wait 1ms\n");
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 1, 40) + 28), bases[_i] + 3);
    ck_assert_uint_eq(ss_bytes_get16(heard(stage, 1, 40) + 34), 0);
    ck_assert_uint_eq(ss_bytes_get16(heard(stage, 2, 40) + 34), 65535);
    strike(stage);
}
END_TEST

START_TEST(test_player_set_window_of_more_than_16_bits_is_told)
{
    struct stage *stage =
        set_stage(4, 0, "> SYN seq=1\n< SYN,ACK seq=K\nset window = K\nset window = K+1\n");
    say_after(stage, 1, segment(stage, S | A, 65535, 2));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text, "test.step:4: window has 16 bits: 0 to 65535");
    strike(stage);
}
END_TEST

/* --- what moves SND.NXT and RCV.NXT -------------------------------------------------------------
 */

START_TEST(test_player_out_of_turn_counts_once_it_is_acknowledged)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK\n"
                                    "> PSH,ACK seq=J+6 \"world\"\n"
                                    "> PSH,ACK seq=J+1 \"hello\"\n"
                                    "< PSH size 1\n"
                                    "> ACK\n"
                                    "< ACK\n"
                                    "> ACK\n");
    struct ss_craft unacknowledging = with_text(segment(stage, P, 501, 0), "x");
    unacknowledging.tcp.ack = ss_seq_from(bases[_i] + 11);
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 3, unacknowledging);
    say_after(stage, 4, segment(stage, A, 502, 11));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED); /* a segment without ACK is a violation */
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "> ACK seq=6 ack=502"));
    ck_assert_ptr_nonnull(strstr(story, "> ACK seq=11 ack=502"));
    strike(stage);
}
END_TEST

START_TEST(test_player_reset_of_the_peer_moves_no_rcv_nxt)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK\n"
                                    "> ACK\n"
                                    "< RST,ACK seq=J+501 size 4\n"
                                    "> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, with_text(segment(stage, R | A, 501, 1), "gone"));
    (void)play(stage);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@400 > ACK seq=1 ack=501"));
    strike(stage);
}
END_TEST

START_TEST(test_player_gap_is_acknowledged_when_it_is_filled)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK\n"
                                    "> ACK\n"
                                    "< ACK size 5\n"
                                    "> ACK\n"
                                    "< ACK size 4\n"
                                    "> ACK\n"
                                    "< FIN,ACK\n"
                                    "> ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    say_after(stage, 2, with_text(segment(stage, A, 505, 1), "world"));
    say_after(stage, 3, with_text(segment(stage, A, 501, 1), "more"));
    say_after(stage, 4, segment(stage, F | A, 510, 1));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "@400 > ACK seq=1 ack=501\n"));
    ck_assert_ptr_nonnull(strstr(story, "@600 > ACK seq=1 ack=510\n"));
    ck_assert_ptr_nonnull(strstr(story, "@800 > ACK seq=1 ack=511\n"));
    strike(stage);
}
END_TEST

static Suite *player_numbers_suite(void)
{
    Suite *suite = suite_create("player_numbers");
    TCase *numbers = tcase_create("numbers");
    tcase_add_loop_test(numbers, test_player_what_is_left_out_goes_on_from_what_was_sent_and_came,
                        0, BASES);
    tcase_add_test(numbers, test_player_ack_flag_before_anything_came_acknowledges_0);
    tcase_add_test(numbers, test_player_segment_without_ack_flag_has_no_ack);
    tcase_add_test(numbers, test_player_first_number_is_random_by_the_seed);
    tcase_add_loop_test(numbers, test_player_name_becomes_what_leaves, 0, BASES);
    tcase_add_test(numbers, test_player_number_too_large_for_its_field_is_told);
    tcase_add_test(numbers, test_player_largest_number_of_a_field_fits);
    tcase_add_test(numbers, test_player_name_in_a_datagram_that_hides_its_segment_becomes_known);
    tcase_add_loop_test(numbers, test_player_set_snd_nxt_is_the_number_of_what_is_sent_next, 0,
                        BASES);
    tcase_add_loop_test(numbers, test_player_set_rcv_nxt_is_what_is_acknowledged, 0, BASES);
    tcase_add_loop_test(numbers, test_player_set_before_anything_is_sent_or_came, 0, BASES);
    tcase_add_test(numbers, test_player_set_window_of_more_than_16_bits_is_told);
    tcase_add_loop_test(numbers, test_player_out_of_turn_counts_once_it_is_acknowledged, 0, BASES);
    tcase_add_loop_test(numbers, test_player_reset_of_the_peer_moves_no_rcv_nxt, 0, BASES);
    tcase_add_loop_test(numbers, test_player_gap_is_acknowledged_when_it_is_filled, 0, BASES);
    suite_add_tcase(suite, numbers);
    return suite;
}

int main(void)
{
    return check_main(player_numbers_suite());
}
