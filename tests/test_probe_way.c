/* test_probe_way: a message about groups or neighbours gets what its RFC has of IP, unless the
 * words say otherwise. The octets were worked out by another program. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "synstep/probe.h"

static const struct {
    uint8_t version;
    bool groups;
    const char *words;
    const char *hex;
} rows[] = {
    {4, true, "ip id=7 igmp group=239.1.2.3",
     "46000020000740000102e9cb0a000001ef010203940400001600f8faef010203"},
    {4, true, "ip id=7 igmp type=leave group=239.1.2.3",
     "46000020000740000102facd0a000001e0000002940400001700f7faef010203"},
    {4, true, "ip id=7 igmp type=query",
     "4500001c0007400001028fd70a000001e00000011100eeff00000000"},
    {4, true, "ip id=7 igmp type=query maxresp=9",
     "46000020000740000102face0a000001e0000001940400001109eef600000000"},
    {4, false, "ip id=7 igmp group=239.1.2.3",
     "46000020000740000102d0ce0a0000010a000002940400001600f8faef010203"},
    {4, true, "ip id=7 options=hex:01010101 ttl=9 dst=10.0.0.9 igmp",
     "460000200007400009025aca0a0000010a000009010101011600e9ff00000000"},
    {4, true, "ip id=7 options=hex: igmp",
     "4500001c0007400001028fd70a000001e00000011600e9ff00000000"},
    {4, true, "ip id=7 ihl=5 igmp", "4500001c0007400001028fd70a000001e00000011600e9ff00000000"},
    {6, true, "icmp6 type=mld-report data=hex:ff150000000000000000000000001234",
     "6000000000200001fe80000000000000000000fffe000001ff1500000000000000000000000012343a00050200000"
     "10083005c9700000000ff150000000000000000000000001234"},
    {6, false, "icmp6 type=mld-report data=hex:ff150000000000000000000000001234",
     "6000000000200001fd000000000000000000000000000001fd0000000000000000000000000000023a00050200000"
     "1008300715e00000000ff150000000000000000000000001234"},
    {6, true, "ip6 hop icmp6 type=mld-done data=hex:ff150000000000000000000000001234",
     "6000000000200001fe80000000000000000000fffe000001ff0200000000000000000000000000023a00050200000"
     "10084006ddc00000000ff150000000000000000000000001234"},
    {6, true, "ip6 hop options=hex:010400000000 icmp6 type=mld2-report",
     "6000000000100001fe80000000000000000000fffe000001ff0200000000000000000000000000163a00010400000"
     "0008f00742200000000"},
    {6, true, "ip6 next=58 src=fe80::7 icmp6 type=mld-query",
     "6000000000083a01fe800000000000000000000000000007ff0200000000000000000000000000018200803100000"
     "000"},
    {6, true, "icmp6 type=neighbor-solicitation data=hex:fd000000000000000000000000000002",
     "6000000000183afffd000000000000000000000000000001ff0200000000000000000001ff000002870080a100000"
     "000fd000000000000000000000000000002"},
    {6, true, "icmp6 type=neighbor-advertisement data=hex:fd000000000000000000000000000002",
     "6000000000183afffd000000000000000000000000000001fd000000000000000000000000000002880080a500000"
     "000fd000000000000000000000000000002"},
    {6, true, "ip6 hop=3 icmp6 id=0 seq=0",
     "6000000000083a03fd000000000000000000000000000001fd000000000000000000000000000002800085b800000"
     "000"},
    {6, true, "icmp6 type=neighbor-solicitation",
     "6000000000183afffd000000000000000000000000000001ff0200000000000000000001ff000002870080a100000"
     "000fd000000000000000000000000000002"},
    {6, false, "icmp6 type=neighbor-solicitation target=fd00::9",
     "6000000000183afffd000000000000000000000000000001fd0000000000000000000000000000028700819e00000"
     "000fd000000000000000000000000000009"},
    {6, true, "icmp6 type=neighbor-advertisement solicited=1 override=1",
     "6000000000183afffd000000000000000000000000000001fd000000000000000000000000000002880020a660000"
     "000fd000000000000000000000000000001"},
    {6, true,
     "icmp6 type=router-advertisement hoplimit=64 managed=1 lifetime=1800 retrans=5 "
     "data=hex:0501000000000578",
     "6000000000183afffd000000000000000000000000000001ff02000000000000000000000000000186002ba140800"
     "70800000000000000050501000000000578"},
    {6, true, "icmp6 type=redirect target=fe80::2 destination=fd00::9",
     "6000000000283afffd000000000000000000000000000001fd0000000000000000000000000000028900810b00000"
     "000fe800000000000000000000000000002fd000000000000000000000000000009"},
    {6, true, "icmp6 type=mld-query group=ff15::7 maxresp=1000 s=1 qrv=2 qqic=125",
     "6000000000240001fe80000000000000000000fffe000001ff1500000000000000000000000000073a00050200000"
     "1008200738803e80000ff1500000000000000000000000000070a7d0000"},
    {6, true, "icmp6 type=mld2-report records=1 data=hex:04000000ff150000000000000000000000000007",
     "6000000000240001fe80000000000000000000fffe000001ff0200000000000000000000000000163a00050200000"
     "1008f0070f00000000104000000ff150000000000000000000000000007"},
    {4, true, "ip id=7 icmp type=timestamp id=3 seq=4 originate=1000 transmit=9",
     "4500002800074000400126cc0a0000010a0000020d00ef0700030004000003e80000000000000009"},
    {4, true, "ip id=7 icmp type=17 id=3 seq=4 mask=255.255.255.0",
     "4500002000074000400126d40a0000010a0000021100eff700030004ffffff00"},
    {4, true, "ip id=7 igmp type=query maxresp=9 qrv=2 sources=1 data=hex:0a000009",
     "46000028000740000102fac60a000001e0000001940400001109e2ec00000000020000010a000009"},
};

static struct ss_probe_ends ends_of(uint8_t version, bool groups)
{
    static const uint8_t near4[4] = {10, 0, 0, 1}, far4[4] = {10, 0, 0, 2};
    static const uint8_t near6[16] = {0xfd, [15] = 1}, far6[16] = {0xfd, [15] = 2};
    static const uint8_t link6[16] = {0xfe, 0x80, [11] = 0xff, 0xfe, [15] = 1};
    return (struct ss_probe_ends){
        .source = version == 6 ? ss_address_v6(near6) : ss_address_v4(near4),
        .target = version == 6 ? ss_address_v6(far6) : ss_address_v4(far4),
        .groups = groups,
        .link_source = ss_address_v6(link6),
    };
}

START_TEST(test_probe_way_frames_are_those_of_the_rfcs)
{
    static uint8_t octets[SS_FRAME_BYTES_MAX];
    const struct ss_probe_ends ends = ends_of(rows[_i].version, rows[_i].groups);
    struct ss_probe *probe = ss_probe_new(1, NULL);
    struct ss_problem problem = {.status = SS_OK};
    char copy[200], *rest = copy, hex[600] = "";
    size_t length = 0;
    snprintf(copy, sizeof copy, "%s", rows[_i].words);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        ck_assert_msg(ss_probe_word(probe, word, &problem) == SS_OK, "%s", problem.text);
    ck_assert_msg(ss_probe_finish(probe, &ends, &problem) == SS_OK, "%s", problem.text);
    ck_assert_int_eq(ss_probe_build(probe, 0, octets, sizeof octets, &length, &problem), SS_OK);
    for (size_t i = 0; i < length; i++)
        sprintf(hex + 2 * i, "%02x", octets[i]);
    ck_assert_str_eq(hex, rows[_i].hex);
    ss_probe_free(probe);
}
END_TEST

static Suite *probe_way_suite(void)
{
    Suite *suite = suite_create("probe_way");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, test_probe_way_frames_are_those_of_the_rfcs, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(probe_way_suite());
}
