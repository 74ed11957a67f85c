/*
 * test_probe_fast: a series' frames made from its first one are those that are built anew.
 *
 * That those are right is proved elsewhere: test_probe, test_stack and test_stack_libnet.
 */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "../src/run/probe_parts.h"
#include "synstep/random.h"

enum { WORDS_SIZE = 600, PROBES = 4000, FRAMES = 12, HEADS_MAX = 100, HEAD_MAX = 100 };

static uint8_t fast_octets[SS_FRAME_BYTES_MAX], whole_octets[SS_FRAME_BYTES_MAX];
static uint8_t octets[SS_FRAME_BYTES_MAX];
static struct ss_problem problem;

static struct ss_probe_ends ends(uint8_t version)
{
    static const uint8_t near4[4] = {10, 0, 0, 1}, far4[4] = {10, 0, 0, 2};
    static const uint8_t near6[16] = {0xfd, [15] = 1}, far6[16] = {0xfd, [15] = 2};
    return (struct ss_probe_ends){
        .source = version == 6 ? ss_address_v6(near6) : ss_address_v4(near4),
        .target = version == 6 ? ss_address_v6(far6) : ss_address_v4(far4),
        .source_port = 1000,
        .target_port = 80,
    };
}

/* A finished probe; NULL when the words cannot be. */
static struct ss_probe *made(const char *words, uint8_t version, uint64_t seed)
{
    char copy[WORDS_SIZE], *rest = copy;
    struct ss_probe *probe = ss_probe_new(seed, NULL);
    const struct ss_probe_ends both = ends(version);
    enum ss_status status = SS_OK;
    snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word && status == SS_OK;
         word = strtok_r(NULL, " ", &rest))
        status = ss_probe_word(probe, word, &problem);
    if (status == SS_OK && ss_probe_finish(probe, &both, &problem) == SS_OK)
        return probe;
    ss_probe_free(probe);
    return NULL;
}

/* Frame `n` by both ways; the fast one first finds other octets there. */
static void check_frame(struct ss_probe *probe, const char *words, uint64_t n)
{
    size_t fast_length = 0, whole_length = 0;
    struct probe_fast *fast = probe->fast;
    memset(fast_octets, (int)(n % 251), sizeof(fast_octets));
    enum ss_status status =
        ss_probe_build(probe, n, fast_octets, sizeof(fast_octets), &fast_length, &problem);
    probe->fast = NULL;
    ck_assert_int_eq(
        ss_probe_build(probe, n, whole_octets, sizeof(whole_octets), &whole_length, &problem),
        status);
    probe->fast = fast;
    ck_assert_msg(fast_length == whole_length &&
                      memcmp(fast_octets, whole_octets, whole_length) == 0,
                  "frame %llu of %s differs", (unsigned long long)n, words);
}

static void check_frames(struct ss_probe *probe, const char *words, struct ss_random *random)
{
    uint64_t count = ss_probe_count(probe);
    const uint64_t fixed[] = {0, 1, 2, count - 1, count, count + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        check_frame(probe, words, fixed[i]);
    for (size_t i = 0; i < FRAMES; i++) {
        uint64_t n = ss_random_next32(random);
        check_frame(probe, words, n);
    }
}

/* What a wire makes of it that wants frames, and learns the cards late. */
static void check_framed(struct ss_probe *probe, const char *words, struct ss_random *random)
{
    struct ss_ethernet_ends cards;
    ck_assert_int_eq(ss_probe_frame(probe, &problem), SS_OK);
    check_frames(probe, words, random);
    memset(&cards, 0x0a + (int)ss_random_below(random, 99), sizeof cards);
    ss_probe_put_ends(probe, &cards);
    check_frames(probe, words, random);
}

/* --- words at random ----------------------------------------------------------------------------
 */

/* A layer, and what may be said of it: %N is a number that fits, %V anything that makes a series.
 */
struct sayings {
    const char *layer;
    const char *fields[16]; /* NAME:BITS */
    bool addresses;
};

static const struct sayings link_words = {"ether", {"type:16"}, false};
static const struct sayings tag_words = {"vlan", {"pcp:3", "dei:1", "vid:12", "type:16"}, false};
static const struct sayings ip_words = {"ip",
                                        {"tos:8", "dscp:6", "ecn:2", "id:16", "rf:1", "df:1",
                                         "mf:1", "offset:13", "ttl:8", "protocol:8", "checksum:16",
                                         "length:16", "ihl:4", "version:4"},
                                        true};
static const struct sayings ip6_words = {
    "ip6",
    {"class:8", "dscp:6", "ecn:2", "flow:20", "next:8", "hop:8", "length:16", "version:4"},
    true};
static const struct sayings carried_words[] = {
    {"tcp",
     {"sport:16", "dport:16", "seq:32", "ack:32", "offset:4", "reserved:4", "flags:8", "syn:1",
      "fin:1", "ackflag:1", "window:16", "checksum:16", "urgent:16"},
     false},
    {"udp", {"sport:16", "dport:16", "length:16", "checksum:16"}, false},
    {"icmp", {"type:8", "code:8", "rest:32", "id:16", "seq:16", "pointer:8", "checksum:16"}, false},
    {"icmp6", {"type:8", "code:8", "rest:32", "id:16", "seq:16", "mtu:32"}, false},
    {"igmp", {"type:8", "maxresp:8", "checksum:16"}, false},
};

struct writing {
    struct ss_random random;
    char text[WORDS_SIZE];
    size_t used;
};

static uint32_t below(struct writing *writing, uint32_t bound)
{
    return ss_random_below(&writing->random, bound);
}

static void say(struct writing *writing, const char *word)
{
    writing->used += (size_t)snprintf(writing->text + writing->used,
                                      sizeof(writing->text) - writing->used, "%s ", word);
    ck_assert_uint_lt(writing->used, sizeof(writing->text));
}

static uint32_t number(struct writing *writing, unsigned bits)
{
    return ss_random_next32(&writing->random) >> (32 - bits) >> below(writing, bits);
}

/* Every kind of value that there is for a number. */
static void say_value(struct writing *writing, const char *field)
{
    char word[120];
    int name = (int)strcspn(field, ":");
    unsigned bits = 0;
    (void)sscanf(field + name, ":%u", &bits);
    unsigned a = number(writing, bits), b = number(writing, bits), c = number(writing, bits);
    switch (below(writing, 5)) {
    case 0:
        snprintf(word, sizeof(word), "%.*s=%u", name, field, a);
        break;
    case 1:
        snprintf(word, sizeof(word), "%.*s=random", name, field);
        break;
    case 2:
        snprintf(word, sizeof(word), "%.*s=%u..%u", name, field, a < b ? a : b, a < b ? b : a);
        break;
    case 3:
        snprintf(word, sizeof(word), "%.*s=%u+%u*i", name, field, a, b);
        break;
    default:
        snprintf(word, sizeof(word), "%.*s=%u,%u..%u,%u*i,random", name, field, c, a < b ? a : b,
                 a < b ? b : a, c);
        break;
    }
    say(writing, word);
}

static void say_layer(struct writing *writing, const struct sayings *sayings)
{
    static const char *const v4[] = {"src=random", "dst=10.0.0.1-10.0.0.9", "src=1.2.3.4",
                                     "dst=255.255.255.255,0.0.0.0"};
    static const char *const v6[] = {"src=random", "dst=fd00::1,fd00::ffff",
                                     "src=::", "dst=ff02::1,random"};
    bool six = strcmp(sayings->layer, "ip6") == 0;
    say(writing, sayings->layer);
    for (size_t i = 0; i < 16 && sayings->fields[i]; i++)
        if (below(writing, 4) == 0)
            say_value(writing, sayings->fields[below(writing, 3) ? i : 0]);
    if (sayings->addresses && below(writing, 2) == 0)
        say(writing, (six ? v6 : v4)[below(writing, 4)]);
}

static void say_frame(struct writing *writing, uint8_t version)
{
    static const char *const harms[] = {"corrupt=tcp.checksum", "flip=bit:100", "truncate=30",
                                        "corrupt=ip.ttl+1"};
    static const char *const options[] = {"mss=random", "nop wscale=0-14 ts=i,random",
                                          "sackok ts=1-5,9 nop mss=1,random", "sack=J..J+i"};
    if (below(writing, 4) == 0) {
        say_layer(writing, &link_words);
        say(writing, below(writing, 2) ? "src=random" : "dst=02:00:00:00:00:01,random");
        if (below(writing, 2))
            say_layer(writing, &tag_words);
    }
    say_layer(writing, version == 6 ? &ip6_words : &ip_words);
    if (version == 6 && below(writing, 6) == 0)
        say(writing, below(writing, 2) ? "hop" : "dest options=hex:010401020304");
    if (version == 6 && below(writing, 12) == 0)
        say(writing, below(writing, 2) ? "route left=0,1 type=2 data=size:20" : "frag id=random");
    say_layer(writing, &carried_words[below(writing, 5)]);
    if (strstr(writing->text, "tcp ") && below(writing, 2) == 0)
        say(writing, options[below(writing, 4)]);
    if (below(writing, 3) == 0)
        say(writing, below(writing, 2) ? "data=size:37" : "data=random:12");
    if (below(writing, 8) == 0)
        say(writing, harms[below(writing, 4)]);
}

START_TEST(test_probe_fast_random_series_are_those_built_anew)
{
    struct ss_random random = ss_random_seeded(9293);
    int fast = 0, all = 0, probes = check_is_slow() ? PROBES / 40 : PROBES;
    for (int i = 0; i < probes; i++) {
        struct writing writing = {.random = ss_random_seeded((uint64_t)i)};
        uint8_t version = i % 2 ? 6 : 4;
        say_frame(&writing, version);
        struct ss_probe *probe = made(writing.text, version, (uint64_t)i * 7919);
        if (!probe)
            continue;
        all++;
        fast += probe->fast != NULL;
        check_frames(probe, writing.text, &random);
        if (i % 4 < 2)
            check_framed(probe, writing.text, &random);
        ss_probe_free(probe);
    }
    ck_assert_msg(all > probes / 2 && fast > all / 5, "%d of %d, %d fast", all, probes, fast);
}
END_TEST

/* --- which ones ---------------------------------------------------------------------------------
 */

static const struct {
    uint8_t version;
    const char *words;
    bool fast;
} chosen[] = {
    {4, "tcp sport=1024-65535 seq=random", true},
    {6, "tcp sport=1024-65535 seq=random ack=J+i", true},
    {4, "ip ttl=1-30 udp dport=33434+i data=hello", true},
    {6, "ip6 hop=1+i hop udp dport=1-9", true},
    {4, "icmp", true},
    {6, "icmp6 data=size:1000", true},
    {4, "ip src=random tcp flags=random", true},
    {4, "ether src=random vlan vid=1-9 ip tcp seq=random", true},
    {4, "tcp dport=5 dport=1-9", true},
    {4, "tcp checksum=1-9 sport=random", true},
    {4, "udp sport=0-65535 dport=0-65534", true},
    {4, "tcp seq=random corrupt=tcp.checksum truncate=39", true},
    {4, "tcp mss=536,1220,1460 wscale=0-14 ts=i,random", true},
    {6, "tcp nop ts=random,0 nop mss=random wscale=random sack=i..i+9", true}, /* odd places */
    {4, "tcp dport=1-9 dport=5", false},         /* the last one counts */
    {4, "tcp flags=random syn=1", false},        /* of these, too */
    {4, "ip offset=0,185 tcp", false},           /* fragments are looked at one by one */
    {4, "ip mf=1 udp sport=random", false},      /* a template knows no fragments */
    {4, "ip protocol=99 tcp seq=random", false}, /* nor what its header does not say */
    {4, "ip ip src=10.0.0.1 dst=10.0.0.2 tcp seq=random", false}, /* more than two checksums */
    {4, "icmp type=3 ip udp sport=random", false},
    {6, "route type=2 left=0,1 data=hex:00000000fd000000000000000000000000000009 tcp", false},
    {4, "ether arp tpa=10.0.0.1-10.0.0.9", false},     /* no IP */
    {4, "ether ip dst=10.0.0.2,224.0.0.1 tcp", false}, /* a group has a card of its own */
    {4, "ip raw octets=size:40", false},               /* no checksum that covers it */
};

START_TEST(test_probe_fast_is_taken_where_only_values_differ)
{
    struct ss_random random = ss_random_seeded(1);
    struct ss_probe *probe = made(chosen[_i].words, chosen[_i].version, 5);
    ck_assert_msg(probe != NULL, "%s: %s", chosen[_i].words, problem.text);
    ck_assert_msg((probe->fast != NULL) == chosen[_i].fast, "%s", chosen[_i].words);
    check_frames(probe, chosen[_i].words, &random);
    ss_probe_free(probe);
}
END_TEST

/* A value that was put in is in the checksums, whatever stood there: all sums of a UDP header, the
 * one among them that is sent as 65,535 (RFC 768). */
START_TEST(test_probe_fast_every_checksum_of_udp_is_right)
{
    const char *words = "udp sport=0-65535";
    struct ss_probe *probe = made(words, _i == 0 ? 4 : 6, 5);
    uint64_t step = check_is_slow() ? 257 : 1;
    ck_assert_ptr_nonnull(probe->fast);
    for (uint64_t n = 0; n < 65536; n += step)
        check_frame(probe, words, n);
    ss_probe_free(probe);
}
END_TEST

/* Up to where the transport begins, and a UDP port: where it goes. Not the id, nor IPv4's sum. */
static size_t take_head(const struct ss_probe *probe, uint64_t n, uint8_t head[HEAD_MAX])
{
    struct ss_stack stack;
    size_t length, end = 0;
    int ip = probe_find(probe, SS_LAYER_IP), udp = probe_find(probe, SS_LAYER_UDP);
    while (probe->stack.layers[end].kind < SS_LAYER_TCP)
        end++;
    ck_assert_int_eq(probe_lay(probe, n, &stack, octets, sizeof(octets), &length, &problem), SS_OK);
    size_t head_length = stack.offset[end];
    ck_assert_uint_le(head_length, HEAD_MAX - 2);
    if (ip >= 0) {
        memset(octets + stack.offset[ip] + 4, 0, 2);
        memset(octets + stack.offset[ip] + 10, 0, 2);
    }
    memcpy(head, octets, head_length);
    if (udp >= 0)
        memcpy(head + head_length, octets + stack.offset[udp] + 2, 2);
    return head_length + (udp >= 0 ? 2 : 0);
}

/* Each of the first frames has what the head before it has; how many heads there are. */
static size_t count_heads(const struct ss_probe *probe, const char *words, uint64_t frames)
{
    static uint8_t heads[HEADS_MAX][HEAD_MAX];
    uint8_t head[HEAD_MAX];
    size_t count = 0;
    uint64_t next = 0;
    for (uint64_t n = 0; n < frames; n++) {
        size_t length = take_head(probe, n, head), same = count > 0 ? count - 1 : 0;
        if (n == next) {
            ck_assert_uint_lt(count, HEADS_MAX);
            memcpy(heads[count++], head, length);
            next = ss_probe_next_head(probe, n);
            continue;
        }
        while (next == UINT64_MAX && same > 0 && memcmp(heads[same], head, length) != 0)
            same--;
        ck_assert_msg(memcmp(heads[same], head, length) == 0, "%s: frame %llu goes elsewhere",
                      words, (unsigned long long)n);
    }
    return count;
}

START_TEST(test_probe_fast_all_heads_are_known)
{
    static const struct {
        const char *words;
        uint8_t version;
        uint64_t frames;
        size_t heads;
    } rows[] = {
        {"tcp sport=1-9 seq=random mss=random", 4, 100, 1},
        {"ip id=5 checksum=7 tcp sport=1-9", 4, 100, 1},
        {"ip ttl=1-9 tcp", 4, 40, 9},
        {"ip ttl=1-9 tcp seq=1-50", 4, 1000, 9},
        {"ip ttl=1-9 src=10.0.0.1-10.0.0.3 tcp seq=1-5", 4, 300, 27},
        {"ip dst=10.0.0.2,10.0.0.9 tcp seq=1-5 sport=7,8", 4, 50, 2},
        {"ip ttl=1,i+4,9 tcp seq=1-5", 4, 60, 60},
        {"ip src=random tcp seq=1-50", 4, 60, 60},
        {"ip id=random tcp", 4, 60, 60},
        {"ip id=3,9 tcp seq=1-4", 4, 60, 2},
        {"ip6 hop=1-3 tcp dport=1-7", 6, 60, 3},
        {"ip6 flow=1-3 hop dest tcp dport=1-7 sport=1-2", 6, 100, 3},
        {"udp dport=1-3 sport=1-8 data=hello", 4, 60, 3},
        {"udp sport=1-3 dport=1-8", 4, 60, 8},
        {"udp sport=random dport=4789", 6, 60, 1},
        {"udp dport=random", 6, 60, 60},
        {"ip checksum=7 tcp sport=1-9", 4, 60, 60}, /* right beside one id, wrong beside the next */
        {"ether dst=random ip tcp", 4, 60, 60},
        {"ether src=02:00:00:00:00:01,02:00:00:00:00:02 ip tcp seq=1-4", 4, 60, 2},
        {"tcp sport=1-9 flip=bit:100", 4, 60, 60},
        {"ip offset=0,185 tcp", 4, 60, 60},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ss_probe *probe = made(rows[i].words, rows[i].version, 5);
        ck_assert_msg(count_heads(probe, rows[i].words, rows[i].frames) == rows[i].heads, "%s",
                      rows[i].words);
        ss_probe_free(probe);
    }
}
END_TEST

START_TEST(test_probe_fast_too_small_a_buffer_is_told_as_ever)
{
    struct ss_probe *probe = made("tcp seq=random", 4, 5);
    size_t length = 77;
    ck_assert_ptr_nonnull(probe->fast);
    ck_assert_int_eq(ss_probe_build(probe, 1, fast_octets, 39, &length, &problem), SS_NO_SPACE);
    ck_assert_uint_eq(length, 77);
    ss_probe_free(probe);
}
END_TEST

static Suite *probe_fast_suite(void)
{
    Suite *suite = suite_create("probe_fast");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_probe_fast_random_series_are_those_built_anew);
    tcase_add_loop_test(tcase, test_probe_fast_is_taken_where_only_values_differ, 0,
                        (int)(sizeof(chosen) / sizeof(chosen[0])));
    tcase_add_loop_test(tcase, test_probe_fast_every_checksum_of_udp_is_right, 0, 2);
    tcase_add_test(tcase, test_probe_fast_all_heads_are_known);
    tcase_add_test(tcase, test_probe_fast_too_small_a_buffer_is_told_as_ever);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(probe_fast_suite());
}
