/* test_player_message: UDP, ICMP and IGMP sent octet for octet, and held against what comes. */
#include "player_support.h"
#include "synstep/stack.h"

/* The simulated wire carries any datagram; that its own far end does not is the player's to say. */
static struct stage *set_live(unsigned version, const char *text)
{
    struct stage *stage = set_stage(version, 0, text);
    stage->options.simulated = false;
    return stage;
}

/* --- what is said from there --------------------------------------------------------------------
 */

static void put(struct ss_layer *layer, const char *name, uint32_t value)
{
    size_t field;
    ck_assert(ss_layer_field_from_name(layer->kind, name, &field));
    ss_layer_put(layer, field, value);
}

/* An IP header from the far end to the near one, and a layer with its first and second fields. */
static struct ss_stack message_of(const struct stage *stage, enum ss_layer_kind kind,
                                  const char *one, uint32_t first, const char *two, uint32_t second)
{
    bool v6 = stage->options.local.address.version == 6;
    struct ss_stack stack = {.count = 3};
    stack.layers[0] = ss_layer_new(v6 ? SS_LAYER_IP6 : SS_LAYER_IP);
    stack.layers[1] = ss_layer_new(kind);
    stack.layers[2] = ss_layer_new(SS_LAYER_RAW);
    size_t source, destination;
    ck_assert(ss_layer_field_from_name(stack.layers[0].kind, "src", &source));
    ck_assert(ss_layer_field_from_name(stack.layers[0].kind, "dst", &destination));
    ss_layer_put_octets(&stack.layers[0], source, stage->options.peer.address.octets);
    ss_layer_put_octets(&stack.layers[0], destination, stage->options.local.address.octets);
    put(&stack.layers[1], one, first);
    put(&stack.layers[1], two, second);
    return stack;
}

static void say_stack(struct stage *stage, size_t after, struct ss_stack *stack,
                      const uint8_t *payload, size_t payload_length)
{
    uint8_t octets[2048];
    size_t length = 0;
    stack->layers[2].rest = payload;
    stack->layers[2].rest_length = payload_length;
    ck_assert_int_eq(ss_stack_build(stack, octets, sizeof(octets), &length, NULL), SS_OK);
    say_octets(stage, octets, length)->after = after;
}

static void say_udp(struct stage *stage, size_t after, uint16_t dport, const char *text)
{
    struct ss_stack stack = message_of(stage, SS_LAYER_UDP, "sport", 8888, "dport", dport);
    say_stack(stage, after, &stack, (const uint8_t *)text, strlen(text));
}

static void say_icmp(struct stage *stage, size_t after, uint32_t type, uint32_t code,
                     const void *payload, size_t length)
{
    bool v6 = stage->options.local.address.version == 6;
    struct ss_stack stack =
        message_of(stage, v6 ? SS_LAYER_ICMP6 : SS_LAYER_ICMP, "type", type, "code", code);
    say_stack(stage, after, &stack, payload, length);
}

/* --- sent octet for octet, as worked out by another program -------------------------------------
 */

static const struct {
    unsigned version;
    const char *line;
    const char *hex;
} sendings[] = {
    {4, "> UDP \"hi\"", "4500001e00644000401126690a0000010a000002c00022b8000aa0b56869"},
    {6, "> UDP \"hi\"",
     "60000000000a1140fd000000000000000000000000000001fd000000000000000000000000000002c00022b8000ab"
     "ab36869"},
    {4, "> UDP sport=7 dport=9 length=99 checksum=0 ttl=3",
     "4500001c006440000311636b0a0000010a0000020007000900630000"},
    {4, "> ICMP echo-request id=7 seq=1 \"abc\"",
     "4500001f00644000400126780a0000010a0000020800339500070001616263"},
    {6, "> ICMP echo-request id=7 seq=1 \"abc\"",
     "60000000000b3a40fd000000000000000000000000000001fd0000000000000000000000000000028000c14a00070"
     "001616263"},
    {4, "> IGMP query maxresp=100",
     "46000020006440000102fa710a000001e0000001940400001164ee9b00000000"},
    {4, "> IGMP report group=239.1.2.3",
     "46000020006440000102e96e0a000001ef010203940400001600f8faef010203"},
    {4, "> IGMP leave group=239.1.2.3",
     "46000020006440000102fa700a000001e0000002940400001700f7faef010203"},
    {6, "> ICMP mld-report hex:ff150000000000000000000000001234",
     "6000000000200001fd000000000000000000000000000001ff1500000000000000000000000012343a00050200000"
     "10083005d1700000000ff150000000000000000000000001234"},
    {6, "> ICMP mld-query source=fe80::1 hex:00000000000000000000000000000000",
     "6000000000200001fe800000000000000000000000000001ff0200000000000000000000000000013a00050200000"
     "100820080270000000000000000000000000000000000000000"},
    {6, "> ICMP neighbor-solicitation hex:fd000000000000000000000000000002",
     "6000000000183afffd000000000000000000000000000001ff0200000000000000000001ff000002870080a100000"
     "000fd000000000000000000000000000002"},
};

enum { SENDINGS = sizeof(sendings) / sizeof(sendings[0]) };

static void expect_hex(const struct stage *stage, size_t n, const char *hex)
{
    const uint8_t *octets = heard(stage, n, strlen(hex) / 2);
    char actual[1024];
    for (size_t i = 0; i < strlen(hex) / 2; i++)
        sprintf(actual + 2 * i, "%02x", octets[i]);
    ck_assert_str_eq(actual, hex);
}

START_TEST(test_player_message_is_sent_octet_for_octet)
{
    char text[256];
    snprintf(text, sizeof(text), "%s\nwait 1ms\n", sendings[_i].line);
    struct stage *stage = set_live(sendings[_i].version, text);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    expect_hex(stage, 1, sendings[_i].hex);
    strike(stage);
}
END_TEST

START_TEST(test_player_message_corrupted_has_one_bit_wrong)
{
    static const struct {
        const char *line;
        size_t at;
    } cases[] = {
        {"> UDP \"hi\" corrupt=udp.checksum", 26},
        {"> ICMP echo-request id=7 seq=1 \"abc\" corrupt=icmp.checksum", 22},
        {"> IGMP query maxresp=100 corrupt=igmp.checksum", 26},
    };
    static const char *const whole[] = {
        "4500001e00644000401126690a0000010a000002c00022b8000aa0b56869",
        "4500001f00644000400126780a0000010a0000020800339500070001616263",
        "46000020006440000102fa710a000001e0000001940400001164ee9b00000000"};
    for (size_t i = 0; i < 3; i++) {
        char text[256], expected[256];
        unsigned octet;
        snprintf(text, sizeof(text), "%s\nwait 1ms\n", cases[i].line);
        snprintf(expected, sizeof(expected), "%s", whole[i]);
        sscanf(expected + 2 * cases[i].at, "%2x", &octet);
        char turned[3];
        snprintf(turned, sizeof(turned), "%02x", (octet ^ 1) & 255);
        memcpy(expected + 2 * cases[i].at, turned, 2);
        struct stage *stage = set_live(4, text);
        ck_assert_int_eq(play(stage), SS_OK);
        expect_hex(stage, 1, expected);
        strike(stage);
    }
}
END_TEST

/* A name in a message that is sent becomes what is there, and is checked in what comes. */
START_TEST(test_player_message_names_become_known_both_ways)
{
    struct stage *stage = set_live(4, "> UDP sport=P checksum=C\n"
                                      "< UDP sport=8000..9000 dport=P length=L \"one\"\n"
                                      "< UDP dport=49152 length=L+1 \"four\"\n");
    say_udp(stage, 1, 49152, "one");
    say_udp(stage, 1, 49152, "four");
    expect_played(stage, SS_OK,
                  "@0 > UDP size=0\n"
                  "@200 < UDP size=3\n"
                  "@200 held line=2 n=2 checks=5\n"
                  "@200 < UDP size=4\n"
                  "@200 held line=3 n=3 checks=4\n");
    strike(stage);
}
END_TEST

/* --- held against what comes --------------------------------------------------------------------
 */

static void expect_difference(struct stage *stage, const char *difference)
{
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), difference);
    strike(stage);
}

START_TEST(test_player_message_differences_are_told)
{
    struct stage *stage = set_live(4, "> UDP\n< UDP sport=8887 ttl=63 \"hello\"\n");
    say_udp(stage, 1, 49152, "hallo");
    expect_difference(stage, "sport: 8888, not 8887\nttl: 64, not 63\n"
                             "payload: 5 octets \"hallo\", not 5 octets \"hello\"\n");
    stage = set_live(4, "> UDP\n< ICMP echo-reply\n< UDP\n");
    say_icmp(stage, 1, 8, 0, "", 0);
    expect_difference(stage, "type: ICMP echo-request, not echo-reply\n");
    stage = set_live(4, "> UDP\n< UDP\n> ICMP echo-request\n< ICMP type=8\n");
    say_udp(stage, 1, 49152, "x");
    expect_difference(stage, "payload: 1 octet \"x\", not none\n");
    stage = set_live(4, "> UDP\n< SYN\n");
    say_udp(stage, 1, 49152, "x");
    expect_difference(stage, "protocol: UDP, not TCP\n");
    stage = set_live(4, "> UDP\n< UDP\n");
    say_after(stage, 1, segment(stage, S, 0, 0));
    expect_difference(stage, "protocol: TCP, not UDP\n");
}
END_TEST

/* A datagram that came damaged holds against nothing. */
START_TEST(test_player_message_wrong_checksum_does_not_hold)
{
    struct stage *stage = set_live(4, "> UDP\n< UDP \"x\"\n");
    struct ss_stack stack = message_of(stage, SS_LAYER_UDP, "dport", 49152, "checksum", 0x1234);
    say_stack(stage, 1, &stack, (const uint8_t *)"x", 1);
    expect_difference(stage, "checksum: wrong, not right\n");
}
END_TEST

/* What the scenario does not speak of, or is not for its port, is not for its steps. */
START_TEST(test_player_message_others_are_passed_by)
{
    struct stage *stage = set_live(4, "> UDP\n< UDP \"mine\"\n<! UDP size * within 1ms\n");
    say_udp(stage, 1, 49151, "other");
    say_icmp(stage, 1, 8, 0, "ping", 4);
    say_udp(stage, 1, 49152, "mine");
    expect_played(stage, SS_OK,
                  "@0 > UDP size=0\n"
                  "@200 < UDP size=4\n"
                  "@200 held line=2 n=2 checks=2\n"
                  "@1200 held line=3 checks=1\n"
                  "@1200 note: 2 other or malformed frames were ignored\n");
    strike(stage);
}
END_TEST

/* Neighbours and groups are told of all the time: only to steps that name the type. */
START_TEST(test_player_message_housekeeping_only_where_it_is_spoken_of)
{
    static const uint8_t octets[16] = {0xff, 2, [15] = 1};
    struct stage *stage = set_live(6, "> ICMP echo-request\n< ICMP echo-reply\n");
    say_icmp(stage, 1, 135, 0, octets, sizeof(octets));
    say_icmp(stage, 1, 129, 0, "", 0);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    strike(stage);
    stage = set_live(6, "> ICMP echo-request\n< ICMP mld-report group=ff02::1\n"
                        "< ICMP echo-reply\n");
    say_icmp(stage, 1, 135, 0, octets, sizeof(octets));
    say_icmp(stage, 1, 131, 0, octets, sizeof(octets));
    say_icmp(stage, 1, 129, 0, "", 0);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    strike(stage);
}
END_TEST

START_TEST(test_player_message_report_is_held_against_its_groups)
{
    static const uint8_t octets[16] = {0xff, 2, [15] = 1};
    struct stage *stage = set_live(6, "> ICMP echo-request\n< ICMP mld-report group=ff02::2\n");
    say_icmp(stage, 1, 131, 0, octets, sizeof(octets));
    expect_difference(stage, "group: others, not ff02::2\n");
    stage = set_live(6, "> ICMP echo-request\n< ICMP mld-report\n");
    say_icmp(stage, 1, 131, 0, octets, sizeof(octets));
    expect_difference(stage, "payload: 16 octets \"................\", not none\n");
}
END_TEST

/* --- quotes -------------------------------------------------------------------------------------
 */

/* Linux's way: the whole datagram, as far as 576 octets go. */
static void say_quoting(struct stage *stage, size_t after, const char *quoted_hex, size_t length)
{
    uint8_t quote[64];
    for (size_t i = 0; i < length; i++) {
        unsigned octet;
        sscanf(quoted_hex + 2 * i, "%2x", &octet);
        quote[i] = (uint8_t)octet;
    }
    say_icmp(stage, after, 3, 3, quote, length);
}

/* RFC 792 promises 8 octets behind the IP header; what routers change on the way may differ. */
START_TEST(test_player_message_error_must_quote_what_was_sent)
{
    static const char ours[] = "4500001e00644000401126690a0000010a000002c00022b8000aa0b56869";
    static const char hops[] = "4508001e006440003f1127610a0000010a000002c00022b8000aa0b56869";
    static const char other[] = "4500001e00644000401126690a0000010a000002c00022b9000aa0b46869";
    static const struct {
        const char *hex;
        size_t length;
        bool ours;
    } quotes[] = {
        {ours, 30, true},   {ours, 28, true},  {hops, 30, true}, {ours, 27, false},
        {other, 30, false}, {ours, 19, false}, {ours, 0, false},
    };
    for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
        struct stage *stage = set_live(4, "> UDP \"hi\"\n> ICMP echo-request\n"
                                          "< ICMP port-unreachable\n");
        say_quoting(stage, 2, quotes[i].hex, quotes[i].length);
        ck_assert_int_eq(play(stage), quotes[i].ours ? SS_OK : SS_CHECK_FAILED);
        ck_assert_str_eq(differences(stage),
                         quotes[i].ours ? ""
                                        : "quote: another one, or none, not a datagram that was "
                                          "sent\n");
        strike(stage);
    }
}
END_TEST

/* An error about what somebody else on this host has sent is not for our steps. */
START_TEST(test_player_message_error_about_others_is_passed_by)
{
    static const char port[] = "4500001e00644000401126690a0000010a000002c00122b8000aa0b46869";
    static const char address[] = "4500001e00644000401126690a0000030a000002c00022b8000aa0b36869";
    static const char ours[] = "4500001e00644000401126690a0000010a000002c00022b8000aa0b56869";
    struct stage *stage = set_live(4, "> UDP \"hi\"\n< ICMP port-unreachable\n");
    say_quoting(stage, 1, port, 30);
    say_quoting(stage, 1, address, 30);
    say_quoting(stage, 1, ours, 30);
    expect_played(stage, SS_OK,
                  "@0 > UDP size=2\n"
                  "@200 < ICMP port-unreachable size=30\n"
                  "@200 held line=2 n=2 checks=3\n"
                  "@200 note: 2 other or malformed frames were ignored\n");
    strike(stage);
}
END_TEST

/* With a payload of its own, that is what is compared. */
START_TEST(test_player_message_error_with_octets_is_not_held_against_quotes)
{
    struct stage *stage = set_live(4, "> UDP \"hi\"\n< ICMP port-unreachable \"xyz\"\n");
    say_icmp(stage, 1, 3, 3, "xyz", 3);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    strike(stage);
}
END_TEST

/* The one that a step took last, from its IP header on; as much as 576 octets in all leave. */
START_TEST(test_player_message_error_of_ours_quotes_what_came_last)
{
    static char much[1001];
    memset(much, 'm', 1000);
    struct stage *stage = set_live(4, "> UDP\n< UDP \"one\"\n> ICMP port-unreachable\n"
                                      "< UDP size 1000\n> ICMP time-exceeded\nwait 1ms\n");
    say_udp(stage, 1, 49152, "one");
    say_udp(stage, 1, 49152, much);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    const uint8_t *first = heard(stage, 2, 20 + 8 + 31);
    ck_assert_mem_eq(first + 28, stage->sayings[0].octets, 31);
    const uint8_t *second = heard(stage, 3, 576);
    ck_assert_mem_eq(second + 28, stage->sayings[1].octets, 548);
    strike(stage);
}
END_TEST

/* An error about a datagram of ours is shown, though no step speaks of ICMP. */
START_TEST(test_player_message_error_is_shown_where_nobody_asked)
{
    static const char ours[] = "4500001e00644000401126690a0000010a000002c00022b8000aa0b56869";
    struct stage *stage = set_live(4, "> UDP \"hi\"\n<! UDP within 1ms\n");
    say_quoting(stage, 1, ours, 30);
    expect_played(stage, SS_OK,
                  "@0 > UDP size=2\n"
                  "@200 < ICMP port-unreachable size=30\n"
                  "@1000 held line=2 checks=1\n");
    strike(stage);
}
END_TEST

/* --- harm, the peer, what is refused ------------------------------------------------------------
 */

START_TEST(test_player_message_harm_befalls_it_too)
{
    struct stage *stage = set_live(4, "drop >\n> UDP \"1\"\nduplicate <\n> UDP \"2\"\n"
                                      "< UDP \"a\"\n< UDP \"a\"\n");
    say_udp(stage, 1, 49152, "a");
    expect_played(stage, SS_OK,
                  "@0 held line=1\n"
                  "@0 > UDP size=1 dropped\n"
                  "@0 held line=3\n"
                  "@0 > UDP size=1\n"
                  "@200 < UDP size=1 duplicated\n"
                  "@200 < UDP size=1 duplicated\n"
                  "@200 held line=5 n=3 checks=2\n"
                  "@200 held line=6 n=4 checks=2\n");
    strike(stage);
}
END_TEST

START_TEST(test_player_message_peer_sends_and_receives_datagrams)
{
    struct stage *stage =
        set_live(4, "peer bind\npeer sendto size 3\npeer join 239.1.2.3\n"
                    "peer expect datagram \"one\"\npeer expect datagram size *\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    answer(stage, (struct prepared){.outcome = SS_FAR_NOT_YET, .times = 3});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE, .read = "one"});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE, .read = "anything"});
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    ck_assert_int_eq(stage->commands[0].told.verb, SS_FAR_BIND);
    ck_assert_int_eq(stage->commands[1].told.verb, SS_FAR_SENDTO);
    ck_assert_mem_eq(stage->commands[1].octets, "abc", 3);
    ck_assert_int_eq(stage->commands[2].told.verb, SS_FAR_JOIN);
    ck_assert_str_eq(stage->commands[2].told.text, "239.1.2.3");
    ck_assert_int_eq(stage->commands[3].told.verb, SS_FAR_RECVFROM);
    strike(stage);
}
END_TEST

/* The same octets in two datagrams are not the same. */
START_TEST(test_player_message_peer_datagram_has_its_boundaries)
{
    struct stage *stage = set_live(4, "peer expect datagram \"onetwo\"\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE, .read = "one"});
    expect_difference(stage, "datagram: 3 octets \"one\", not 6 octets \"onetwo\"\n");
    stage = set_live(4, "peer expect datagram \"x\" within 1ms\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_NOT_YET, .times = 2});
    expect_difference(stage, "datagram: it could not in this time, not 1 octet \"x\"\n");
    stage = set_live(4, "peer expect datagram \"x\"\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_FAILED, .error = "ECONNREFUSED"});
    expect_difference(stage, "datagram: ECONNREFUSED, not 1 octet \"x\"\n");
}
END_TEST

START_TEST(test_player_message_is_refused_before_anything_runs)
{
    static const struct {
        unsigned version;
        bool simulated;
        const char *text;
        const char *said;
    } cases[] = {
        {4, true, "> UDP\n", "test.step:1: the simulated wire's far end speaks TCP only"},
        {6, false, "< IGMP report\n", "test.step:1: IPv6 has no IGMP"},
        {6, false, "> ICMP timestamp-request\n", "test.step:1: ICMP of IPv6 has no timestamp-req"},
        {4, false, "< ICMP mld-report\n", "test.step:1: ICMP of IPv4 has no mld-report"},
        {6, false, "> ICMP type=137 gateway=10.0.0.1\n", "test.step:1: ICMP of IPv6 has no gate"},
        {4, false, "< ICMP type=3 group=ff02::1\n", "test.step:1: ICMP of IPv4 has no group"},
        {4, false, "< ICMP fragmentation-needed mtu=65536\n",
         "test.step:1: mtu has 16 bits over IPv4: 0 to 65535"},
        {4, false, "> IGMP report group=ff02::1\n", "test.step:1: group is an address of the oth"},
        {4, false, "peer join ff02::1\n", "test.step:1: 'peer join ff02::1': that is a group of"},
        {4, false, "> UDP ip6.flow=1\n", "test.step:1: IPv4 has no ip6.flow"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage *stage = set_stage(cases[i].version, 0, cases[i].text);
        stage->options.simulated = cases[i].simulated;
        ck_assert_int_eq(play(stage), SS_USAGE);
        ck_assert_msg(strncmp(stage->problem.text, cases[i].said, strlen(cases[i].said)) == 0, "%s",
                      stage->problem.text);
        ck_assert_uint_eq(stage->heard_count, 0);
        strike(stage);
    }
}
END_TEST

/* A number that is known only now and does not fit; nothing to quote yet. */
START_TEST(test_player_message_that_cannot_be_is_told_where_it_stands)
{
    struct stage *stage = set_live(4, "> UDP length=L\n> UDP sport=L+65535\n");
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text,
                     "test.step:2: sport=65543 does not fit its 16 bits: 0 to 65535");
    strike(stage);
    stage = set_live(4, "<? UDP\n> ICMP port-unreachable\n");
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text,
                     "test.step:2: nothing has come yet that it could quote; give it octets: hex:");
    strike(stage);
}
END_TEST

static Suite *message_suite(void)
{
    Suite *suite = suite_create("player_message");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_player_message_is_sent_octet_for_octet, 0, SENDINGS);
    tcase_add_test(all, test_player_message_corrupted_has_one_bit_wrong);
    tcase_add_test(all, test_player_message_names_become_known_both_ways);
    tcase_add_test(all, test_player_message_differences_are_told);
    tcase_add_test(all, test_player_message_wrong_checksum_does_not_hold);
    tcase_add_test(all, test_player_message_others_are_passed_by);
    tcase_add_test(all, test_player_message_housekeeping_only_where_it_is_spoken_of);
    tcase_add_test(all, test_player_message_report_is_held_against_its_groups);
    tcase_add_test(all, test_player_message_error_must_quote_what_was_sent);
    tcase_add_test(all, test_player_message_error_about_others_is_passed_by);
    tcase_add_test(all, test_player_message_error_with_octets_is_not_held_against_quotes);
    tcase_add_test(all, test_player_message_error_of_ours_quotes_what_came_last);
    tcase_add_test(all, test_player_message_error_is_shown_where_nobody_asked);
    tcase_add_test(all, test_player_message_harm_befalls_it_too);
    tcase_add_test(all, test_player_message_peer_sends_and_receives_datagrams);
    tcase_add_test(all, test_player_message_peer_datagram_has_its_boundaries);
    tcase_add_test(all, test_player_message_is_refused_before_anything_runs);
    tcase_add_test(all, test_player_message_that_cannot_be_is_told_where_it_stands);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return check_main(message_suite());
}
