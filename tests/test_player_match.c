/* test_player_match: a segment held against what is expected: fields, numbers, names, payload, and
 * the words for what differs. */
#include "player_support.h"

/* SYN and ACK, seq 1500, ack 1001, in which every field has a value of its own. */
static struct ss_craft peculiar(const struct stage *stage)
{
    struct ss_craft craft = segment(stage, S | A, 500, 1);
    craft.ipv4.id = 0x1234;
    craft.ipv4.tos = 0xb8;
    craft.ipv4.ttl = 33;
    craft.ipv4.reserved_flag = true;
    craft.ipv4.dont_fragment = false;
    craft.ipv6.hop_limit = 33;
    craft.ipv6.traffic_class = 0xb8;
    craft.ipv6.flow_label = 0xabcde;
    craft.tcp.reserved = 5;
    craft.tcp.urgent = 77;
    return craft;
}

/* `< SYN,ACK` with `items`, held against `craft`, the base being 1000. */
static struct stage *expecting(unsigned version, const char *items,
                               struct ss_craft (*craft)(const struct stage *stage))
{
    char text[256];
    snprintf(text, sizeof(text), "param J\n> SYN seq=J\n< SYN,ACK %s\n", items);
    struct stage *stage = set_stage(version, 1000, text);
    say_after(stage, 1, craft(stage));
    return stage;
}

static void expect_difference(struct stage *stage, const char *said)
{
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), said);
    strike(stage);
}

static void expect_held(struct stage *stage, const char *checks)
{
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), checks));
    strike(stage);
}

/* --- each field ---------------------------------------------------------------------------------
 */

/* The checksums were worked out by Python, as RFC 1071 has it. */
static const struct {
    unsigned version;
    const char *held;
    const char *unheld;
    const char *said;
} fields[] = {
    {4, "source=10.0.0.2", "source=10.0.0.1", "source: 10.0.0.2, not 10.0.0.1"},
    {4, "destination=10.0.0.1", "destination=10.0.0.2", "destination: 10.0.0.1, not 10.0.0.2"},
    {4, "ttl=33", "ttl=32", "ttl: 33, not 32"},
    {4, "tos=0xb8", "tos=185", "tos: 184, not 185"},
    {4, "ip.version=4", "ip.version=6", "ip.version: 4, not 6"},
    {4, "ip.ihl=5", "ip.ihl=6", "ip.ihl: 5, not 6"},
    {4, "ip.length=40", "ip.length=41", "ip.length: 40, not 41"},
    {4, "ip.id=0x1234", "ip.id=4661", "ip.id: 4660, not 4661"},
    {4, "ip.rf=1", "ip.rf=0", "ip.rf: 1, not 0"},
    {4, "ip.df=0", "ip.df=1", "ip.df: 0, not 1"},
    {4, "ip.mf=0", "ip.mf=1", "ip.mf: 0, not 1"},
    {4, "ip.offset=0", "ip.offset=1", "ip.offset: 0, not 1"},
    {4, "ip.protocol=6", "ip.protocol=17", "ip.protocol: 6, not 17"},
    {4, "ip.checksum=0xf2e1", "ip.checksum=0", "ip.checksum: 62177, not 0"},
    {4, "sport=8888", "sport=8889", "sport: 8888, not 8889"},
    {4, "dport=49152", "dport=49153", "dport: 49152, not 49153"},
    {4, "seq=1500", "seq=1501", "seq: J+500 = 1500, not 1501"},
    {4, "ack=1001", "ack=1000", "ack: J+1 = 1001, not 1000"},
    {4, "offset=5", "offset=6", "offset: 5, not 6"},
    {4, "reserved=5", "reserved=0", "reserved: 5, not 0"},
    {4, "window=65000", "window=999", "window: 65000, not 999"},
    {4, "checksum=0xac1c", "checksum=1", "checksum: 44060, not 1"},
    {4, "urgent=77", "urgent=0", "urgent: 77, not 0"},
    {6, "source=fd00::2", "source=fd00::1", "source: fd00::2, not fd00::1"},
    {6, "destination=fd00::1", "destination=fd00::2", "destination: fd00::1, not fd00::2"},
    {6, "hop=33", "hop=32", "ttl: 33, not 32"},
    {6, "class=0xb8", "class=185", "tos: 184, not 185"},
    {6, "ip6.version=6", "ip6.version=4", "ip6.version: 6, not 4"},
    {6, "ip6.flow=0xabcde", "ip6.flow=0", "ip6.flow: 703710, not 0"},
    {6, "ip6.length=20", "ip6.length=21", "ip6.length: 20, not 21"},
    {6, "ip6.next=6", "ip6.next=58", "ip6.next: 6, not 58"},
    {6, "checksum=0xc61a", "checksum=1", "checksum: 50714, not 1"},
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

START_TEST(test_player_match_field_is_compared_and_what_differs_told)
{
    char said[128];
    unsigned version = fields[_i].version;
    snprintf(said, sizeof(said), "%s\n", fields[_i].said);
    expect_held(expecting(version, fields[_i].held, peculiar), "held line=3 n=2 checks=3\n");
    expect_difference(expecting(version, fields[_i].unheld, peculiar), said);
}
END_TEST

/* --- numbers ------------------------------------------------------------------------------------
 */

static struct ss_craft plain(const struct stage *stage)
{
    return segment(stage, S | A, 500, 1);
}

/* `items` against seq J+500, ack J+1. */
static void expect_at(uint32_t base, const char *items, bool held)
{
    char text[256];
    snprintf(text, sizeof(text), "param J\n> SYN seq=J\n< SYN,ACK %s\n", items);
    struct stage *stage = set_stage(4, base, text);
    say_after(stage, 1, plain(stage));
    enum ss_status status = play(stage);
    ck_assert_msg(status == (held ? SS_OK : SS_CHECK_FAILED), "%s: %s", items, stage->problem.text);
    strike(stage);
}

START_TEST(test_player_match_range_goes_forward_across_the_wrap)
{
    expect_at(bases[_i], "ack=J+1..J+1", true);
    expect_at(bases[_i], "ack=J+1..J+9", true);
    expect_at(bases[_i], "ack=J-9..J+1", true);
    expect_at(bases[_i], "ack=J-9..J", false);
    expect_at(bases[_i], "ack=J+2..J+9", false);
    expect_at(bases[_i], "ack=J+2..J", false); /* all numbers but J+1 */
    expect_at(bases[_i], "ack=J+2..J+1", true);
    expect_at(bases[_i], "seq=J+499..J+501", true);
    expect_at(bases[_i], "seq=J+501..J+600", false);
}
END_TEST

START_TEST(test_player_match_expression_wraps)
{
    expect_at(bases[_i], "seq=J+500 ack=J+1", true);
    expect_at(bases[_i], "seq=J-4294966796 ack=J-4294967295", true);
    expect_at(bases[_i], "seq=2*J-J+500", true);
    expect_at(bases[_i], "seq=J+501", false);
    expect_at(bases[_i], "ack=J+2", false);
    expect_at(bases[_i], "ack=J", false);
}
END_TEST

START_TEST(test_player_match_any_is_no_check)
{
    expect_held(expecting(4, "seq=* ack=* window=*", plain), "held line=3 n=2 checks=2\n");
    expect_held(expecting(4, "source=* ttl=*", plain), "held line=3 n=2 checks=2\n");
    expect_held(expecting(4, "size *", plain), "held line=3 n=2 checks=1\n");
}
END_TEST

/* Held against seq 1500 and ack 1001; the names are J 1000, L 1001 and B 600. */
START_TEST(test_player_match_number_that_differs_is_told_by_the_nearest_name)
{
    static const struct {
        const char *items;
        const char *said;
    } numbers[] = {
        {"ack=J", "ack: L = 1001, not J = 1000\n"},
        {"ack=J+2", "ack: L = 1001, not J+2 = 1002\n"},
        {"ack=J-500", "ack: L = 1001, not J-500 = 500\n"},
        {"ack=7", "ack: L = 1001, not 7\n"},
        {"ack=J+L", "ack: L = 1001, not 2001\n"},
        {"ack=2*J", "ack: L = 1001, not 2000\n"},
        {"ack=-J", "ack: L = 1001, not 4294966296\n"},
        {"ack=J+2..J+9", "ack: L = 1001, not J+2 = 1002 to J+9 = 1009\n"},
        {"seq=J", "seq: L+499 = 1500, not J = 1000\n"},
        {"window=J..L", "window: 65000, not J = 1000 to L = 1001\n"},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text),
                 "let J = 1000\nlet L = J+1\nlet B = 600\n> SYN seq=J\n< SYN,ACK %s\n",
                 numbers[i].items);
        struct stage *stage = set_stage(4, 1000, text);
        say_after(stage, 1, plain(stage));
        ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
        ck_assert_str_eq(differences(stage), numbers[i].said);
        strike(stage);
    }
}
END_TEST

/* `offset` from J, which is 1000, in a segment that was to have seq 0. */
static void expect_told(uint32_t offset, const char *said)
{
    struct stage *stage = set_stage(4, 1000, "param J\n> SYN seq=J\n< SYN,ACK seq=0\n");
    say_after(stage, 1, segment(stage, S | A, offset, 1));
    expect_difference(stage, said);
}

START_TEST(test_player_match_number_far_from_every_name_is_told_bare)
{
    expect_told(1048575, "seq: J+1048575 = 1049575, not 0\n");
    expect_told(1048576, "seq: 1049576, not 0\n");
    expect_told(0, "seq: J = 1000, not 0\n");
    expect_told((uint32_t)-1, "seq: 999, not 0\n");
}
END_TEST

START_TEST(test_player_match_name_is_bound_once_and_holds_from_then_on)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "< SYN,ACK seq=K ack=L window=W\n"
                                    "< SYN,ACK seq=K ack=L window=W\n"
                                    "< ACK seq=K+1 ack=L+9\n"
                                    "< ACK seq=K+1 ack=L+9 window=W\n");
    say_after(stage, 1, plain(stage));
    say_after(stage, 1, plain(stage));
    say_after(stage, 1, segment(stage, A, 501, 10));
    struct ss_craft other = segment(stage, A, 501, 10);
    other.tcp.window = 1;
    say_after(stage, 1, other);
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text,
                     "test.step:6: expected '< ACK seq=K+1 ack=L+9 window=W', but segment 5 came: "
                     "window: expected W = 65000, got 1");
    strike(stage);
}
END_TEST

/* --- payload ------------------------------------------------------------------------------------
 */

static struct ss_craft hello(const struct stage *stage)
{
    return with_text(plain(stage), "hello");
}

static struct ss_craft octet(const struct stage *stage)
{
    return with_text(plain(stage), "h");
}

static struct ss_craft odd_octets(const struct stage *stage)
{
    return with_text(plain(stage), "\x1f ~\x7f\x80\xff");
}

START_TEST(test_player_match_payload_is_compared_and_what_differs_told)
{
    static const struct {
        const char *items;
        struct ss_craft (*craft)(const struct stage *stage);
        const char *said; /* "": it holds */
    } payloads[] = {
        {"", plain, ""},
        {"", hello, "payload: 5 octets \"hello\", not none\n"},
        {"", octet, "payload: 1 octet \"h\", not none\n"},
        {"\"hello\"", hello, ""},
        {"hex:68656c6c6f", hello, ""},
        {"\"hello\"", plain, "payload: 0 octets, not 5 octets \"hello\"\n"},
        {"\"hellO\"", hello, "payload: 5 octets \"hello\", not 5 octets \"hellO\"\n"},
        {"\"Hello\"", hello, "payload: 5 octets \"hello\", not 5 octets \"Hello\"\n"},
        {"\"hell\"", hello, "payload: 5 octets \"hello\", not 4 octets \"hell\"\n"},
        {"\"h\"", hello, "payload: 5 octets \"hello\", not 1 octet \"h\"\n"},
        {"\"hello!\"", hello, "payload: 5 octets \"hello\", not 6 octets \"hello!\"\n"},
        {"hex:1f207e7f80ff", odd_octets, ""},
        {"hex:1f207e7f80fe", odd_octets, "payload: 6 octets \". ~...\", not 6 octets \". ~...\"\n"},
        {"size 5", hello, ""},
        {"size 6", hello, "payload: 5 octets \"hello\", not 6 octets\n"},
        {"size 4", hello, "payload: 5 octets \"hello\", not 4 octets\n"},
        {"size 0", plain, ""},
        {"size 0", octet, "payload: 1 octet \"h\", not 0 octets\n"},
        {"size 1", plain, "payload: 0 octets, not 1 octet\n"},
        {"size *", plain, ""},
        {"size *", hello, ""},
    };
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        struct stage *stage = expecting(4, payloads[i].items, payloads[i].craft);
        bool held = payloads[i].said[0] == '\0';
        ck_assert_int_eq(play(stage), held ? SS_OK : SS_CHECK_FAILED);
        ck_assert_str_eq(differences(stage), payloads[i].said);
        strike(stage);
    }
}
END_TEST

/* What does not fit the 71 octets of a mismatch is cut, and that shows. */
START_TEST(test_player_match_long_payload_is_cut)
{
    static const char digits[] = "0123456789012345678901234567890123456789012345678901234567";
    char carried[64], said[128];
    for (size_t length = 55; length <= 58; length++) {
        bool cut = length > 56;
        snprintf(carried, sizeof(carried), "%.*s", (int)length, digits);
        snprintf(said, sizeof(said), "payload: %zu octets \"%.*s\"%s, not none\n", length,
                 cut ? 56 : (int)length, digits, cut ? "..." : "");
        struct stage *stage = set_stage(4, 1000, "param J\n> SYN seq=J\n< SYN,ACK\n");
        say_after(stage, 1, with_text(plain(stage), carried));
        expect_difference(stage, said);
    }
}
END_TEST

/* --- all of it ----------------------------------------------------------------------------------
 */

START_TEST(test_player_match_differences_stand_in_the_order_of_the_statement)
{
    struct stage *stage = set_stage(4, 1000,
                                    "param J\n> SYN seq=J\n< RST window=1 ack=J seq=J+500 "
                                    "no options \"x\"\n");
    say_after(stage, 1, with_options(plain(stage), (const uint8_t *)"\x04\x02", 2));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), "flags: SYN,ACK, not RST\n"
                                         "window: 65000, not 1\n"
                                         "ack: J+1 = 1001, not J = 1000\n"
                                         "options: sackok, not none\n"
                                         "payload: 0 octets, not 1 octet \"x\"\n");
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "failed line=3 n=2 checks=6 (SYN,ACK seq "
                                                    "J+500 = 1500 ack J+1 = 1001, 0 octets)"));
    ck_assert_uint_eq(end_of(stage)->failed, 5);
    ck_assert_uint_eq(end_of(stage)->checks, checks_in(stage));
    ck_assert_str_eq(stage->problem.text,
                     "test.step:3: expected '< RST window=1 ack=J seq=J+500 no options \"x\"', but "
                     "segment 2 came: flags: expected RST, got SYN,ACK");
    strike(stage);
}
END_TEST

/* Of 17 differences the first 16 are kept. */
START_TEST(test_player_match_more_differences_than_fit_are_counted)
{
    struct stage *stage = expecting(
        4,
        "source=1.1.1.1 destination=1.1.1.1 ttl=1 tos=1 ip.version=1 ip.ihl=1 ip.length=1 ip.id=1 "
        "ip.rf=0 ip.df=1 ip.mf=1 ip.offset=1 ip.protocol=1 ip.checksum=1 sport=1 dport=1 seq=1",
        peculiar);
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    const char *story = tell_story(stage);
    ck_assert_ptr_nonnull(strstr(story, "failed line=3 n=2 checks=19 "));
    ck_assert_ptr_nonnull(strstr(story, "\n  dport: 49152, not 1\n"));
    ck_assert_ptr_null(strstr(story, "\n  seq"));
    ck_assert_uint_eq(end_of(stage)->failed, 16);
    ck_assert_uint_eq(end_of(stage)->checks, checks_in(stage));
    strike(stage);
}
END_TEST

static Suite *player_match_suite(void)
{
    Suite *suite = suite_create("player_match");
    TCase *tcase = tcase_create("match");
    tcase_add_loop_test(tcase, test_player_match_field_is_compared_and_what_differs_told, 0,
                        FIELDS);
    tcase_add_loop_test(tcase, test_player_match_range_goes_forward_across_the_wrap, 0, BASES);
    tcase_add_loop_test(tcase, test_player_match_expression_wraps, 0, BASES);
    tcase_add_test(tcase, test_player_match_any_is_no_check);
    tcase_add_test(tcase, test_player_match_number_that_differs_is_told_by_the_nearest_name);
    tcase_add_test(tcase, test_player_match_number_far_from_every_name_is_told_bare);
    tcase_add_loop_test(tcase, test_player_match_name_is_bound_once_and_holds_from_then_on, 0,
                        BASES);
    tcase_add_test(tcase, test_player_match_payload_is_compared_and_what_differs_told);
    tcase_add_test(tcase, test_player_match_long_payload_is_cut);
    tcase_add_test(tcase, test_player_match_differences_stand_in_the_order_of_the_statement);
    tcase_add_test(tcase, test_player_match_more_differences_than_fit_are_counted);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(player_match_suite());
}
