/*
 * test_verify_integrity: octets to verdicts: checksums, lengths, options; and the table of rules.
 */
#include "synstep/bytes.h"
#include "synstep/craft.h"
#include "verify_bench.h"

enum { FRAME_SIZE = 200, IPV4_CHECKSUM_AT = 10, TCP_CHECKSUM_AT = 36 };

static struct ss_socket_address place(uint8_t last, uint16_t port)
{
    const uint8_t octets[4] = {10, 0, 0, last};
    return (struct ss_socket_address){ss_address_v4(octets), port};
}

static struct ss_craft syn_of(uint32_t isn)
{
    struct ss_socket_address source = place(1, 40000), destination = place(2, 80);
    struct ss_craft craft = ss_craft_between(&source, &destination);
    static const uint8_t mss[] = {2, 4, 0x05, 0xb4};
    craft.ipv4.id = 1;
    craft.tcp.seq = ss_seq_from(isn);
    craft.tcp.flags = SYN;
    craft.tcp.window = BENCH_WINDOW;
    craft.options = mss;
    craft.options_length = sizeof mss;
    return craft;
}

static size_t frame_of(const struct ss_craft *craft, uint8_t frame[FRAME_SIZE])
{
    size_t length = 0;
    ck_assert_int_eq(ss_craft_build(craft, frame, FRAME_SIZE, &length), SS_OK);
    return length;
}

/* A copy of exactly `length` octets, so that a sanitizer sees any read beyond them. */
static void judge_octets(struct bench *bench, const uint8_t *octets, size_t length)
{
    struct ss_packet packet;
    uint8_t *exact = malloc(length ? length : 1);
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, octets, length);
    ss_packet_decode(SS_LINK_IP, exact, length, &packet);
    ss_verify_packet(&bench->verify, NULL, A, &packet, 0, &bench->verdicts);
    free(exact);
}

static void expect_line(const struct bench *bench, const char *wanted)
{
    char line[BENCH_LINE_SIZE];
    bench_line(&bench->verdicts, line);
    ck_assert_str_eq(line, wanted);
}

START_TEST(test_verify_right_checksums_hold)
{
    struct bench bench = bench_round(_i);
    struct ss_craft syn = syn_of(bench.isn[A]);
    uint8_t frame[FRAME_SIZE] = {0};
    size_t length = frame_of(&syn, frame);
    judge_octets(&bench, frame, length);
    expect_line(&bench, "ip_checksum tcp_checksum");
    uint16_t ip = ss_bytes_get16(frame + IPV4_CHECKSUM_AT);
    uint16_t tcp = ss_bytes_get16(frame + TCP_CHECKSUM_AT);
    expect_numbers(&bench, "ip_checksum", ip, ip);
    expect_numbers(&bench, "tcp_checksum", tcp, tcp);
    ck_assert_int_eq(bench_verdict(&bench, "tcp_checksum")->numbers, SS_NUMBERS_CHECKSUM);
}
END_TEST

/* One wrong bit anywhere is a violation of either checksum, and the segment counts for nothing. */
START_TEST(test_verify_every_wrong_bit_of_the_tcp_header_is_caught)
{
    struct ss_craft syn = syn_of(bench_bases[_i]);
    uint8_t frame[FRAME_SIZE] = {0};
    size_t length = frame_of(&syn, frame);
    for (size_t bit = 20 * 8; bit < length * 8; bit++) {
        struct bench bench = bench_of(0, 0);
        frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
        judge_octets(&bench, frame, length);
        frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_eq(ss_verdicts_worst(&bench.verdicts), SS_VERDICT_VIOLATION);
        ck_assert(!bench.verify.sides[A].isn_known);
        expect_states(&bench, "CLOSED", "LISTEN");
    }
}
END_TEST

START_TEST(test_verify_wrong_checksums_say_what_they_should_be)
{
    struct bench bench = bench_of(1, 2);
    struct ss_craft syn = syn_of(1);
    uint8_t frame[FRAME_SIZE] = {0};
    size_t length = frame_of(&syn, frame);
    uint16_t ip = ss_bytes_get16(frame + IPV4_CHECKSUM_AT);
    uint16_t tcp = ss_bytes_get16(frame + TCP_CHECKSUM_AT);
    ss_bytes_put16(frame + TCP_CHECKSUM_AT, (uint16_t)(tcp ^ 0x55));
    judge_octets(&bench, frame, length);
    expect_line(&bench, "ip_checksum !bad_checksum");
    expect_numbers(&bench, "bad_checksum", tcp, tcp ^ 0x55);
    ss_bytes_put16(frame + TCP_CHECKSUM_AT, tcp);
    ss_bytes_put16(frame + IPV4_CHECKSUM_AT, (uint16_t)(ip ^ 0x55));
    judge_octets(&bench, frame, length);
    expect_line(&bench, "!bad_ip_checksum tcp_checksum");
    expect_numbers(&bench, "bad_ip_checksum", ip, ip ^ 0x55);
    ck_assert(!bench.verify.sides[A].isn_known);
    /* What was not taken leaves the first word to the next one. */
    ss_bytes_put16(frame + IPV4_CHECKSUM_AT, ip);
    judge_octets(&bench, frame, length);
    expect_line(&bench, "ip_checksum tcp_checksum");
}
END_TEST

/* 10.0.0.1 to 10.0.0.2, protocol 6, 24 octets: 0a00+0001+0a00+0002+0006+0018 = 1421. */
START_TEST(test_verify_checksum_left_to_the_card_is_told_apart)
{
    struct bench bench = bench_round(_i);
    struct ss_craft syn = syn_of(bench.isn[A]);
    uint8_t frame[FRAME_SIZE] = {0};
    syn.verbatim = SS_CRAFT_TCP_CHECKSUM;
    syn.tcp.checksum = 0x1421;
    size_t length = frame_of(&syn, frame);
    judge_octets(&bench, frame, length);
    expect_line(&bench, "ip_checksum ~checksum_offloaded");
    expect_states(&bench, "SYN-SENT", "SYN-RECEIVED");
}
END_TEST

START_TEST(test_verify_every_truncated_length_is_a_violation)
{
    struct ss_craft syn = syn_of(7);
    uint8_t frame[FRAME_SIZE] = {0};
    syn.payload = (const uint8_t *)"payload";
    syn.payload_length = 7;
    size_t length = frame_of(&syn, frame);
    for (size_t cut = 0; cut < length; cut++) {
        struct bench bench = bench_of(7, 0);
        judge_octets(&bench, frame, cut);
        ck_assert_int_eq(ss_verdicts_worst(&bench.verdicts), SS_VERDICT_VIOLATION);
        ck_assert_ptr_nonnull(bench_verdict(&bench, "ip_malformed"));
        ck_assert(!bench.verify.sides[A].isn_known);
    }
}
END_TEST

START_TEST(test_verify_impossible_data_offset_is_a_violation)
{
    for (uint8_t words = 0; words < 16; words++) {
        struct bench bench = bench_of(7, 0);
        struct ss_craft syn = syn_of(7);
        uint8_t frame[FRAME_SIZE] = {0};
        syn.verbatim = SS_CRAFT_TCP_OFFSET;
        syn.tcp.offset_words = words;
        judge_octets(&bench, frame, frame_of(&syn, frame));
        bool possible = words == 5 || words == 6;
        ck_assert_int_eq(bench_verdict(&bench, "tcp_malformed") == NULL, possible);
        ck_assert_int_eq(bench.verify.sides[A].isn_known, possible);
    }
}
END_TEST

START_TEST(test_verify_options_are_judged)
{
    const struct {
        uint8_t flags;
        uint8_t options[8];
        const char *line;
    } cases[] = {
        {SYN, {2, 4, 5, 0xb4, 3, 3, 14, 0}, "ip_checksum tcp_checksum"},
        {SYN, {2, 4, 5, 0xb4, 3, 3, 15, 0}, "ip_checksum tcp_checksum !window_shift_over_14"},
        {SYN, {2, 4, 5, 0xb4, 3, 9, 1, 0}, "ip_checksum tcp_checksum !option_malformed"},
        {SYN, {2, 3, 5, 1, 0}, "ip_checksum tcp_checksum !option_malformed ~mss_missing"},
        {ACK,
         {2, 4, 5, 0xb4},
         "ip_checksum tcp_checksum !option_not_allowed_here "
         "~capture_starts_late"},
        {ACK,
         {3, 3, 1, 0},
         "ip_checksum tcp_checksum !option_not_allowed_here "
         "~capture_starts_late"},
        {ACK, {4, 2, 0}, "ip_checksum tcp_checksum !option_not_allowed_here ~capture_starts_late"},
        {ACK, {1, 1, 1, 0}, "ip_checksum tcp_checksum ~capture_starts_late"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench = bench_of(7, 0);
        struct ss_craft segment = syn_of(7);
        uint8_t frame[FRAME_SIZE] = {0};
        segment.tcp.flags = cases[i].flags;
        segment.options = cases[i].options;
        segment.options_length = sizeof cases[i].options;
        judge_octets(&bench, frame, frame_of(&segment, frame));
        expect_line(&bench, cases[i].line);
    }
}
END_TEST

/* RFC 7323 sections 2.2 and 3.2: a SYN/ACK answers an offer, it makes none. */
START_TEST(test_verify_synack_options_need_the_syns)
{
    struct bench bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN);
    feed(&bench, "!option_not_allowed_here synack_ack", .from = B, .flags = SYN | ACK, .ack = 1,
         .shift = 3);
    bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN, .shift = 3);
    feed(&bench, "!option_not_allowed_here synack_ack", .from = B, .flags = SYN | ACK, .ack = 1,
         .stamp = 5);
    bench = bench_round(_i);
    feed(&bench, "", .from = A, .flags = SYN, .shift = 3, .stamp = 9);
    feed(&bench, "synack_ack", .from = B, .flags = SYN | ACK, .ack = 1, .shift = 3, .stamp = 5);
}
END_TEST

START_TEST(test_verify_fragment_is_not_judged)
{
    struct bench bench = bench_of(7, 0);
    struct ss_craft syn = syn_of(7);
    uint8_t frame[FRAME_SIZE] = {0};
    syn.ipv4.dont_fragment = false;
    syn.ipv4.more_fragments = true;
    judge_octets(&bench, frame, frame_of(&syn, frame));
    ck_assert_ptr_nonnull(bench_verdict(&bench, "fragment_not_judged"));
    ck_assert(!bench.verify.sides[A].isn_known);
}
END_TEST

/* The table in the header is what a user reads: every row of the code's must stand in it. */
START_TEST(test_verify_table_in_the_header_is_the_codes)
{
    static const char *const levels[] = {"held", "note", "warning", "violation"};
    char path[4096], row[256];
    static char text[64 * 1024];
    size_t count = 0;
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, sizeof path, "%s/include/synstep/verify_rule.h", source ? source : ".");
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const struct ss_verify_rule *rules = ss_verify_rules(&count);
    const char *at = text;
    ck_assert_uint_gt(count, 60);
    for (size_t i = 0; i < count; i++) {
        snprintf(row, sizeof row, " *   %-28s %-9s  %s\n *       %s\n", rules[i].name,
                 levels[rules[i].level], rules[i].clause, rules[i].meaning);
        at = strstr(at, row);
        ck_assert_msg(at != NULL, "not in its place in the header: %s", row);
        at += strlen(row);
    }
    ck_assert_int_eq(strncmp(at, " */", 3), 0);
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_integrity");
    TCase *tcase = tcase_create("integrity");
    bench_rounds(tcase, test_verify_right_checksums_hold);
    tcase_add_loop_test(tcase, test_verify_every_wrong_bit_of_the_tcp_header_is_caught, 0,
                        BENCH_BASES);
    tcase_add_test(tcase, test_verify_wrong_checksums_say_what_they_should_be);
    bench_rounds(tcase, test_verify_checksum_left_to_the_card_is_told_apart);
    tcase_add_test(tcase, test_verify_every_truncated_length_is_a_violation);
    tcase_add_test(tcase, test_verify_impossible_data_offset_is_a_violation);
    tcase_add_test(tcase, test_verify_options_are_judged);
    bench_rounds(tcase, test_verify_synack_options_need_the_syns);
    tcase_add_test(tcase, test_verify_fragment_is_not_judged);
    tcase_add_test(tcase, test_verify_table_in_the_header_is_the_codes);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
