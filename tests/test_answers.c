/* test_answers: which probe an arrival answers, and which it does not; the sum. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "synstep/answers.h"
#include "synstep/probe.h"

enum { TIMEOUT_US = 1000000 };

static struct ss_answers *answers;
static struct ss_problem problem;
static uint8_t octets[SS_FRAME_BYTES_MAX];

/* A datagram from the near host to the far one, or back. */
static size_t datagram(uint8_t version, bool back, const char *words)
{
    static const uint8_t v4[2][4] = {{10, 0, 0, 1}, {10, 0, 0, 2}};
    const uint8_t v6[2][16] = {{0xfd, [15] = 1}, {0xfd, [15] = 2}};
    struct ss_probe *probe = ss_probe_new(1, NULL);
    struct ss_probe_ends ends = {
        .source = version == 6 ? ss_address_v6(v6[back]) : ss_address_v4(v4[back]),
        .target = version == 6 ? ss_address_v6(v6[!back]) : ss_address_v4(v4[!back]),
        .source_port = back ? 80 : 4000,
        .target_port = back ? 4000 : 80,
    };
    char copy[400], *rest = copy;
    size_t length = 0;
    snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        ck_assert_msg(ss_probe_word(probe, word, &problem) == SS_OK, "%s", problem.text);
    ck_assert_msg(ss_probe_finish(probe, &ends, &problem) == SS_OK, "%s", problem.text);
    ck_assert_int_eq(ss_probe_build(probe, 0, octets, sizeof(octets), &length, &problem), SS_OK);
    ss_probe_free(probe);
    return length;
}

static void sent(uint8_t version, const char *words, uint64_t time_us)
{
    size_t length = datagram(version, false, words);
    ck_assert_int_eq(ss_answers_sent(answers, octets, length, time_us, &problem), SS_OK);
}

/* The probe that it answers, or -1. */
static int came(uint8_t version, const char *words, uint64_t time_us, struct ss_answer *answer)
{
    size_t length = datagram(version, true, words);
    return ss_answers_match(answers, octets, length, time_us, answer) ? (int)answer->probe : -1;
}

static void begin(void)
{
    answers = ss_answers_new(SS_LINK_IP, TIMEOUT_US);
    ck_assert_ptr_nonnull(answers);
}

static void end(void)
{
    ss_answers_free(answers);
}

/* At the bases 0, 2^31-1, 2^31 and 2^32-1. */
START_TEST(test_answers_syn_ack_acknowledges_its_syn)
{
    static const uint32_t bases[] = {0, INT32_MAX, 0x80000000, UINT32_MAX};
    struct ss_answer answer;
    char words[100];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(words, sizeof(words), "tcp seq=%u flags=SYN", bases[i]);
        sent(4, words, i);
    }
    for (unsigned i = 4; i-- > 0;) {
        snprintf(words, sizeof(words), "tcp flags=SYN+ACK ack=%u", bases[i] + 1);
        ck_assert_int_eq(came(4, words, 100, &answer), (int)i);
        ck_assert(!answer.duplicate && !answer.late && !answer.wrong_numbers && !answer.error);
        ck_assert_uint_eq(answer.rtt_us, 100 - i);
    }
    ck_assert(ss_answers_are_complete(answers));
}
END_TEST

START_TEST(test_answers_rst_has_the_number_of_what_it_refuses)
{
    struct ss_answer answer;
    sent(6, "tcp seq=5 flags=ACK ack=77", 0);
    sent(6, "tcp seq=5 flags=FIN data=abc", 0);
    ck_assert_int_eq(came(6, "tcp flags=RST seq=77", 9, &answer), 0);
    ck_assert_int_eq(came(6, "tcp flags=RST+ACK seq=0 ack=9", 9, &answer), 1);
    ck_assert(!answer.wrong_numbers);
}
END_TEST

START_TEST(test_answers_wrong_numbers_are_told_as_such)
{
    struct ss_answer answer;
    sent(4, "tcp seq=5 flags=SYN", 0);
    ck_assert_int_eq(came(4, "tcp flags=SYN+ACK ack=7", 9, &answer), 0);
    ck_assert(answer.wrong_numbers);
}
END_TEST

START_TEST(test_answers_of_others_are_none)
{
    struct ss_answer answer;
    sent(4, "tcp seq=5 flags=SYN", 0);
    sent(4, "udp", 0);
    sent(4, "icmp id=7 seq=9", 0);
    sent(4, "igmp", 0);
    ck_assert_int_eq(came(4, "tcp sport=81 flags=SYN+ACK ack=6", 9, &answer), -1);
    ck_assert_int_eq(came(4, "tcp dport=4001 flags=SYN+ACK ack=6", 9, &answer), -1);
    ck_assert_int_eq(came(4, "tcp flags=SYN", 9, &answer), -1);
    ck_assert_int_eq(came(4, "udp sport=81", 9, &answer), -1);
    ck_assert_int_eq(came(4, "icmp type=echo-reply id=7 seq=8", 9, &answer), -1);
    ck_assert_int_eq(came(4, "icmp id=7 seq=9", 9, &answer), -1);
    ck_assert_int_eq(came(4, "igmp", 9, &answer), -1);
    ck_assert_int_eq(came(4, "raw data=x", 9, &answer), -1);
    for (size_t length = 0; length < 28; length++)
        ck_assert(!ss_answers_match(answers, octets, length, 9, &answer));
}
END_TEST

START_TEST(test_answers_udp_by_ports_echo_by_its_numbers)
{
    struct ss_answer answer;
    for (int i = 0; i < 2; i++) {
        uint8_t version = i ? 6 : 4;
        sent(version, "udp data=x", 0);
        sent(version, i ? "icmp6 id=7 seq=9" : "icmp id=7 seq=9", 0);
        ck_assert_int_eq(came(version, "udp", 9, &answer), 2 * i);
        ck_assert_int_eq(
            came(version,
                 i ? "icmp6 type=echo-reply id=7 seq=9" : "icmp type=echo-reply id=7 seq=9", 9,
                 &answer),
            2 * i + 1);
    }
}
END_TEST

START_TEST(test_answers_timestamp_information_and_mask_are_answered_as_an_echo_is)
{
    static const unsigned types[] = {13, 15, 17};
    struct ss_answer answer;
    char words[64];
    for (int i = 0; i < 3; i++) {
        snprintf(words, sizeof words, "icmp type=%u id=%d seq=9", types[i], i + 1);
        sent(4, words, 0);
        ck_assert_int_eq(came(4, words, 9, &answer), -1);
        snprintf(words, sizeof words, "icmp type=%u id=%d seq=9", types[i] + 1, i + 1);
        ck_assert_int_eq(came(4, words, 9, &answer), i);
    }
}
END_TEST

/* RFC 792: the quotation may end 8 octets into what IP carries. */
START_TEST(test_answers_icmp_error_quotes_its_probe)
{
    struct ss_answer answer;
    sent(4, "tcp seq=5 flags=SYN", 0);
    sent(4, "tcp seq=6 flags=SYN", 0);
    sent(4, "udp", 0);
    sent(4, "icmp id=7 seq=9", 0);
    sent(6, "ip6 dest udp dport=5", 0);
    ck_assert_int_eq(came(4,
                          "icmp type=time-exceeded ip src=10.0.0.1 dst=10.0.0.2 protocol=6 "
                          "length=40 raw data=hex:0fa0005000000006",
                          9, &answer),
                     1);
    ck_assert(answer.error);
    ck_assert_int_eq(came(4,
                          "icmp type=unreachable code=3 ip src=10.0.0.1 dst=10.0.0.2 udp "
                          "sport=4000 dport=80",
                          9, &answer),
                     2);
    ck_assert_int_eq(
        came(4, "icmp type=unreachable ip src=10.0.0.1 dst=10.0.0.2 icmp id=7 seq=9", 9, &answer),
        3);
    ck_assert_int_eq(came(6,
                          "icmp6 type=unreachable ip6 src=fd00::1 dst=fd00::2 dest udp sport=4000 "
                          "dport=5",
                          9, &answer),
                     4);
    ck_assert_int_eq(came(4,
                          "icmp type=time-exceeded ip protocol=6 length=40 raw "
                          "data=hex:0fa00050000000",
                          9, &answer),
                     -1);
}
END_TEST

START_TEST(test_answers_of_equal_probes_come_in_their_order)
{
    struct ss_answer answer;
    for (uint64_t i = 0; i < 3; i++)
        sent(4, "udp", 10 * i);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(came(4, "udp", 30 + 10 * i, &answer), (int)i);
        ck_assert_uint_eq(answer.rtt_us, 30);
    }
    ck_assert_int_ge(came(4, "udp", 60, &answer), 0);
    ck_assert(answer.duplicate);
    sent(4, "udp", 100);
    sent(4, "udp", 2 * TIMEOUT_US);
    ck_assert_int_eq(came(4, "udp", 2 * TIMEOUT_US + 5, &answer), 4);
    ck_assert(!answer.late);
    ck_assert_int_eq(came(4, "udp", 2 * TIMEOUT_US + 6, &answer), 3);
    ck_assert(answer.late);
}
END_TEST

START_TEST(test_answers_duplicates_and_late_ones_are_counted)
{
    struct ss_answer answer;
    for (int i = 0; i < 4; i++) {
        char words[40];
        snprintf(words, sizeof(words), "icmp id=1 seq=%d", i);
        sent(4, words, 0);
    }
    ck_assert_int_eq(came(4, "icmp type=echo-reply id=1 seq=0", 1000, &answer), 0);
    ck_assert_int_eq(came(4, "icmp type=echo-reply id=1 seq=0", 1500, &answer), 0);
    ck_assert(answer.duplicate);
    ck_assert_int_eq(came(4, "icmp type=echo-reply id=1 seq=1", 3000, &answer), 1);
    ck_assert_int_eq(came(4, "icmp type=echo-reply id=1 seq=2", TIMEOUT_US + 1, &answer), 2);
    ck_assert(answer.late);
    struct ss_answers_sum sum = ss_answers_sum(answers);
    ck_assert_uint_eq(sum.sent, 4);
    ck_assert_uint_eq(sum.answered, 2);
    ck_assert_uint_eq(sum.late, 1);
    ck_assert_uint_eq(sum.duplicates, 1);
    ck_assert_double_eq_tol(sum.min_ms, 1, 1e-9);
    ck_assert_double_eq_tol(sum.max_ms, 1000.001, 1e-9);
    ck_assert_double_eq_tol(sum.mean_ms, (1 + 3 + 1000.001) / 3, 1e-9);
    ck_assert_double_eq_tol(sum.deviation_ms, (1000.001 - sum.mean_ms) * 2 / 3, 1e-9);
    ck_assert(ss_answers_has(answers, 2) && !ss_answers_has(answers, 3));
    ck_assert(!ss_answers_are_complete(answers));
}
END_TEST

static void begin_frames(void)
{
    ss_answers_free(answers);
    answers = ss_answers_new(SS_LINK_ETHERNET, TIMEOUT_US);
    ck_assert_ptr_nonnull(answers);
}

START_TEST(test_answers_arp_reply_is_of_who_was_asked_for)
{
    struct ss_answer answer;
    begin_frames();
    sent(4, "ether arp tpa=10.0.0.2", 0);
    sent(4, "ether vlan arp tpa=10.0.0.3", 0);
    sent(4, "ether arp op=reply tpa=10.0.0.4", 0);
    ck_assert_int_eq(came(4, "ether arp op=reply spa=10.0.0.3 tpa=10.0.0.1", 7, &answer), 1);
    ck_assert_uint_eq(answer.rtt_us, 7);
    ck_assert_int_eq(came(4, "ether arp op=reply spa=10.0.0.2", 9, &answer), 0);
    ck_assert(!answer.error && !answer.duplicate && !answer.wrong_numbers);
    ck_assert_int_eq(came(4, "ether arp op=reply spa=10.0.0.9 tpa=10.0.0.2", 9, &answer), -1);
    ck_assert_int_eq(came(4, "ether arp spa=10.0.0.2 tpa=10.0.0.2", 9, &answer), -1);
    ck_assert_int_eq(came(4, "ether arp op=reply spa=10.0.0.4", 9, &answer), -1);
    ck_assert_int_eq(came(4, "ether arp op=4 spa=10.0.0.3", 9, &answer), -1);
    size_t whole = datagram(4, true, "ether arp op=reply spa=10.0.0.2");
    for (size_t length = 0; length < whole; length++)
        ck_assert(!ss_answers_match(answers, octets, length, 9, &answer));
}
END_TEST

START_TEST(test_answers_advertisement_is_of_who_was_solicited)
{
    static const char ask[] = "icmp6 type=135 raw data=hex:fd000000000000000000000000000002";
    static const char tell[] = "icmp6 type=136 rest=0x60000000 raw data=hex:fd00000000000000000000"
                               "00000000020201020000000002";
    struct ss_answer answer;
    sent(6, ask, 0);
    ck_assert_int_eq(
        came(6, "icmp6 type=136 raw data=hex:fd000000000000000000000000000003", 5, &answer), -1);
    ck_assert_int_eq(came(6, "icmp6 type=136 raw data=hex:0002", 5, &answer), -1);
    ck_assert_int_eq(came(6, "icmp6 type=136 data=hex:", 5, &answer), -1);
    ck_assert_int_eq(came(6, ask, 5, &answer), -1);
    ck_assert_int_eq(came(6, tell, 6, &answer), 0);
    ck_assert(!answer.error && answer.rtt_us == 6);
}
END_TEST

/* An address is not taken for the ports or numbers that have the same octets. */
START_TEST(test_answers_frames_are_matched_by_what_they_carry)
{
    struct ss_answer answer;
    begin_frames();
    sent(4, "ether arp tpa=15.160.0.80", 0);
    sent(4, "ether udp", 0);
    sent(4, "ether vlan tcp seq=5 flags=SYN", 0);
    sent(6, "ether ip6 dest icmp6 id=7 seq=9", 0);
    ck_assert_int_eq(came(4, "ether tcp flags=SYN+ACK ack=6", 9, &answer), 2);
    ck_assert_int_eq(came(6, "ether vlan icmp6 type=echo-reply id=7 seq=9", 9, &answer), 3);
    ck_assert_int_eq(came(4, "ether udp", 9, &answer), 1);
    ck_assert_int_eq(came(4, "ether type=0x88b5 raw data=x", 9, &answer), -1);
}
END_TEST

static Suite *answers_suite(void)
{
    Suite *suite = suite_create("answers");
    TCase *tcase = tcase_create("answers");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, test_answers_syn_ack_acknowledges_its_syn);
    tcase_add_test(tcase, test_answers_rst_has_the_number_of_what_it_refuses);
    tcase_add_test(tcase, test_answers_wrong_numbers_are_told_as_such);
    tcase_add_test(tcase, test_answers_of_others_are_none);
    tcase_add_test(tcase, test_answers_udp_by_ports_echo_by_its_numbers);
    tcase_add_test(tcase, test_answers_timestamp_information_and_mask_are_answered_as_an_echo_is);
    tcase_add_test(tcase, test_answers_icmp_error_quotes_its_probe);
    tcase_add_test(tcase, test_answers_of_equal_probes_come_in_their_order);
    tcase_add_test(tcase, test_answers_duplicates_and_late_ones_are_counted);
    tcase_add_test(tcase, test_answers_arp_reply_is_of_who_was_asked_for);
    tcase_add_test(tcase, test_answers_advertisement_is_of_who_was_solicited);
    tcase_add_test(tcase, test_answers_frames_are_matched_by_what_they_carry);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(answers_suite());
}
