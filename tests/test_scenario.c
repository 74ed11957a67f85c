/* test_scenario: a text becomes steps: statements, blocks, files. */
#include "scenario_support.h"

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

static Suite *scenario_suite(void)
{
    Suite *suite = suite_create("scenario");
    TCase *whole = tcase_create("whole");
    tcase_add_test(whole, test_scenario_handshake_echo_close_becomes_its_steps);
    suite_add_tcase(suite, whole);
    return suite;
}

int main(void)
{
    return check_main(scenario_suite());
}
