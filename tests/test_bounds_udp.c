/* test_bounds_udp: what a host could unpack from UDP and pass on is refused outside private hosts,
 * unless it is for the target itself; at any other port, a payload is a payload. */
#include "check_main.h"
#include "exact.h"
#include "synstep/bounds.h"
#include "synstep/bytes.h"

#include <string.h>

enum { ROOM = 512, MORE = 0x2000, LATER = 0x2001 /* of IPv4's fragment word */, PREFIX_MAX = 40 };

static struct ss_problem problem;
static uint8_t octets[ROOM];
static size_t length;

static const uint8_t own4[] = {192, 0, 2, 1}, target4[] = {192, 0, 2, 2}, other4[] = {192, 0, 2, 3};
static const uint8_t own6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
static const uint8_t target6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 2};
static const uint8_t other6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 3};

static void add(const void *bytes, size_t count)
{
    ck_assert_uint_le(length + count, ROOM);
    memcpy(octets + length, bytes, count);
    length += count;
}

/* The lengths in headers count for nothing here. */
static void add_ip(uint8_t version, uint8_t protocol, bool to_target)
{
    uint8_t header4[20] = {0x45, [8] = 64, [9] = protocol};
    uint8_t header6[40] = {0x60, [6] = protocol, [7] = 64};
    memcpy(header4 + 12, own4, 4);
    memcpy(header4 + 16, to_target ? target4 : other4, 4);
    memcpy(header6 + 8, own6, 16);
    memcpy(header6 + 24, to_target ? target6 : other6, 16);
    add(version == 6 ? header6 : header4, version == 6 ? sizeof header6 : sizeof header4);
}

static void add_udp(uint16_t port)
{
    uint8_t header[8] = {0};
    ss_bytes_put16(header, 1024);
    ss_bytes_put16(header + 2, port);
    add(header, sizeof header);
}

static enum ss_status judge(uint8_t version, enum ss_bounds_place place)
{
    const struct ss_bounds bounds = {
        .place = place,
        .source = version == 6 ? ss_address_v6(own6) : ss_address_v4(own4),
        .target = version == 6 ? ss_address_v6(target6) : ss_address_v4(target4),
        .count = 1,
    };
    struct exact copy = exact_copy(octets, length);
    problem.text[0] = '\0';
    enum ss_status status = ss_bounds_datagram(&bounds, copy.octets, length, &problem);
    exact_free(copy);
    return status;
}

static void expect_refused(uint8_t version, const char *words)
{
    ck_assert_msg(judge(version, SS_BOUNDS_OUTSIDE) == SS_USAGE, "passed, not refused: %s", words);
    ck_assert_msg(strstr(problem.text, words), "'%s' is not in: %s", words, problem.text);
    ck_assert_int_eq(judge(version, SS_BOUNDS_LOOPBACK), SS_USAGE);
    ck_assert_int_eq(judge(version, SS_BOUNDS_PRIVATE), SS_OK);
    length = 0;
}

static void expect_passed(uint8_t version)
{
    ck_assert_msg(judge(version, SS_BOUNDS_OUTSIDE) == SS_OK, "%s", problem.text);
    length = 0;
}

/* --- tunnels that carry IP ----------------------------------------------------------------------
 */

/* What stands before the IP header, as its specification draws it. */
static const struct tunnel {
    uint16_t port;
    uint8_t version; /* of what it carries; 0: any */
    uint8_t bytes;
    uint8_t prefix[PREFIX_MAX];
} tunnels[] = {
    {3544, 6, 0, {0}}, /* Teredo: RFC 4380 section 5.1.1 */
    {3544, 6, 8, {0, 0, 0xfb, 0x2a, 0x3f, 0xff, 0xfd, 0xfc}},
    {3544, 6, 13, {0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0}},
    {3544, 6, 17, {0, 1, 2, 2, 'i', 'd', 'a', 'u', 1, 2, 3, 4, 5, 6, 7, 8, 0}},
    {3544, 6, 21, {0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6}},
    {6081, 4, 8, {0, 0, 0x08, 0, 0, 0, 7, 0}}, /* Geneve: RFC 8926 section 3.4 */
    {6081, 6, 8, {0, 0, 0x86, 0xdd, 0, 0, 7, 0}},
    {6081, 4, 16, {2, 0, 0x08, 0, 0, 0, 7, 0, 1, 2, 3, 1, 9, 9, 9, 9}},
    {4790, 4, 8, {0x0c, 0, 0, 1, 0, 0, 7, 0}}, /* VXLAN-GPE */
    {4790, 6, 8, {0x0c, 0, 0, 2, 0, 0, 7, 0}},
    {6080, 4, 4, {0, 4, 0, 0}}, /* GUE */
    {6080, 6, 8, {1, 41, 0, 0, 9, 9, 9, 9}},
    {6080, 0, 0, {0}},
    {2152, 0, 8, {0x30, 255, 0, 40, 0, 0, 0, 1}}, /* GTP-U: 3GPP TS 29.281 section 5.1 */
    {2152, 0, 12, {0x32, 255, 0, 44, 0, 0, 0, 1, 0, 7, 0, 0}},
    {4341, 0, 8, {0x80, 1, 2, 3, 0, 0, 0, 1}}, /* LISP: RFC 9300 section 5 */
};

enum { TUNNELS = sizeof tunnels / sizeof tunnels[0] };

static void add_tunnel(uint8_t outer, const struct tunnel *tunnel, uint8_t inner, bool to_target)
{
    add_ip(outer, 17, true);
    add_udp(tunnel->port);
    add(tunnel->prefix, tunnel->bytes);
    add_ip(inner, 6, to_target);
}

START_TEST(test_bounds_udp_tunnel_to_another_is_refused_and_to_the_target_passes)
{
    const struct tunnel *tunnel = &tunnels[_i];
    for (uint8_t version = 4; version <= 6; version += 2) {
        if (tunnel->version != 0 && tunnel->version != version)
            continue;
        add_tunnel(version, tunnel, version, false);
        expect_refused(version, "only to the target");
        add_tunnel(version, tunnel, version, true);
        expect_passed(version);
        add_tunnel((uint8_t)(10 - version), tunnel, version, true);
        expect_refused((uint8_t)(10 - version), "only to the target");
    }
}
END_TEST

/* Each prefix is found by its own format: whoever cuts it finds no whole header at the end. */
START_TEST(test_bounds_udp_tunnel_that_is_cut_is_never_read_on)
{
    const struct tunnel *tunnel = &tunnels[_i];
    uint8_t version = tunnel->version == 6 ? 6 : 4;
    add_tunnel(version, tunnel, version, false);
    size_t whole = length, inner = whole - (version == 6 ? 40 : 20);
    for (size_t cut = inner + 1; cut < whole; cut++) {
        length = cut;
        ck_assert_int_eq(judge(version, SS_BOUNDS_OUTSIDE), SS_USAGE);
        ck_assert_ptr_nonnull(strstr(problem.text, "no whole IP header"));
    }
    for (length = version == 6 ? 40 : 20; length <= inner; length++)
        ck_assert_msg(judge(version, SS_BOUNDS_OUTSIDE) == SS_OK, "%s", problem.text);
    length = 0;
}
END_TEST

START_TEST(test_bounds_udp_tunnel_in_a_tunnel_is_looked_into)
{
    static const uint8_t gue[] = {0, 17, 0, 0};
    for (int target = 0; target < 2; target++) {
        add_ip(4, 17, true);
        add_udp(6080);
        add(gue, sizeof gue);
        add_udp(2152);
        add(tunnels[13].prefix, tunnels[13].bytes);
        add_ip(4, 17, true);
        add_udp(6080);
        add_ip(4, 6, target);
        if (target)
            expect_passed(4);
        else
            expect_refused(4, "only to the target");
    }
}
END_TEST

/* --- what cannot be looked into -----------------------------------------------------------------
 */

static const struct {
    uint16_t port;
    const char *name;
    uint8_t least; /* octets with which it begins to carry something */
    uint8_t payload[PREFIX_MAX];
} hidden[] = {
    {4789, "what VXLAN carries", 9, {0x08, 0, 0, 0, 0, 0, 7, 0, 0x02}},
    {8472, "what VXLAN carries", 9, {0x08, 0, 0, 0, 0, 0, 7, 0, 0x02}},
    {4790, "what VXLAN-GPE carries", 9, {0x0c, 0, 0, 3, 0, 0, 7, 0, 0x45}},
    {4790, "what VXLAN-GPE carries", 9, {0x0c, 0, 0, 1, 0, 0, 7, 0, 0x02}},
    {6081, "what Geneve carries", 9, {0, 0, 0x65, 0x58, 0, 0, 7, 0, 0x45}},
    {2152, "what GTP carries", 9, {0x34, 255, 0, 9, 0, 0, 0, 1, 0x45}},
    {2152, "what GTP carries", 9, {0x30, 255, 0, 9, 0, 0, 0, 1, 0x02}},
    {1701, "what L2TP carries", 5, {0x00, 2, 0, 1, 0}},
    {6635, "what MPLS in UDP carries", 5, {0, 1, 0x01, 64, 0x45}},
};

START_TEST(test_bounds_udp_what_cannot_be_looked_into_is_refused)
{
    for (uint8_t version = 4; version <= 6; version += 2) {
        for (size_t count = 0; count < PREFIX_MAX; count++) {
            add_ip(version, 17, true);
            add_udp(hidden[_i].port);
            add(hidden[_i].payload, count);
            if (count < hidden[_i].least)
                expect_passed(version);
            else
                expect_refused(version, hidden[_i].name);
        }
    }
}
END_TEST

START_TEST(test_bounds_udp_tunnel_in_fragments_is_refused)
{
    add_tunnel(4, &tunnels[5], 4, true);
    ss_bytes_put16(octets + 6, MORE);
    expect_refused(4, "what Geneve carries");
    add_ip(4, 17, true);
    ss_bytes_put16(octets + 6, MORE);
    add("\4\0\22\265", 4); /* to port 4789, and there it ends */
    expect_refused(4, "a fragment that ends within its headers");
    add_ip(4, 17, true);
    ss_bytes_put16(octets + 6, MORE);
    add_udp(9);
    expect_passed(4);
}
END_TEST

/* --- what only looks like it --------------------------------------------------------------------
 */

START_TEST(test_bounds_udp_what_nobody_unpacks_passes)
{
    static const uint8_t echo[] = {0x30, 1, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0x45}; /* GTP */
    static const uint8_t control[] = {0xc8, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0};   /* L2TP, GUE */
    static const struct {
        uint16_t port;
        const uint8_t *payload;
        size_t bytes;
    } rows[] = {{2152, echo, sizeof echo}, {1701, control, sizeof control}, {6080, control, 12}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        add_ip(4, 17, true);
        add_udp(rows[i].port);
        add(rows[i].payload, rows[i].bytes);
        expect_passed(4);
    }
    add_tunnel(4, &tunnels[5], 4, false);
    octets[4 + 20 - 1] = 0x80; /* another port: 6016 */
    expect_passed(4);
    add_tunnel(4, &tunnels[5], 4, false);
    ss_bytes_put16(octets + 6, LATER); /* no header begins there */
    expect_passed(4);
    add_tunnel(4, &tunnels[5], 4, false);
    octets[9] = 6; /* TCP */
    expect_passed(4);
}
END_TEST

static Suite *bounds_udp_suite(void)
{
    Suite *suite = suite_create("bounds_udp");
    TCase *tcase = tcase_create("tunnels");
    tcase_add_loop_test(
        tcase, test_bounds_udp_tunnel_to_another_is_refused_and_to_the_target_passes, 0, TUNNELS);
    tcase_add_loop_test(tcase, test_bounds_udp_tunnel_that_is_cut_is_never_read_on, 0, TUNNELS);
    tcase_add_test(tcase, test_bounds_udp_tunnel_in_a_tunnel_is_looked_into);
    tcase_add_loop_test(tcase, test_bounds_udp_what_cannot_be_looked_into_is_refused, 0,
                        (int)(sizeof hidden / sizeof hidden[0]));
    tcase_add_test(tcase, test_bounds_udp_tunnel_in_fragments_is_refused);
    tcase_add_test(tcase, test_bounds_udp_what_nobody_unpacks_passes);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(bounds_udp_suite());
}
