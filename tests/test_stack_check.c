/*
 * test_stack_check: checksums of what was read, in their parts; what is illegal is told, and what
 * is legal is not.
 */
#include "check_main.h"
#include "exact.h"
#include "frames.h"
#include "random_stack.h"
#include "stack_frames.h"
#include "stack_support.h"
#include "synstep/stack_check.h"

static struct ss_stack stack;
static struct ss_stack_faults faults;

static void judge(enum ss_link link, const uint8_t *frame, size_t length)
{
    ss_stack_dissect(link, frame, length, &stack, &faults);
    ss_stack_judge(&stack, frame, length, &faults);
}

static size_t layer_of(enum ss_layer_kind kind)
{
    for (size_t i = 0; i < stack.count; i++)
        if (stack.layers[i].kind == kind)
            return i;
    return SIZE_MAX;
}

/* --- checksums ----------------------------------------------------------------------------------
 */

static struct ss_stack_checksum checksum_of(const uint8_t *frame, size_t length,
                                            enum ss_layer_kind kind)
{
    struct ss_stack_checksum checksum;
    judge(SS_LINK_IP, frame, length);
    ck_assert(ss_stack_checksum(&stack, frame, length, layer_of(kind), &checksum));
    return checksum;
}

START_TEST(test_stack_check_linux_frames_have_right_checksums)
{
    for (size_t i = 0; i < FRAMES; i++) {
        bool offloaded = strstr(frames[i].name, "offloaded") != NULL;
        judge(SS_LINK_ETHERNET, frames[i].octets, frames[i].length);
        ck_assert_msg(faults.count == 0, "%s: %s", frames[i].name, faults.list[0].text);
        for (size_t j = 0; j < stack.quoted; j++) {
            struct ss_stack_checksum checksum;
            if (!ss_stack_checksum(&stack, frames[i].octets, frames[i].length, j, &checksum))
                continue;
            bool card = offloaded && stack.layers[j].kind == SS_LAYER_TCP;
            ck_assert_int_eq(checksum.state, card ? SS_CHECKSUM_OFFLOADED : SS_CHECKSUM_GOOD);
            ck_assert(card || checksum.expected == checksum.actual);
        }
    }
}
END_TEST

/* tcpdump: "cksum 0xfe29 (incorrect -> 0xffb4)". */
START_TEST(test_stack_check_tells_all_that_is_summed)
{
    static const uint8_t pseudo[] = {127, 0, 0, 1, 127, 0, 0, 1, 0, 6, 0, 33};
    struct ss_stack_checksum checksum =
        checksum_of(frame_v4_offloaded + 14, sizeof frame_v4_offloaded - 14, SS_LAYER_TCP);
    ck_assert_uint_eq(checksum.actual, 0xfe29);
    ck_assert_uint_eq(checksum.expected, 0xffb4);
    ck_assert_uint_eq(checksum.offset, 20);
    ck_assert_uint_eq(checksum.length, 33);
    ck_assert_uint_eq(checksum.field_offset, 36);
    ck_assert_uint_eq(checksum.pseudo_length, sizeof pseudo);
    ck_assert_mem_eq(checksum.pseudo, pseudo, sizeof pseudo);
}
END_TEST

START_TEST(test_stack_check_follows_the_routing_header)
{
    ck_assert_int_eq(checksum_of(datagram_mobile, sizeof datagram_mobile, SS_LAYER_UDP).state,
                     SS_CHECKSUM_GOOD);
    ck_assert_int_eq(checksum_of(datagram_segments, sizeof datagram_segments, SS_LAYER_UDP).state,
                     SS_CHECKSUM_GOOD);
    ck_assert_int_eq(checksum_of(datagram_arrived, sizeof datagram_arrived, SS_LAYER_UDP).state,
                     SS_CHECKSUM_GOOD);
    uint8_t lost[sizeof datagram_mobile];
    memcpy(lost, datagram_mobile, sizeof lost);
    lost[42] = 3;
    struct ss_stack_checksum checksum = checksum_of(lost, sizeof lost, SS_LAYER_UDP);
    ck_assert_int_eq(checksum.state, SS_CHECKSUM_NONE);
    ck_assert_str_eq(checksum.unjudged, "where the routing header leads is not known");
}
END_TEST

START_TEST(test_stack_check_says_why_it_does_not_judge)
{
    static const struct {
        size_t at;
        uint8_t octet;
        enum ss_layer_kind kind;
        const char *why;
    } rows[] = {
        {0, 0x44, SS_LAYER_IP, "its header length is wrong"},
        {3, 31, SS_LAYER_UDP, "not all that it is over is here"},
        {6, 0x20, SS_LAYER_UDP, "only a fragment is here"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t octets[sizeof datagram_zero];
        memcpy(octets, datagram_zero, sizeof octets);
        octets[rows[i].at] = rows[i].octet;
        struct ss_stack_checksum checksum = checksum_of(octets, sizeof octets, rows[i].kind);
        ck_assert_int_eq(checksum.state, SS_CHECKSUM_NONE);
        ck_assert_str_eq(checksum.unjudged, rows[i].why);
    }
}
END_TEST

/* --- what is illegal ----------------------------------------------------------------------------
 */

/* Some fault of that layer begins so. */
static void expect_told(const char *layer, const char *beginning)
{
    bool found = false;
    for (size_t i = 0; i < faults.count; i++)
        found |= strcmp(ss_layer_table(faults.list[i].kind)->name, layer) == 0 &&
                 strncmp(faults.list[i].text, beginning, strlen(beginning)) == 0;
    ck_assert_msg(found, "%s: %s (%zu faults, the first: %s)", layer, beginning, faults.count,
                  faults.count ? faults.list[0].text : "none");
}

struct illegal {
    const char *layer;
    const char *field;
    uint32_t value;
    const char *told;
};

/* A legal frame of each layer, one field of it set so; the rest computed. */
static const struct illegal illegal[] = {
    {"ether", "type", 1501, "its type is neither"},
    {"vlan", "vid", 4095, "VLAN 4095"},
    {"arp", "op", 0, "its operation 0"},
    {"arp", "htype", 0, "its hardware type 0"},
    {"ip", "rf", 1, "its reserved flag"},
    {"ip", "ttl", 0, "time to live 0"},
    {"ip", "checksum", 0x1234, "its checksum is wrong"},
    {"ip", "src", 0xe0000001, "its source is a multicast group"},
    {"ip", "src", 0xffffffff, "its source is the broadcast"},
    {"ip", "offset", 8191, "the fragment ends beyond"},
    {"ip", "version", 5, "its version is not 4"},
    {"ip", "ihl", 4, "its header length is shorter"},
    {"ip6", "version", 4, "its version is not 6"},
    {"route", "left", 9, "more stations are left"},
    {"route", "type", 0, "routing type 0"},
    {"frag", "reserved", 1, "its reserved bits"},
    {"frag", "res", 2, "its reserved bits"},
    {"tcp", "reserved", 8, "its reserved bits"},
    {"tcp", "flags", 0x03, "SYN and FIN exclude"},
    {"tcp", "flags", 0x06, "SYN and RST"},
    {"tcp", "flags", 0x15, "FIN and RST"},
    {"tcp", "flags", 0x00, "no ACK"},
    {"tcp", "flags", 0x29, "no ACK"},
    {"tcp", "dport", 0, "port 0 is reserved"},
    {"tcp", "checksum", 0x1234, "its checksum is wrong"},
    {"tcp", "offset", 4, "its header length is shorter"},
    {"udp", "dport", 0, "its destination port 0"},
    {"udp", "length", 8, "its length is less than"},
    {"udp", "length", 7, "its length is shorter"},
    {"udp", "length", 60000, "its length says more"},
    {"icmp", "checksum", 0x1234, "its checksum is wrong"},
    {"icmp6", "checksum", 0x1234, "its checksum is wrong"},
    {"igmp", "group", 0x0a000001, "its group is no multicast"},
};

/* Errors quote, and what is quoted is not judged. */
static bool quotes(const struct ss_stack *made)
{
    for (size_t i = 0; i < made->count; i++)
        if ((made->layers[i].kind == SS_LAYER_ICMP && made->layers[i].fixed[0] == 3) ||
            (made->layers[i].kind == SS_LAYER_ICMP6 && made->layers[i].fixed[0] == 1))
            return true;
    return false;
}

/* With something behind each header, so that a length can be wrong. */
static void make(struct random_stack *made, enum ss_layer_kind kind)
{
    bool bare = kind == SS_LAYER_ARP || kind == SS_LAYER_IGMP;
    do
        random_make(made, kind);
    while (quotes(&made->stack) ||
           (!bare && made->stack.layers[made->stack.count - 1].kind != SS_LAYER_RAW));
}

START_TEST(test_stack_check_illegal_field_is_told)
{
    static struct random_stack made;
    const struct illegal *row = &illegal[_i];
    uint8_t frame[RANDOM_FRAME_MAX];
    enum ss_layer_kind kind = SS_LAYER_RAW;
    ck_assert(ss_layer_from_name(row->layer, &kind));
    made.random = ss_random_seeded((uint64_t)_i);
    for (int round = 0; round < 20; round++) {
        make(&made, kind);
        struct ss_layer *layer = NULL;
        for (size_t i = 0; i < made.stack.count && !layer; i++)
            if (made.stack.layers[i].kind == kind)
                layer = &made.stack.layers[i];
        ck_assert_ptr_nonnull(layer);
        put(layer, row->field, row->value);
        size_t length = build(&made.stack, frame, sizeof frame);
        judge(SS_LINK_ETHERNET, frame, length);
        expect_told(row->layer, row->told);
    }
}
END_TEST

/* A SYN of Linux's with other options, the checksum right. */
static void judge_options(const void *options, size_t length, uint32_t flags)
{
    uint8_t octets[100];
    struct ss_stack made;
    ss_stack_dissect(SS_LINK_IP, frame_v4_syn + 14, sizeof frame_v4_syn - 14, &made, &faults);
    made.layers[0].set = 0;
    made.layers[1].set = 0;
    put(&made.layers[1], "flags", flags);
    carry(&made.layers[1], options, length);
    judge(SS_LINK_IP, octets, build(&made, octets, sizeof octets));
}

START_TEST(test_stack_check_illegal_options_are_told)
{
    judge_options("\x02\x03\x05\x01", 4, 2);
    expect_told("tcp", "an option has a length that its kind");
    judge_options("\x02\x04\x05\xb4", 4, 16);
    expect_told("tcp", "an option is here that only a SYN");
    judge_options("\x03\x03\x0f\x01", 4, 2);
    expect_told("tcp", "its window scale is over 14");
    judge_options("\x01\x01\x08\x0a", 4, 2);
    expect_told("tcp", "an option's length is wrong: no more");
    judge_options("\xfd\x04\x05\xb4\x03\x03\x0e\x00", 8, 2);
    ck_assert_uint_eq(faults.count, 0);
}
END_TEST

/* --- messages that routers do not pass on -------------------------------------------------------
 */

/* An ICMPv6 message of 24 octets, with hop-by-hop options before it or without. */
static void judge_message(uint8_t type, uint8_t hops, const char *options, const uint8_t source[16])
{
    static const uint8_t everybody[16] = {0xff, 2, [15] = 1}, behind[16] = {0xff, 0x15, [15] = 7};
    struct ss_stack made = {.count = 0};
    uint8_t octets[100];
    made.layers[made.count] = ss_layer_new(SS_LAYER_IP6);
    put(&made.layers[0], "hop", hops);
    memcpy(made.layers[0].fixed + 8, source, 16);
    memcpy(made.layers[0].fixed + 24, everybody, 16);
    if (options) {
        made.layers[++made.count] = ss_layer_new(SS_LAYER_HOP);
        carry(&made.layers[made.count], options, 4);
    }
    made.layers[++made.count] = ss_layer_new(SS_LAYER_ICMP6);
    put(&made.layers[made.count], "type", type);
    made.layers[++made.count] = ss_layer_new(SS_LAYER_RAW);
    carry(&made.layers[made.count], behind, sizeof behind);
    made.count++;
    judge(SS_LINK_IP, octets, build(&made, octets, sizeof octets));
}

START_TEST(test_stack_check_mld_and_neighbour_discovery_stay_on_the_link)
{
    static const uint8_t link[16] = {0xfe, 0x80, [15] = 1}, global[16] = {0xfd, [15] = 1},
                         none[16] = {0};
    static const uint8_t mld[] = {130, 131, 132, 143};
    static const char alert[] = "\5\2\0\0", padding[] = "\1\2\0\0";
    for (size_t i = 0; i < sizeof mld; i++) {
        judge_message(mld[i], 1, alert, link);
        ck_assert_uint_eq(faults.count, 0);
        judge_message(mld[i], 2, alert, link);
        expect_told("icmp6", "MLD goes with a hop limit of 1");
        judge_message(mld[i], 1, NULL, link);
        expect_told("icmp6", "MLD goes with a router alert");
        judge_message(mld[i], 1, padding, link);
        expect_told("icmp6", "MLD goes with a router alert");
        judge_message(mld[i], 1, alert, global);
        expect_told("icmp6", "MLD comes from an address of the link");
        judge_message(mld[i], 1, alert, none);
        ck_assert_uint_eq(faults.count, mld[i] == 130);
    }
    for (uint8_t type = 133; type <= 137; type++) {
        judge_message(type, 255, NULL, global);
        ck_assert_uint_eq(faults.count, 0);
        judge_message(type, 254, NULL, link);
        expect_told("icmp6", "its hop limit is not 255");
    }
    judge_message(128, 7, NULL, global);
    ck_assert_uint_eq(faults.count, 0);
}
END_TEST

START_TEST(test_stack_check_igmp_goes_with_a_router_alert)
{
    static const struct {
        uint8_t type, time;
        size_t told;
    } rows[] = {{0x11, 0, 0}, {0x11, 9, 1}, {0x12, 0, 0}, {0x16, 0, 1}, {0x17, 0, 1}, {0x22, 0, 1}};
    static const uint8_t ends[] = {10, 0, 0, 1, 224, 0, 0, 1};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        struct ss_stack made = {.count = 2};
        uint8_t octets[60];
        bool alert = i % 2;
        made.layers[0] = ss_layer_new(SS_LAYER_IP);
        made.layers[1] = ss_layer_new(SS_LAYER_IGMP);
        memcpy(made.layers[0].fixed + 12, ends, sizeof ends);
        put(&made.layers[0], "ttl", 1);
        carry(&made.layers[0], "\x94\4\0\0", alert ? 4 : 0);
        put(&made.layers[1], "type", rows[i / 2].type);
        put(&made.layers[1], "maxresp", rows[i / 2].time);
        put(&made.layers[1], "group", rows[i / 2].type == 0x11 ? 0 : 0xef010203);
        judge(SS_LINK_IP, octets, build(&made, octets, sizeof octets));
        ck_assert_uint_eq(faults.count, alert ? 0 : rows[i / 2].told);
        if (faults.count > 0)
            expect_told("igmp", "IGMP goes with a router alert");
    }
}
END_TEST

START_TEST(test_stack_check_hop_by_hop_options_stand_first)
{
    uint8_t octets[sizeof datagram_chain];
    memcpy(octets, datagram_chain, sizeof octets);
    octets[48] = 0; /* the fragment header says that hop-by-hop options follow */
    judge(SS_LINK_IP, octets, sizeof octets);
    expect_told("hop", "hop-by-hop options stand right behind");
}
END_TEST

/* What libpcap, tcpdump and tshark find right: tests/legal.py asks them. */
START_TEST(test_stack_check_legal_frames_are_not_convicted)
{
    static struct random_stack made;
    uint8_t frame[RANDOM_FRAME_MAX];
    made.random = ss_random_seeded(300 + (uint64_t)_i);
    for (int round = 0; round < (check_is_slow() ? 50 : 2000); round++) {
        random_make(&made, (enum ss_layer_kind)_i);
        size_t length = build(&made.stack, frame, sizeof frame);
        judge(SS_LINK_ETHERNET, frame, length);
        ck_assert_msg(faults.count == 0, "%s: %s", ss_layer_table(faults.list[0].kind)->name,
                      faults.list[0].text);
        ck_assert_int_eq(ss_stack_guess(frame, length), SS_LINK_ETHERNET);
        bool ip = stack.layers[1].kind == SS_LAYER_IP || stack.layers[1].kind == SS_LAYER_IP6;
        if (ip)
            ck_assert_int_eq(ss_stack_guess(frame + 14, length - 14), SS_LINK_IP);
    }
}
END_TEST

/* Nothing outside is read, and no more is told than there is room for. */
START_TEST(test_stack_check_every_truncated_length_stays_inside)
{
    static struct random_stack made;
    uint8_t frame[RANDOM_FRAME_MAX];
    made.random = ss_random_seeded(400 + (uint64_t)_i);
    for (int round = 0; round < (check_is_slow() ? 2 : 20); round++) {
        random_make(&made, (enum ss_layer_kind)_i);
        size_t whole = build(&made.stack, frame, sizeof frame);
        for (size_t length = 0; length < whole; length++) {
            struct exact copy = exact_copy(frame, length);
            judge(SS_LINK_ETHERNET, copy.octets, length);
            (void)ss_stack_guess(copy.octets, length);
            ck_assert_uint_le(faults.count, SS_STACK_FAULTS_MAX);
            exact_free(copy);
        }
    }
}
END_TEST

static Suite *stack_check_suite(void)
{
    Suite *suite = suite_create("stack_check");
    TCase *sums = tcase_create("checksums");
    tcase_add_test(sums, test_stack_check_linux_frames_have_right_checksums);
    tcase_add_test(sums, test_stack_check_tells_all_that_is_summed);
    tcase_add_test(sums, test_stack_check_follows_the_routing_header);
    tcase_add_test(sums, test_stack_check_says_why_it_does_not_judge);
    suite_add_tcase(suite, sums);
    TCase *law = tcase_create("law");
    tcase_add_loop_test(law, test_stack_check_illegal_field_is_told, 0,
                        sizeof illegal / sizeof illegal[0]);
    tcase_add_test(law, test_stack_check_illegal_options_are_told);
    tcase_add_test(law, test_stack_check_hop_by_hop_options_stand_first);
    tcase_add_test(law, test_stack_check_mld_and_neighbour_discovery_stay_on_the_link);
    tcase_add_test(law, test_stack_check_igmp_goes_with_a_router_alert);
    tcase_add_loop_test(law, test_stack_check_legal_frames_are_not_convicted, 0, SS_LAYER_KINDS);
    tcase_add_loop_test(law, test_stack_check_every_truncated_length_stays_inside, 0,
                        SS_LAYER_KINDS);
    suite_add_tcase(suite, law);
    return suite;
}

int main(void)
{
    return check_main(stack_check_suite());
}
