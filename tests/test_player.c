/* test_player: a scenario from its start to its end. */
#include "player_support.h"

START_TEST(test_player_handshake_is_told_step_by_step)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN     seq=J mss=1460\n"
                                    "< SYN,ACK seq=K ack=J+1\n"
                                    "> ACK     seq=J+1 ack=K+1\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@200 held line=3 n=2 checks=4\n"
                  "@200 > ACK seq=1 ack=501\n");
    strike(stage);
}
END_TEST

static Suite *player_suite(void)
{
    Suite *suite = suite_create("player");
    TCase *life = tcase_create("life");
    tcase_add_loop_test(life, test_player_handshake_is_told_step_by_step, 0, BASES);
    suite_add_tcase(suite, life);
    return suite;
}

int main(void)
{
    return check_main(player_suite());
}
