/* test_scenario_segment: flags, fields, options, payload and times of one segment. */
#include "scenario_bounds.h"
#include "scenario_support.h"

/* --- flags -------------------------------------------------------------------------------------*/

START_TEST(test_scenario_segment_flags_in_any_order_and_case)
{
    expect_steps("> SYN\n> none\n> fin,Psh,ACK,urg\n> RST,ECE,CWR,SYN\n",
                 "send SYN\nsend none\nsend FIN,PSH,ACK,URG\nsend SYN,RST,ECE,CWR\n");
}
END_TEST

START_TEST(test_scenario_segment_each_sign_is_its_step)
{
    expect_steps(">SYN\n< SYN\n<? SYN\n<* SYN\n<! SYN\n<?ACK\n", "send SYN\n"
                                                                 "expect SYN within:2000000\n"
                                                                 "optional SYN within:2000000\n"
                                                                 "skipping SYN within:2000000\n"
                                                                 "not SYN within:200000\n"
                                                                 "optional ACK within:2000000\n");
}
END_TEST

/* --- fields ------------------------------------------------------------------------------------*/

static const struct {
    const char *word;
    enum ss_field field;
    const char *name;
    unsigned bits;
} field_cases[] = {
    {"ttl", SS_FIELD_TTL, "ttl", 8},
    {"hop", SS_FIELD_TTL, "ttl", 8},
    {"tos", SS_FIELD_TOS, "tos", 8},
    {"class", SS_FIELD_TOS, "tos", 8},
    {"ip.version", SS_FIELD_IP_VERSION, "ip.version", 4},
    {"ip.ihl", SS_FIELD_IP_IHL, "ip.ihl", 4},
    {"ip.length", SS_FIELD_IP_LENGTH, "ip.length", 16},
    {"ip.id", SS_FIELD_IP_ID, "ip.id", 16},
    {"ip.rf", SS_FIELD_IP_RF, "ip.rf", 1},
    {"ip.df", SS_FIELD_IP_DF, "ip.df", 1},
    {"ip.mf", SS_FIELD_IP_MF, "ip.mf", 1},
    {"ip.offset", SS_FIELD_IP_OFFSET, "ip.offset", 13},
    {"ip.protocol", SS_FIELD_IP_PROTOCOL, "ip.protocol", 8},
    {"ip.checksum", SS_FIELD_IP_CHECKSUM, "ip.checksum", 16},
    {"ip6.version", SS_FIELD_IP6_VERSION, "ip6.version", 4},
    {"ip6.flow", SS_FIELD_IP6_FLOW, "ip6.flow", 20},
    {"ip6.length", SS_FIELD_IP6_LENGTH, "ip6.length", 16},
    {"ip6.next", SS_FIELD_IP6_NEXT, "ip6.next", 8},
    {"sport", SS_FIELD_SPORT, "sport", 16},
    {"dport", SS_FIELD_DPORT, "dport", 16},
    {"seq", SS_FIELD_SEQ, "seq", 32},
    {"ack", SS_FIELD_ACK, "ack", 32},
    {"offset", SS_FIELD_OFFSET, "offset", 4},
    {"reserved", SS_FIELD_RESERVED, "reserved", 4},
    {"window", SS_FIELD_WINDOW, "window", 16},
    {"win", SS_FIELD_WINDOW, "window", 16},
    {"checksum", SS_FIELD_CHECKSUM, "checksum", 16},
    {"urgent", SS_FIELD_URGENT, "urgent", 16},
};

enum { FIELD_CASES = sizeof(field_cases) / sizeof(field_cases[0]) };

/* The largest number that the field holds is taken, one more is not. */
START_TEST(test_scenario_segment_field_has_its_bits)
{
    const char *word = field_cases[_i].word, *name = field_cases[_i].name;
    unsigned bits = field_cases[_i].bits;
    uint64_t largest = (UINT64_C(1) << bits) - 1;
    char text[80], said[200];
    ck_assert_uint_eq(ss_field_bits(field_cases[_i].field), bits);
    ck_assert_str_eq(ss_field_text(field_cases[_i].field), name);
    snprintf(text, sizeof(text), "> SYN %s=%" PRIu64 "\n< SYN %s=0..%" PRIu64, word, largest, word,
             largest);
    snprintf(said, sizeof(said),
             "send SYN %s=%" PRIu64 "\nexpect SYN %s=0..%" PRIu64 " within:2000000\n", name,
             largest, name, largest);
    expect_steps(text, said);
    if (bits == 32)
        return;
    snprintf(text, sizeof(text), "> SYN %s=%" PRIu64, word, largest + 1);
    snprintf(said, sizeof(said),
             "test.step:1:%zu: %s has %u bit%s: 0 to %" PRIu64 "\n    %s\n%*s^%.*s\n",
             8 + strlen(word), name, bits, bits == 1 ? "" : "s", largest, text,
             (int)(11 + strlen(word)), "", (int)(strlen(text) - 8 - strlen(word)), "~~~~~~~~~~~~");
    expect_wrong(text, said);
}
END_TEST

/* Only one that gives fields of both versions has more, and such a segment there is not. */
START_TEST(test_scenario_segment_as_many_fields_as_there_may_be)
{
    char text[600] = "< SYN source=* destination=*";
    size_t count = 2;
    for (size_t i = 0; i < FIELD_CASES && count < SS_SCENARIO_FIELDS_MAX; i++) {
        if (strcmp(field_cases[i].word, field_cases[i].name) != 0)
            continue;
        strcat(text, " ");
        strcat(text, field_cases[i].word);
        strcat(text, "=*");
        count++;
    }
    struct ss_scenario *scenario = parse(text);
    ck_assert_uint_eq(scenario->steps[0].segment.field_count, SS_SCENARIO_FIELDS_MAX);
    ss_scenario_free(scenario);
    expect_wrong(
        strcat(text, " checksum=*"),
        "test.step:1:245: a segment gives at most 24 fields\n"
        "    ...=* ip6.version=* ip6.flow=* ip6.length=* ip6.next=* sport=* dport=* seq=* ack=* "
        "offset=* reserved=* checksum=*\n"
        "                                                                           "
        "                                ^~~~~~~~\n");
}
END_TEST

START_TEST(test_scenario_segment_addresses_are_read)
{
    expect_steps("> SYN source=10.0.0.1 destination=FD00:0::1\n< SYN source=* destination=::\n"
                 "< SYN source=255.255.255.255",
                 "send SYN source=10.0.0.1 destination=fd00::1\n"
                 "expect SYN source=any destination=:: within:2000000\n"
                 "expect SYN source=255.255.255.255 within:2000000\n");
    ck_assert_uint_eq(ss_field_bits(SS_FIELD_SOURCE), 0);
    ck_assert_uint_eq(ss_field_bits(SS_FIELD_DESTINATION), 0);
}
END_TEST

START_TEST(test_scenario_segment_values_are_of_each_kind)
{
    expect_steps("let J\n> SYN seq=J ack=K\n< SYN seq=L ack=K..K+9 window=* ttl=64 urgent=J\n"
                 "<* SYN seq=P win=Q\n<! SYN seq=P ack=P+1..P-1",
                 "let J=random\n"
                 "send SYN seq=J ack=bind K\n"
                 "expect SYN seq=bind L ack=K..K+9 window=any ttl=64 urgent=J within:2000000\n"
                 "skipping SYN seq=bind P window=bind Q within:2000000\n"
                 "not SYN seq=P ack=P+1..P-1 within:200000\n");
}
END_TEST

/* --- options -----------------------------------------------------------------------------------*/

START_TEST(test_scenario_segment_options_are_sent_in_their_order)
{
    expect_steps(
        "let K\n> SYN nop mss=1460 wscale=7 sackok ts=1,0 eol nop tfo opt=254:0a0b opt=0:\n"
        "> ACK sack=K+1..K+9,K+20..K+30 ts=4294967295,K\n",
        "let K=random\n"
        "send SYN kind1 kind2=1460 kind3=7 kind4 kind8=1,0 kind0 kind1 kind34 raw: "
        "kind254 raw:0a0b kind0 raw:\n"
        "send ACK kind5=K+1..K+9,K+20..K+30 kind8=4294967295,K\n");
}
END_TEST

START_TEST(test_scenario_segment_options_are_matched_by_presence_and_value)
{
    expect_steps("< SYN mss wscale sackok ts sack nop eol tfo opt=254\n"
                 "< SYN mss=1400..1460 wscale=* ts=A,B opt=254:0A opt=253:\n"
                 "< SYN no mss no wscale no sackok no ts no sack no nop no eol no tfo no opt=254\n"
                 "< SYN no options\n"
                 "<! SYN ts=A,B sack=A..B+1 mss=*\n",
                 "expect SYN kind2 there kind3 there kind4 there kind8 there kind5 there "
                 "kind1 there kind0 there kind34 there kind254 there within:2000000\n"
                 "expect SYN kind2=1400..1460 kind3=any kind8=bind A,bind B kind254 raw:0a "
                 "kind253 raw: within:2000000\n"
                 "expect SYN kind2 absent kind3 absent kind4 absent kind8 absent kind5 absent "
                 "kind1 absent kind0 absent kind34 absent kind254 absent within:2000000\n"
                 "expect SYN no-options within:2000000\n"
                 "not SYN kind8=A,B kind5=A..B+1 kind2=any within:200000\n");
}
END_TEST

START_TEST(test_scenario_segment_forty_octets_of_options_fit)
{
    char text[300] = "> SYN", said[700] = "send SYN";
    for (int i = 0; i < 40; i++) {
        strcat(text, " nop");
        strcat(said, " kind1");
    }
    strcat(said, "\n");
    expect_steps(text, said);
    expect_steps("> SYN sack=1..2,3..4,5..6,7..8 mss=1 sackok",
                 "send SYN kind5=1..2,3..4,5..6,7..8 kind2=1 kind4\n");
    snprintf(text, sizeof(text), "> SYN opt=254:%076d", 0);
    snprintf(said, sizeof(said), "send SYN kind254 raw:%076d\n", 0);
    expect_steps(text, said);
}
END_TEST

/* --- payload -----------------------------------------------------------------------------------*/

START_TEST(test_scenario_segment_payload_items_are_joined)
{
    expect_steps("> ACK \"a\" seq=1 hex:00fF \"\\n\\r\\t\\0\\\\\\\"\\x7fz\"\n> ACK \"\xc3\xa9\tb\"",
                 "send ACK seq=1 octets:6100ff0a0d09005c227f7a\nsend ACK octets:c3a90962\n");
}
END_TEST

/* What follows a payload lies behind it, whatever else was gathered. */
START_TEST(test_scenario_segment_payload_is_its_own)
{
    expect_steps("> ACK \"ab\" opt=254:0102 \"cd\"\n> ACK opt=254:03 hex:04\n> ACK\n",
                 "send ACK kind254 raw:0102 octets:61626364\nsend ACK kind254 raw:03 octets:04\n"
                 "send ACK\n");
}
END_TEST

START_TEST(test_scenario_segment_sizes_are_constants)
{
    expect_steps("param n = 3\nlet m = n*10\n> ACK size n*1460\n< ACK size m+5\n< ACK size *\n"
                 "> ACK size 0\n> ACK size 65495",
                 "let n=3\nlet m=10*n\nsend ACK size:4380\nexpect ACK size:35 within:2000000\n"
                 "expect ACK size:any within:2000000\nsend ACK size:0\nsend ACK size:65495\n");
}
END_TEST

START_TEST(test_scenario_segment_empty_payload_is_none)
{
    expect_steps("> ACK \"\"\n< ACK \"\" \"\"", "send ACK\nexpect ACK within:2000000\n");
}
END_TEST

START_TEST(test_scenario_segment_largest_payload_fits_and_no_more)
{
    enum { MOST = 65495 };
    static char text[MOST + 20], data[MOST + 2];
    struct file file = {"data", data, MOST};
    struct files files = {&file, 1, 0};
    memset(data, 'x', sizeof(data));
    struct ss_scenario_source source = source_of("> ACK file:data", &files);
    struct ss_scenario *scenario = parse_source(&source);
    ck_assert_uint_eq(scenario->steps[0].segment.payload.length, MOST);
    ck_assert_int_eq(memcmp(scenario->steps[0].segment.payload.octets, data, MOST), 0);
    ss_scenario_free(scenario);
    source = source_of("> ACK file:data \"y\"", &files);
    expect_source_wrong(&source, SS_USAGE,
                        "test.step:1:18: that is more than the 65495 octets that fit\n"
                        "    > ACK file:data \"y\"\n"
                        "                     ^\n");
    snprintf(text, sizeof(text), "> ACK \"%.*s\"", MOST, data);
    scenario = parse(text);
    ck_assert_uint_eq(scenario->steps[0].segment.payload.length, MOST);
    ss_scenario_free(scenario);
}
END_TEST

START_TEST(test_scenario_segment_sized_payload_is_letters)
{
    ck_assert_int_eq(ss_payload_octet(0), 'a');
    ck_assert_int_eq(ss_payload_octet(25), 'z');
    ck_assert_int_eq(ss_payload_octet(26), 'a');
}
END_TEST

/* --- the rest ----------------------------------------------------------------------------------*/

START_TEST(test_scenario_segment_corruption_is_kept)
{
    expect_steps("> ACK corrupt=tcp.checksum\n> ACK corrupt=ip.checksum \"a\"\n"
                 "> ACK corrupt=ip.checksum corrupt=tcp.checksum",
                 "send ACK corrupt-tcp\nsend ACK octets:61 corrupt-ip\n"
                 "send ACK corrupt-tcp corrupt-ip\n");
}
END_TEST

START_TEST(test_scenario_segment_times_are_microseconds)
{
    expect_steps(
        "< ACK within 1us\n< ACK within 1.5ms\n< ACK within 0.000001s\n< ACK within 1440min\n"
        "<* ACK within 0.5min seq=1\n<! ACK within 0s\n"
        "< ACK after 1s\n<? ACK after 1.25s +-10ms\n< ACK after 1s +- 1us within 86400s\n"
        "<* ACK after 00.100s\n",
        "expect ACK within:1\nexpect ACK within:1500\nexpect ACK within:1\n"
        "expect ACK within:86400000000\n"
        "skipping ACK seq=1 within:30000000\nnot ACK\n"
        "expect ACK within:2000000 after:1000000+-0\n"
        "optional ACK within:2000000 after:1250000+-10000\n"
        "expect ACK within:86400000000 after:1000000+-1\n"
        "skipping ACK within:2000000 after:100000+-0\n");
}
END_TEST

static Suite *segment_suite(void)
{
    Suite *suite = suite_create("scenario_segment");
    TCase *flags = tcase_create("flags");
    tcase_add_test(flags, test_scenario_segment_flags_in_any_order_and_case);
    tcase_add_test(flags, test_scenario_segment_each_sign_is_its_step);
    suite_add_tcase(suite, flags);
    TCase *fields = tcase_create("fields");
    tcase_add_loop_test(fields, test_scenario_segment_field_has_its_bits, 0, FIELD_CASES);
    tcase_add_test(fields, test_scenario_segment_as_many_fields_as_there_may_be);
    tcase_add_test(fields, test_scenario_segment_addresses_are_read);
    tcase_add_test(fields, test_scenario_segment_values_are_of_each_kind);
    suite_add_tcase(suite, fields);
    TCase *options = tcase_create("options");
    tcase_add_test(options, test_scenario_segment_options_are_sent_in_their_order);
    tcase_add_test(options, test_scenario_segment_options_are_matched_by_presence_and_value);
    tcase_add_test(options, test_scenario_segment_forty_octets_of_options_fit);
    suite_add_tcase(suite, options);
    TCase *payload = tcase_create("payload");
    tcase_add_test(payload, test_scenario_segment_payload_items_are_joined);
    tcase_add_test(payload, test_scenario_segment_payload_is_its_own);
    tcase_add_test(payload, test_scenario_segment_sizes_are_constants);
    tcase_add_test(payload, test_scenario_segment_empty_payload_is_none);
    tcase_add_test(payload, test_scenario_segment_largest_payload_fits_and_no_more);
    tcase_add_test(payload, test_scenario_segment_sized_payload_is_letters);
    suite_add_tcase(suite, payload);
    TCase *rest = tcase_create("rest");
    tcase_add_test(rest, test_scenario_segment_corruption_is_kept);
    tcase_add_test(rest, test_scenario_segment_times_are_microseconds);
    suite_add_tcase(suite, rest);
    return suite;
}

int main(void)
{
    return check_main(segment_suite());
}
