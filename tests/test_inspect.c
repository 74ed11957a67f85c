/* test_inspect: the tables of both ends' variables and of the peer's testimony. */
#include "stepped.h"

#include "golden.h"
#include "synstep/inspect.h"

#define CONNECTION                                                                                 \
    "let J = 4294967295\n"                                                                         \
    "> SYN seq=J mss=1400 wscale=7\n"                                                              \
    "< SYN,ACK seq=K ack=J+1\n"                                                                    \
    "> ACK\n"                                                                                      \
    "> FIN,ACK \"hello\"\n"                                                                        \
    "<* FIN,ACK\n"

static struct stepped stepped;

START_TEST(test_inspect_of_nothing_yet_leaves_the_cells_empty)
{
    stepped_open(&stepped, 4, 80, CONNECTION);
    struct ss_player_tcb tcb = ss_player_tcb(stepped.player);
    ss_inspect_tcb(stepped.ladder, &tcb);
    expect_golden_text("inspect_nothing", stepped_shown(&stepped));
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_inspect_of_both_ends_is_as_drawn)
{
    stepped_open(&stepped, 4, 80, CONNECTION);
    stepped_go(&stepped, 6);
    struct ss_player_tcb tcb = ss_player_tcb(stepped.player);
    ss_inspect_tcb(stepped.ladder, &tcb);
    expect_golden_text("inspect_tcb", stepped_shown(&stepped));
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_inspect_of_the_peer_is_as_drawn)
{
    static const struct ss_far_answer answer = {.outcome = SS_FAR_DONE,
                                                .state_known = true,
                                                .state = SS_TCP_CLOSE_WAIT,
                                                .numbers_known = true,
                                                .rcv_nxt = {6},
                                                .write_seq = {5002},
                                                .waiting = 1};
    stepped_open(&stepped, 4, 80, CONNECTION);
    stepped_go(&stepped, 6);
    struct ss_player_tcb tcb = ss_player_tcb(stepped.player);
    ss_inspect_peer(stepped.ladder, &tcb, &answer, true);
    expect_golden_text("inspect_peer", stepped_shown(&stepped));
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_inspect_of_a_peer_that_was_reset_is_as_drawn)
{
    static const struct ss_far_answer answer = {.outcome = SS_FAR_DONE, .error = "ECONNRESET"};
    stepped_open(&stepped, 4, 80, CONNECTION);
    struct ss_player_tcb tcb = ss_player_tcb(stepped.player);
    ss_inspect_peer(stepped.ladder, &tcb, &answer, false);
    expect_golden_text("inspect_reset", stepped_shown(&stepped));
    stepped_close(&stepped);
}
END_TEST

/* Scaled, and up to the furthest edge that was offered: more than the 16 bits of the header. */
START_TEST(test_inspect_of_a_large_window_counts_octets)
{
    struct ss_verify verify;
    struct ss_player_tcb tcb = {.verify = &verify};
    ss_verify_init(&verify);
    verify.sides[SS_SIDE_B].ack_known = verify.sides[SS_SIDE_B].edge_known = true;
    verify.sides[SS_SIDE_B].ack = ss_seq_from(4294967295);
    verify.sides[SS_SIDE_B].edge = ss_seq_from(99999);
    verify.sides[SS_SIDE_B].window = 782;
    stepped_open(&stepped, 4, 80, CONNECTION);
    ss_inspect_tcb(stepped.ladder, &tcb);
    ck_assert_ptr_nonnull(strstr(stepped_shown(&stepped), " 100000\n"));
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_inspect_of_headers_names_the_segment)
{
    stepped_open(&stepped, 4, 80, CONNECTION);
    stepped_go(&stepped, 3);
    ss_inspect_headers(stepped.ladder, stepped_segment(&stepped, 2));
    const char *text = stepped_shown(&stepped);
    ck_assert_ptr_nonnull(strstr(text, "segment 2: SYN,ACK from the peer\n  ── IPv4 "));
    ck_assert_ptr_nonnull(strstr(text, "Sequence Number         5000          K\n"));
    stepped_close(&stepped);
}
END_TEST

static Suite *inspect_suite(void)
{
    Suite *suite = suite_create("inspect");
    TCase *tests = tcase_create("inspect");
    tcase_add_test(tests, test_inspect_of_nothing_yet_leaves_the_cells_empty);
    tcase_add_test(tests, test_inspect_of_both_ends_is_as_drawn);
    tcase_add_test(tests, test_inspect_of_the_peer_is_as_drawn);
    tcase_add_test(tests, test_inspect_of_a_peer_that_was_reset_is_as_drawn);
    tcase_add_test(tests, test_inspect_of_a_large_window_counts_octets);
    tcase_add_test(tests, test_inspect_of_headers_names_the_segment);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(inspect_suite());
}
