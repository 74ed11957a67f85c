/* test_bounds_frame: what an Ethernet frame may carry, between which cards, where others than this
 * host could get it. */
#include "check_main.h"
#include "dummy_wire.h"
#include "synstep/bounds.h"
#include "synstep/bytes.h"

#include <string.h>

enum { ROOM = 256, HEADER = 14, ARP = 28 };

static struct ss_problem problem;
static uint8_t frame[ROOM];
static size_t length;

static const uint8_t own[] = {2, 0, 0, 0, 0, 1}, hop[] = {2, 0, 0, 0, 0, 2};
static const uint8_t other[] = {2, 0, 0, 0, 0, 3}, all[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t source[] = {192, 0, 2, 1}, target[] = {192, 0, 2, 2}, third[] = {192, 0, 2, 3};

static struct ss_bounds asked(enum ss_bounds_place place)
{
    struct ss_bounds bounds = {
        .place = place,
        .source = ss_address_v4(source),
        .target = ss_address_v4(target),
        .count = 1,
        .link = SS_LINK_ETHERNET,
        .ends_known = true,
    };
    memcpy(bounds.ends.own, own, 6);
    memcpy(bounds.ends.next_hop, hop, 6);
    return bounds;
}

/* Between two cards, behind `tags` tags of a type. */
static void begin(const uint8_t *from, const uint8_t *to, uint16_t tag, size_t tags, uint16_t type)
{
    memcpy(frame, to, 6);
    memcpy(frame + 6, from, 6);
    length = 12;
    for (size_t i = 0; i < tags; i++, length += 4) {
        ss_bytes_put16(frame + length, tag);
        ss_bytes_put16(frame + length + 2, 42);
    }
    ss_bytes_put16(frame + length, type);
    length += 2;
}

static void add_ipv4(const uint8_t *from, const uint8_t *to)
{
    uint8_t *ip = frame + length;
    memset(ip, 0, 20);
    ip[0] = 0x45;
    ip[9] = 6;
    memcpy(ip + 12, from, 4);
    memcpy(ip + 16, to, 4);
    length += 20;
}

/* A request; octets of it are changed by who wants another message. */
static uint8_t *add_arp(const uint8_t *card, const uint8_t *from, const uint8_t *to)
{
    static const uint8_t form[] = {0, 1, 8, 0, 6, 4, 0, 1};
    uint8_t *arp = frame + length;
    memset(arp, 0, ARP);
    memcpy(arp, form, sizeof form);
    memcpy(arp + 8, card, 6);
    memcpy(arp + 14, from, 4);
    memcpy(arp + 24, to, 4);
    length += ARP;
    return arp;
}

static enum ss_status judge(enum ss_bounds_place place, bool spoof, bool ends_known)
{
    struct ss_bounds bounds = asked(place);
    bounds.spoof = spoof;
    bounds.ends_known = ends_known;
    problem.text[0] = '\0';
    return ss_bounds_datagram(&bounds, frame, length, &problem);
}

static void expect_refused(const char *words)
{
    ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, false, true), SS_USAGE);
    ck_assert_msg(strstr(problem.text, words), "'%s' is not in: %s", words, problem.text);
    ck_assert_int_eq(judge(SS_BOUNDS_PRIVATE, false, true), SS_OK);
}

static void expect_passed(void)
{
    ck_assert_msg(judge(SS_BOUNDS_OUTSIDE, false, true) == SS_OK, "%s", problem.text);
}

/* --- IP -----------------------------------------------------------------------------------------
 */

static const uint16_t tags[] = {0x8100, 0x88a8, 0x9100};

START_TEST(test_bounds_frame_datagrams_are_held_to_their_bounds_behind_tags_too)
{
    for (size_t count = 0; count <= 8; count++) {
        begin(own, hop, tags[count % 3], count, 0x0800);
        add_ipv4(source, target);
        expect_passed();
        begin(own, hop, tags[count % 3], count, 0x0800);
        add_ipv4(source, third);
        expect_refused("192.0.2.3 is not the target");
        begin(own, hop, tags[count % 3], count, 0x0800);
        add_ipv4(third, target);
        expect_refused("--spoof");
        ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_OK);
    }
}
END_TEST

/* It is read as its EtherType says, as its receiver will. */
START_TEST(test_bounds_frame_datagram_of_the_other_version_is_refused)
{
    begin(own, hop, 0, 0, 0x86dd);
    add_ipv4(source, target);
    memset(frame + length, 0, 20);
    length += 20;
    expect_refused("is not the target");
}
END_TEST

START_TEST(test_bounds_frame_from_another_card_needs_spoof)
{
    begin(other, hop, 0, 0, 0x0800);
    add_ipv4(source, target);
    expect_refused("ether.src");
    ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_OK);
}
END_TEST

START_TEST(test_bounds_frame_to_another_card_is_refused_always)
{
    const uint8_t *const cards[] = {other, all, own};
    for (size_t i = 0; i < 3; i++) {
        begin(own, cards[i], 0, 0, 0x0800);
        add_ipv4(source, target);
        expect_refused("ether.dst");
        ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_USAGE);
    }
}
END_TEST

/* Nobody knows them yet, or nobody looks at them; what is carried is held to its bounds. */
START_TEST(test_bounds_frame_cards_count_only_where_they_are_known_and_matter)
{
    begin(other, other, 0, 0, 0x0800);
    add_ipv4(source, target);
    ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, false, false), SS_OK);
    ck_assert_int_eq(judge(SS_BOUNDS_LOOPBACK, false, true), SS_OK);
    begin(other, other, 0, 0, 0x0800);
    add_ipv4(source, third);
    ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, false), SS_USAGE);
    ck_assert_int_eq(judge(SS_BOUNDS_LOOPBACK, true, true), SS_USAGE);
}
END_TEST

/* --- what else frames carry ---------------------------------------------------------------------
 */

START_TEST(test_bounds_frame_of_any_other_type_is_refused)
{
    static const uint16_t taken[] = {0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0x9100};
    for (unsigned type = 0; type <= UINT16_MAX; type += check_is_slow() ? 16 : 1) {
        bool known = false;
        for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
            known = known || taken[i] == type;
        if (known)
            continue;
        begin(own, hop, 0x8100, type % 2, (uint16_t)type);
        add_ipv4(source, target);
        ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_USAGE);
        ck_assert_int_eq(judge(SS_BOUNDS_LOOPBACK, false, true), SS_USAGE);
        ck_assert_int_eq(judge(SS_BOUNDS_PRIVATE, false, true), SS_OK);
    }
}
END_TEST

START_TEST(test_bounds_frame_cut_anywhere_is_refused)
{
    for (size_t count = 0; count < 3; count++) {
        begin(own, hop, 0x8100, count, 0x0800);
        add_ipv4(source, target);
        for (size_t whole = length; length-- > 0;) {
            uint8_t *exact = malloc(length + 1);
            struct ss_bounds bounds = asked(SS_BOUNDS_OUTSIDE);
            memcpy(exact + 1, frame, length);
            ck_assert_int_eq(ss_bounds_datagram(&bounds, exact + 1, length, &problem), SS_USAGE);
            ck_assert_uint_lt(length, whole);
            free(exact);
        }
    }
}
END_TEST

/* --- ARP ----------------------------------------------------------------------------------------
 */

START_TEST(test_bounds_frame_arp_may_ask_for_the_target)
{
    const uint8_t *const cards[] = {all, hop};
    for (size_t i = 0; i < 2; i++) {
        begin(own, cards[i], 0x8100, i, 0x0806);
        add_arp(own, source, target);
        expect_passed();
    }
    begin(own, other, 0, 0, 0x0806);
    add_arp(own, source, target);
    expect_refused("ether.dst");
}
END_TEST

START_TEST(test_bounds_frame_arp_for_another_address_is_refused)
{
    begin(own, all, 0, 0, 0x0806);
    add_arp(own, source, third);
    expect_refused("arp.tpa");
    ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_USAGE);
    ck_assert_int_eq(judge(SS_BOUNDS_LOOPBACK, false, true), SS_USAGE);
}
END_TEST

START_TEST(test_bounds_frame_arp_in_another_name_needs_spoof)
{
    begin(own, all, 0, 0, 0x0806);
    add_arp(own, third, target);
    expect_refused("arp.spa");
    ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_OK);
    begin(own, all, 0, 0, 0x0806);
    add_arp(other, source, target);
    expect_refused("arp.sha");
    ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_OK);
}
END_TEST

/* A reply, or what a card of another kind would say. */
START_TEST(test_bounds_frame_arp_that_asks_nothing_is_refused)
{
    for (size_t octet = 0; octet < 8; octet++) {
        begin(own, all, 0, 0, 0x0806);
        add_arp(own, source, target)[octet] ^= 3;
        expect_refused("no ARP request");
        ck_assert_int_eq(judge(SS_BOUNDS_OUTSIDE, true, true), SS_USAGE);
    }
    for (size_t cut = 1; cut <= ARP; cut++) {
        begin(own, all, 0, 0, 0x0806);
        add_arp(own, source, target);
        length -= cut;
        expect_refused("ARP");
    }
}
END_TEST

/* --- the wire -----------------------------------------------------------------------------------
 */

START_TEST(test_bounds_frame_wire_holds_frames_to_it)
{
    struct dummy_wire dummy;
    struct ss_wire *wire = NULL;
    struct ss_bounds bounds = asked(SS_BOUNDS_OUTSIDE);
    bounds.count = 9;
    dummy_open(&dummy);
    ck_assert_int_eq(ss_bounds_open(&dummy.wire, &bounds, &wire, &problem), SS_OK);
    begin(own, hop, 0, 0, 0x0800);
    add_ipv4(source, third);
    ck_assert_int_eq(ss_wire_send(wire, frame, length, NULL, &problem), SS_USAGE);
    begin(own, hop, 0, 0, 0x0800);
    add_ipv4(source, target);
    ck_assert_int_eq(ss_wire_send(wire, frame, length, NULL, &problem), SS_OK);
    ck_assert_uint_eq(dummy.sent_count, 1);
    ss_wire_close(wire);
}
END_TEST

static Suite *bounds_frame_suite(void)
{
    Suite *suite = suite_create("bounds_frame");
    TCase *tcase = tcase_create("frames");
    tcase_add_test(tcase, test_bounds_frame_datagrams_are_held_to_their_bounds_behind_tags_too);
    tcase_add_test(tcase, test_bounds_frame_datagram_of_the_other_version_is_refused);
    tcase_add_test(tcase, test_bounds_frame_from_another_card_needs_spoof);
    tcase_add_test(tcase, test_bounds_frame_to_another_card_is_refused_always);
    tcase_add_test(tcase, test_bounds_frame_cards_count_only_where_they_are_known_and_matter);
    tcase_add_test(tcase, test_bounds_frame_of_any_other_type_is_refused);
    tcase_add_test(tcase, test_bounds_frame_cut_anywhere_is_refused);
    tcase_add_test(tcase, test_bounds_frame_arp_may_ask_for_the_target);
    tcase_add_test(tcase, test_bounds_frame_arp_for_another_address_is_refused);
    tcase_add_test(tcase, test_bounds_frame_arp_in_another_name_needs_spoof);
    tcase_add_test(tcase, test_bounds_frame_arp_that_asks_nothing_is_refused);
    tcase_add_test(tcase, test_bounds_frame_wire_holds_frames_to_it);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(bounds_frame_suite());
}
