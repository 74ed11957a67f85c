/*
 * test_tcp: headers that Linux sent, every field on its own, and the names of flags and states.
 */
#include <string.h>

#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "synstep/tcp.h"

static const uint8_t *const syn = frame_v4_syn + 34;

START_TEST(test_tcp_decode_reads_what_tcpdump_reads)
{
    struct ss_tcp_header header;
    ck_assert(ss_tcp_decode(frame_v4_synack + 34, 20, &header));
    ck_assert_uint_eq(header.source_port, 8888);
    ck_assert_uint_eq(header.destination_port, 40001);
    ck_assert_uint_eq(header.seq.value, 710482870);
    ck_assert_uint_eq(header.ack.value, 862299154);
    ck_assert_uint_eq(header.offset_words, 10);
    ck_assert_uint_eq(header.reserved, 0);
    ck_assert_uint_eq(header.flags, SS_TCP_SYN | SS_TCP_ACK);
    ck_assert_uint_eq(header.window, 65160);
    ck_assert_uint_eq(header.checksum, 0xbda3);
    ck_assert_uint_eq(header.urgent, 0);
}
END_TEST

START_TEST(test_tcp_decode_cut_leaves_the_header_untouched)
{
    for (size_t length = 0; length <= SS_TCP_HEADER_BYTES; length++) {
        struct exact copy = exact_copy(syn, length);
        struct ss_tcp_header header = {.window = 4711};
        bool whole = ss_tcp_decode(copy.octets, length, &header);
        ck_assert(whole == (length == SS_TCP_HEADER_BYTES));
        ck_assert_uint_eq(header.window, whole ? 64240 : 4711);
        exact_free(copy);
    }
}
END_TEST

/* Each field alone at its largest, drawn from RFC 9293's figure 1. */
struct lone_field {
    struct ss_tcp_header header;
    uint8_t octets[SS_TCP_HEADER_BYTES];
};

static const struct lone_field lone_fields[] = {
    {{.source_port = 65535}, {[0] = 0xff, [1] = 0xff}},
    {{.destination_port = 65535}, {[2] = 0xff, [3] = 0xff}},
    {{.seq = {UINT32_MAX}}, {[4] = 0xff, 0xff, 0xff, 0xff}},
    {{.ack = {UINT32_MAX}}, {[8] = 0xff, 0xff, 0xff, 0xff}},
    {{.seq = {0x80000000}}, {[4] = 0x80}},
    {{.seq = {0x7fffffff}}, {[4] = 0x7f, 0xff, 0xff, 0xff}},
    {{.offset_words = 15}, {[12] = 0xf0}},
    {{.reserved = 15}, {[12] = 0x0f}},
    {{.flags = SS_TCP_CWR}, {[13] = 0x80}},
    {{.flags = SS_TCP_ECE}, {[13] = 0x40}},
    {{.flags = SS_TCP_URG}, {[13] = 0x20}},
    {{.flags = SS_TCP_ACK}, {[13] = 0x10}},
    {{.flags = SS_TCP_PSH}, {[13] = 0x08}},
    {{.flags = SS_TCP_RST}, {[13] = 0x04}},
    {{.flags = SS_TCP_SYN}, {[13] = 0x02}},
    {{.flags = SS_TCP_FIN}, {[13] = 0x01}},
    {{.window = 65535}, {[14] = 0xff, [15] = 0xff}},
    {{.checksum = 65535}, {[16] = 0xff, [17] = 0xff}},
    {{.urgent = 65535}, {[18] = 0xff, [19] = 0xff}},
};

START_TEST(test_tcp_each_field_lies_where_rfc_9293_draws_it)
{
    const struct lone_field *lone = &lone_fields[_i];
    uint8_t octets[SS_TCP_HEADER_BYTES];
    memset(octets, 0xaa, sizeof octets);
    ss_tcp_encode(&lone->header, octets);
    ck_assert_mem_eq(octets, lone->octets, sizeof octets);
    struct ss_tcp_header back;
    ck_assert(ss_tcp_decode(lone->octets, sizeof lone->octets, &back));
    ck_assert_uint_eq(back.source_port, lone->header.source_port);
    ck_assert_uint_eq(back.destination_port, lone->header.destination_port);
    ck_assert_uint_eq(back.seq.value, lone->header.seq.value);
    ck_assert_uint_eq(back.ack.value, lone->header.ack.value);
    ck_assert_uint_eq(back.offset_words, lone->header.offset_words);
    ck_assert_uint_eq(back.reserved, lone->header.reserved);
    ck_assert_uint_eq(back.flags, lone->header.flags);
    ck_assert_uint_eq(back.window, lone->header.window);
    ck_assert_uint_eq(back.checksum, lone->header.checksum);
    ck_assert_uint_eq(back.urgent, lone->header.urgent);
}
END_TEST

START_TEST(test_tcp_encode_too_wide_values_do_not_spill)
{
    struct ss_tcp_header header = {.offset_words = 5, .reserved = 0xf1};
    uint8_t octets[SS_TCP_HEADER_BYTES];
    ss_tcp_encode(&header, octets);
    ck_assert_uint_eq(octets[12], 0x51);
}
END_TEST

static void check_flags(uint8_t flags, const char *expected)
{
    char text[SS_TCP_FLAGS_TEXT_SIZE];
    ss_tcp_flags_format(text, flags);
    ck_assert_str_eq(text, expected);
}

START_TEST(test_tcp_flags_format_in_order)
{
    check_flags(0, "none");
    check_flags(SS_TCP_ACK, "ACK");
    check_flags(SS_TCP_ACK | SS_TCP_SYN, "SYN,ACK");
    check_flags(SS_TCP_ACK | SS_TCP_FIN, "FIN,ACK");
    check_flags(SS_TCP_ACK | SS_TCP_PSH, "PSH,ACK");
    check_flags(0xff, "SYN,FIN,RST,PSH,ACK,URG,ECE,CWR");
}
END_TEST

START_TEST(test_tcp_flag_text_names_exactly_one)
{
    ck_assert_str_eq(ss_tcp_flag_text(SS_TCP_FIN), "FIN");
    ck_assert_str_eq(ss_tcp_flag_text(SS_TCP_CWR), "CWR");
    for (unsigned flags = 0; flags < 256; flags++) {
        bool one = flags != 0 && (flags & (flags - 1)) == 0;
        ck_assert((ss_tcp_flag_text((uint8_t)flags) != NULL) == one);
    }
}
END_TEST

/* RFC 9293 section 3.3.2. */
static const char *const state_names[SS_TCP_STATES] = {
    "CLOSED",     "LISTEN",     "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1",
    "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",  "LAST-ACK",     "TIME-WAIT",
};

START_TEST(test_tcp_state_names_are_the_rfcs_and_read_back)
{
    enum ss_tcp_state expected = (enum ss_tcp_state)_i;
    enum ss_tcp_state state = expected == SS_TCP_CLOSED ? SS_TCP_LISTEN : SS_TCP_CLOSED;
    ck_assert_str_eq(ss_tcp_state_text(expected), state_names[_i]);
    ck_assert(ss_tcp_state_from_text(state_names[_i], &state));
    ck_assert_int_eq(state, expected);
}
END_TEST

START_TEST(test_tcp_state_from_text_takes_any_case)
{
    enum ss_tcp_state state = SS_TCP_CLOSED;
    ck_assert(ss_tcp_state_from_text("fin-wait-2", &state));
    ck_assert_int_eq(state, SS_TCP_FIN_WAIT_2);
    ck_assert(ss_tcp_state_from_text("Syn-Received", &state));
    ck_assert_int_eq(state, SS_TCP_SYN_RECEIVED);
}
END_TEST

START_TEST(test_tcp_state_from_unknown_text_leaves_the_state_untouched)
{
    static const char *const unknown[] = {"",         "SYN",          "SYN-SEN", "SYN-SENTX",
                                          "SYN_SENT", "FIN-WAIT-3",   " LISTEN", "LISTEN ",
                                          "CLOSE",    "ESTABLISHED\n"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        enum ss_tcp_state state = SS_TCP_LAST_ACK;
        ck_assert_msg(!ss_tcp_state_from_text(unknown[i], &state), "%s", unknown[i]);
        ck_assert_int_eq(state, SS_TCP_LAST_ACK);
    }
}
END_TEST

static Suite *tcp_suite(void)
{
    Suite *suite = suite_create("tcp");
    TCase *header = tcase_create("header");
    tcase_add_test(header, test_tcp_decode_reads_what_tcpdump_reads);
    tcase_add_test(header, test_tcp_decode_cut_leaves_the_header_untouched);
    tcase_add_loop_test(header, test_tcp_each_field_lies_where_rfc_9293_draws_it, 0,
                        sizeof lone_fields / sizeof lone_fields[0]);
    tcase_add_test(header, test_tcp_encode_too_wide_values_do_not_spill);
    suite_add_tcase(suite, header);
    TCase *names = tcase_create("names");
    tcase_add_test(names, test_tcp_flags_format_in_order);
    tcase_add_test(names, test_tcp_flag_text_names_exactly_one);
    tcase_add_loop_test(names, test_tcp_state_names_are_the_rfcs_and_read_back, 0, SS_TCP_STATES);
    tcase_add_test(names, test_tcp_state_from_text_takes_any_case);
    tcase_add_test(names, test_tcp_state_from_unknown_text_leaves_the_state_untouched);
    suite_add_tcase(suite, names);
    return suite;
}

int main(void)
{
    return check_main(tcp_suite());
}
