/* test_player_arp: ARP in frames of its own, sent octet for octet, and held against what comes. */
#include "player_support.h"

enum { FRAME_BYTES = 42, PADDED_BYTES = 60 };

/* --- a wire that knows frames from datagrams ----------------------------------------------------
 */

struct telling_wire {
    struct ss_wire wire;
    struct ss_wire *inner;
};

static struct ss_wire *inner_of(struct ss_wire *wire)
{
    return ((struct telling_wire *)wire)->inner;
}

static enum ss_status telling_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                   enum ss_fate *fate, struct ss_problem *problem)
{
    return ss_wire_send(inner_of(wire), octets, length, fate, problem);
}

/* No IP version begins with a card's 0 or with a group's 15. */
static enum ss_status telling_receive(struct ss_wire *wire, uint64_t deadline_us,
                                      struct ss_arrival *arrival, struct ss_problem *problem)
{
    enum ss_status status = ss_wire_receive(inner_of(wire), deadline_us, arrival, problem);
    if (status == SS_OK && arrival->octets[0] >> 4 != 4)
        arrival->link = SS_LINK_ETHERNET;
    return status;
}

static uint64_t telling_now_us(struct ss_wire *wire)
{
    return ss_wire_now_us(inner_of(wire));
}

static void telling_close(struct ss_wire *wire)
{
    ss_wire_close(inner_of(wire));
    free(wire);
}

static struct stage *set_framed(const char *text)
{
    static const struct ss_wire_operations operations = {.send = telling_send,
                                                         .receive = telling_receive,
                                                         .now_us = telling_now_us,
                                                         .close = telling_close};
    static const uint8_t card[] = {2, 0, 0, 0, 0, 0x0a};
    struct stage *stage = set_stage(4, 0, text);
    struct telling_wire *telling = malloc(sizeof(*telling));
    if (!telling)
        abort();
    *telling = (struct telling_wire){{&operations}, stage->wire};
    stage->wire = &telling->wire;
    stage->options.simulated = false;
    stage->options.frames = stage->wire;
    memcpy(stage->options.card, card, sizeof(card));
    return stage;
}

/* --- sent ---------------------------------------------------------------------------------------
 */

static const struct {
    const char *line;
    const char *hex;
} sendings[] = {
    {"> ARP request", "ffffffffffff02000000000a0806"
                      "000108000604000102000000000a0a0000010000000000000a000002"},
    {"> ARP reply", "ffffffffffff02000000000a0806"
                    "000108000604000202000000000a0a0000010000000000000a000002"},
    {"> ARP request spa=10.0.0.9 tpa=10.0.0.9",
     "ffffffffffff02000000000a0806"
     "000108000604000102000000000a0a0000090000000000000a000009"},
    {"> ARP op=258 htype=6 ptype=1 hlen=8 plen=16 sha=01:02:03:04:05:06 spa=1.2.3.4 "
     "tha=0a:0b:0c:0d:0e:0f tpa=5.6.7.8 ether.dst=f1:f2:f3:f4:f5:f6 ether.src=e1:e2:e3:e4:e5:e6 "
     "ether.type=0x0806",
     "f1f2f3f4f5f6e1e2e3e4e5e60806"
     "00060001081001020102030405060102030"
     "40a0b0c0d0e0f05060708"},
    {"> ARP request op=2 ether.type=0x0800",
     "ffffffffffff02000000000a0800"
     "000108000604000202000000000a0a0000010000000000000a000002"},
};
enum { SENDINGS = sizeof(sendings) / sizeof(sendings[0]) };

static void expect_hex(const struct stage *stage, size_t n, const char *hex)
{
    const uint8_t *octets = heard(stage, n, FRAME_BYTES);
    char actual[2 * FRAME_BYTES + 1];
    for (size_t i = 0; i < FRAME_BYTES; i++)
        sprintf(actual + 2 * i, "%02x", octets[i]);
    ck_assert_str_eq(actual, hex);
}

START_TEST(test_player_arp_is_sent_octet_for_octet)
{
    char text[512];
    snprintf(text, sizeof(text), "%s\nwait 1ms\n", sendings[_i].line);
    struct stage *stage = set_framed(text);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    expect_hex(stage, 1, sendings[_i].hex);
    strike(stage);
}
END_TEST

/* The ids of datagrams do not count them. */
START_TEST(test_player_arp_is_no_datagram)
{
    struct stage *stage = set_framed("> UDP\n> ARP request\n> UDP\nwait 1ms\n");
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    ck_assert_uint_eq(heard(stage, 1, 28)[5], FIRST_ID);
    ck_assert_uint_eq(heard(stage, 3, 28)[5], FIRST_ID + 1);
    strike(stage);
}
END_TEST

/* --- what comes ---------------------------------------------------------------------------------
 */

/* From a card that ends in 5; the operation, and the last octets of sender and target. */
static void say_arp(struct stage *stage, size_t after, uint8_t operation, uint8_t sender,
                    uint8_t target, size_t length)
{
    uint8_t octets[PADDED_BYTES] = {
        2,         0, 0, 0, 0, 0x0a, 2, 0,  0, 0, 0,      5, 8, 6, 0, 1, 8,    0,  6, 4, 0,
        operation, 2, 0, 0, 0, 0,    5, 10, 0, 0, sender, 2, 0, 0, 0, 0, 0x0a, 10, 0, 0, target};
    say_octets(stage, octets, length)->after = after;
}

START_TEST(test_player_arp_reply_is_for_whoever_asked)
{
    struct stage *stage = set_framed("< ARP request\n> ARP reply\n"
                                     "> ARP reply tha=00:00:00:00:00:00 spa=10.0.0.7\nwait 1ms\n");
    say_arp(stage, 0, 1, 2, 1, PADDED_BYTES);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    expect_hex(stage, 1,
               "02000000000502000000000a0806"
               "000108000604000202000000000a0a0000010200000000050a000002");
    expect_hex(stage, 2,
               "02000000000502000000000a0806"
               "000108000604000202000000000a0a0000070000000000000a000002");
    strike(stage);
}
END_TEST

START_TEST(test_player_arp_holds_and_makes_names_known)
{
    struct stage *stage =
        set_framed("> ARP request hlen=H\n< ARP reply sha=02:00:00:00:00:05 spa=10.0.0.2 "
                   "tha=* tpa=10.0.0.1 hlen=H op=O ether.dst=02:00:00:00:00:0a "
                   "ether.src=02:00:00:00:00:05 ether.type=2054 htype=1..2\n"
                   "> ARP request op=O+7\nwait 1ms\n");
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES);
    expect_played(stage, SS_OK,
                  "@0 > ARP request size=0\n"
                  "@200 < ARP reply size=0\n"
                  "@200 held line=2 n=2 checks=10\n"
                  "@200 > ARP size=0\n"
                  "@1200 held line=4\n");
    ck_assert_uint_eq(heard(stage, 2, FRAME_BYTES)[21], 9);
    strike(stage);
}
END_TEST

static void expect_difference(struct stage *stage, const char *difference)
{
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), difference);
    strike(stage);
}

START_TEST(test_player_arp_differences_are_told)
{
    struct stage *stage = set_framed("> ARP request\n< ARP reply sha=02:00:00:00:00:06 "
                                     "spa=10.0.0.3 plen=6 ether.dst=ff:ff:ff:ff:ff:ff\n");
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES);
    expect_difference(stage, "sha: 02:00:00:00:00:05, not 02:00:00:00:00:06\n"
                             "spa: 10.0.0.2, not 10.0.0.3\nplen: 4, not 6\n"
                             "ether.dst: 02:00:00:00:00:0a, not ff:ff:ff:ff:ff:ff\n");
    stage = set_framed("> ARP request\n< ARP reply\n<* ARP request\n");
    say_arp(stage, 1, 1, 2, 1, FRAME_BYTES);
    expect_difference(stage, "type: ARP request, not reply\n");
    stage = set_framed("> ARP request\n< ARP op=7\n");
    say_arp(stage, 1, 9, 2, 1, FRAME_BYTES);
    expect_difference(stage, "op: 9, not 7\n");
    stage = set_framed("> ARP request\n< SYN\n<* ARP reply\n");
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES);
    expect_difference(stage, "protocol: ARP, not TCP\n");
    stage = set_framed("> ARP request\n< ARP reply\n");
    say_after(stage, 1, segment(stage, S, 0, 0));
    expect_difference(stage, "protocol: TCP, not ARP\n");
}
END_TEST

/* A segment for us, but behind a tag: of another network. */
static void say_tagged(struct stage *stage, size_t after)
{
    enum { AT = 18 };
    uint8_t octets[128] = {2, [12] = 0x81, [16] = 0x08};
    struct ss_craft craft = segment(stage, S, 0, 0);
    size_t length = 0;
    ck_assert_int_eq(ss_craft_build(&craft, octets + AT, sizeof(octets) - AT, &length), SS_OK);
    say_octets(stage, octets, AT + length)->after = after;
}

/* Of the operations named, the peer's and what asks for us; no cut one, no tagged frame. */
START_TEST(test_player_arp_others_are_passed_by)
{
    struct stage *stage = set_framed("> ARP request\n< ARP reply\n< ARP reply spa=10.0.0.7\n"
                                     "<! ARP reply within 1ms\n");
    say_arp(stage, 1, 2, 7, 8, FRAME_BYTES);
    say_arp(stage, 1, 1, 2, 1, FRAME_BYTES);
    say_arp(stage, 1, 9, 2, 1, FRAME_BYTES);
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES - 1);
    say_tagged(stage, 1);
    say_arp(stage, 1, 2, 2, 8, FRAME_BYTES);
    say_arp(stage, 1, 2, 7, 1, FRAME_BYTES);
    expect_played(stage, SS_OK,
                  "@0 > ARP request size=0\n"
                  "@200 < ARP reply size=0\n"
                  "@200 held line=2 n=2 checks=1\n"
                  "@200 < ARP reply size=0\n"
                  "@200 held line=3 n=3 checks=2\n"
                  "@1200 held line=4 checks=1\n"
                  "@1200 note: 2 other or malformed frames were ignored\n");
    strike(stage);
}
END_TEST

/* Nobody awaits it where ARP is only sent, or not spoken of. */
START_TEST(test_player_arp_is_heard_only_where_it_is_spoken_of)
{
    struct stage *stage = set_framed("> UDP\n<! UDP within 1ms\n");
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES);
    expect_played(stage, SS_OK, "@0 > UDP size=0\n@1000 held line=2 checks=1\n");
    strike(stage);
    stage = set_framed("> ARP request\n<! UDP within 1ms\n");
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES);
    expect_played(stage, SS_OK, "@0 > ARP request size=0\n@1000 held line=2 checks=1\n");
    strike(stage);
}
END_TEST

/* An error quotes the datagram that came last, and no frame. */
START_TEST(test_player_arp_is_nothing_to_quote)
{
    struct stage *stage = set_framed("<? UDP\n> ARP request\n< ARP reply\n> ICMP time-exceeded\n");
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES);
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_str_eq(stage->problem.text,
                     "test.step:4: nothing has come yet that it could quote; give it octets: hex:");
    strike(stage);
}
END_TEST

/* --- harm, and what is refused ------------------------------------------------------------------
 */

START_TEST(test_player_arp_harm_befalls_it_too)
{
    struct stage *stage = set_framed("drop >\n> ARP request\ndelay > 3ms\n> ARP request op=3\n"
                                     "duplicate >\n> ARP request op=4\ndrop <\n"
                                     "<! ARP reply within 10ms\n");
    say_arp(stage, 1, 2, 2, 1, FRAME_BYTES);
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    ck_assert_uint_eq(stage->heard_count, 3);
    ck_assert_uint_eq(heard(stage, 1, FRAME_BYTES)[21], 4);
    ck_assert_uint_eq(heard(stage, 2, FRAME_BYTES)[21], 4);
    ck_assert_uint_eq(heard(stage, 3, FRAME_BYTES)[21], 3);
    ck_assert_uint_eq(stage->heard[2].time_us, 3000 + LATENCY_US);
    strike(stage);
}
END_TEST

static void expect_refused(struct stage *stage, const char *said)
{
    ck_assert_int_eq(play(stage), SS_USAGE);
    ck_assert_str_eq(stage->problem.text, said);
    ck_assert_uint_eq(stage->heard_count, 0);
    strike(stage);
}

START_TEST(test_player_arp_is_refused_before_anything_runs)
{
    struct stage *stage = set_framed("> ARP request\n");
    stage->options.local = near_v6;
    stage->options.peer = far_v6;
    expect_refused(stage,
                   "test.step:1: IPv6 has no ARP: its neighbour discovery is ICMP; say 'only "
                   "ipv4' in the scenario, or run it with -4");
    stage = set_framed("<! ARP reply\n");
    stage->options.simulated = true;
    expect_refused(stage, "test.step:1: the simulated wire's far end speaks TCP only; say 'only "
                          "live' in the scenario, or run it without --simulate");
    stage = set_framed("> ARP request\n");
    stage->options.peer.address = stage->options.local.address;
    expect_refused(stage, "test.step:1: there is no ARP on loopback: run it between private hosts, "
                          "or toward another host");
    stage = set_framed("< ARP reply spa=fd00::1\n");
    expect_refused(stage,
                   "test.step:1: spa is an address of the other IP version; this run is over "
                   "IPv4");
}
END_TEST

/* At the prompt: where the scenario has no step of ARP there is no wire for it. */
START_TEST(test_player_arp_needs_a_scenario_that_speaks_of_it)
{
    static const struct {
        const char *text;
        enum ss_status status;
    } cases[] = {{"> SYN\n", SS_USAGE}, {"<! ARP reply\n", SS_OK}};
    for (size_t i = 0; i < 2; i++) {
        struct stage *stage = set_framed(cases[i].text);
        struct ss_scenario *extra = NULL;
        struct ss_diagnostics diagnostics;
        ck_assert_int_eq(
            ss_scenario_parse_step(stage->scenario, "> ARP request", false, &extra, &diagnostics),
            SS_OK);
        ck_assert_int_eq(ss_player_check_step(&stage->options, &extra->steps[0], &stage->problem),
                         cases[i].status);
        ss_scenario_free(extra);
        strike(stage);
    }
}
END_TEST

static Suite *arp_suite(void)
{
    Suite *suite = suite_create("player_arp");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, test_player_arp_is_sent_octet_for_octet, 0, SENDINGS);
    tcase_add_test(all, test_player_arp_is_no_datagram);
    tcase_add_test(all, test_player_arp_reply_is_for_whoever_asked);
    tcase_add_test(all, test_player_arp_holds_and_makes_names_known);
    tcase_add_test(all, test_player_arp_differences_are_told);
    tcase_add_test(all, test_player_arp_others_are_passed_by);
    tcase_add_test(all, test_player_arp_is_heard_only_where_it_is_spoken_of);
    tcase_add_test(all, test_player_arp_is_nothing_to_quote);
    tcase_add_test(all, test_player_arp_harm_befalls_it_too);
    tcase_add_test(all, test_player_arp_is_refused_before_anything_runs);
    tcase_add_test(all, test_player_arp_needs_a_scenario_that_speaks_of_it);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return check_main(arp_suite());
}
