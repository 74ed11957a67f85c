/*
 * test_isn_hosts: which SYNs count, whose they are, and that a flood of hosts drives out none that
 * is known.
 */
#include "synstep/isn_hosts.h"

#include <string.h>

#include "check_main.h"
#include "synstep/random.h"

enum { SYN = SS_TCP_SYN, ACK = SS_TCP_ACK, RST = SS_TCP_RST, FIN = SS_TCP_FIN };

struct bench {
    struct ss_isn_hosts *hosts;
    struct ss_verdicts verdicts;
    uint64_t frame;
};

static struct bench opened(void)
{
    struct bench bench = {.hosts = ss_isn_hosts_new()};
    ck_assert_ptr_nonnull(bench.hosts);
    return bench;
}

static struct ss_packet syn_of(uint32_t host, uint16_t port, uint32_t isn, uint8_t flags)
{
    struct ss_packet packet = {.version = 4, .transport = SS_TRANSPORT_TCP};
    const uint8_t from[4] = {10, (uint8_t)(host >> 16), (uint8_t)(host >> 8), (uint8_t)host};
    const uint8_t to[4] = {192, 0, 2, 1};
    ss_address_set_v4(&packet.source, from);
    ss_address_set_v4(&packet.destination, to);
    packet.tcp.source_port = port;
    packet.tcp.destination_port = 80;
    packet.tcp.seq = ss_seq_from(isn);
    packet.tcp.flags = flags;
    return packet;
}

/* Whether it is told of. */
static bool take(struct bench *bench, const struct ss_packet *packet)
{
    bench->verdicts.count = 0;
    bench->frame++;
    ss_isn_hosts_take(bench->hosts, packet, bench->frame, bench->frame * 1000000, &bench->verdicts);
    return bench->verdicts.count > 0;
}

START_TEST(test_isn_hosts_tells_in_the_frame_and_once)
{
    struct bench bench = opened();
    for (uint16_t i = 1; i < 20; i++) {
        uint8_t flags = i % 2 ? SYN : SYN | ACK; /* whichever it sends */
        struct ss_packet packet = syn_of(1, i, 5 + 64000U * i, flags);
        ck_assert_int_eq(take(&bench, &packet), i == SS_ISN_RUN + 1);
        if (bench.verdicts.count == 0)
            continue;
        ck_assert_int_eq(bench.verdicts.list[0].rule, SS_RULE_ISN_PREDICTABLE);
        ck_assert_int_eq(bench.verdicts.list[0].level, SS_VERDICT_WARNING);
        ck_assert_uint_eq(bench.verdicts.list[0].expected, SS_ISN_MISS_BY_CHANCE);
        ck_assert_uint_eq(bench.verdicts.list[0].actual, 0);
    }
    size_t count;
    uint64_t all;
    const struct ss_isn_told *told = ss_isn_hosts_told(bench.hosts, &count, &all);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(all, 1);
    ck_assert_uint_eq(told[0].frame, SS_ISN_RUN + 1);
    ck_assert_uint_eq(told[0].found.step, 64000);
    ck_assert_uint_eq(told[0].address.octets[3], 1);
    ss_isn_hosts_free(bench.hosts);
}
END_TEST

/* No ISN is chosen by what contradicts itself, has no SYN, is cut, or is dropped on arrival. */
START_TEST(test_isn_hosts_takes_only_what_can_be_believed)
{
    struct bench bench = opened();
    for (uint16_t i = 0; i < 7 * 20; i++) {
        struct ss_packet packet = syn_of(1, i, 5, SYN);
        const uint8_t flags[] = {ACK, SYN | RST, SYN | FIN};
        if (i % 7 < 3)
            packet.tcp.flags = flags[i % 7];
        else if (i % 7 == 3)
            packet.transport_checksum = SS_CHECKSUM_BAD;
        else if (i % 7 == 4)
            packet.ip_checksum = SS_CHECKSUM_BAD;
        else if (i % 7 == 5)
            packet.faults = SS_FAULT_TRANSPORT_CUT;
        else
            packet.source.version = 0;
        ck_assert(!take(&bench, &packet));
    }
    ss_isn_hosts_free(bench.hosts);
    ss_isn_hosts_free(NULL);
}
END_TEST

START_TEST(test_isn_hosts_are_kept_apart)
{
    struct bench bench = opened();
    struct ss_random random = ss_random_seeded(1);
    uint32_t told = 0;
    for (uint16_t i = 0; i < 50; i++)
        for (uint32_t host = 0; host < 10; host++) {
            bool constant = host == 3 || host == 8;
            uint32_t number = ss_random_next32(&random);
            struct ss_packet packet = syn_of(host, i, constant ? host : number, SYN);
            bool tells = take(&bench, &packet);
            ck_assert_int_eq(tells, constant && i == SS_ISN_RUN);
            told += tells;
        }
    ck_assert_uint_eq(told, 2);
    ss_isn_hosts_free(bench.hosts);
}
END_TEST

START_TEST(test_isn_hosts_that_flood_drive_out_none_that_is_known)
{
    struct bench bench = opened();
    struct ss_packet packet;
    for (uint16_t i = 0; i < SS_ISN_RUN; i++) {
        packet = syn_of(1, i, 5, SYN);
        ck_assert(!take(&bench, &packet));
    }
    for (uint32_t host = 2; host < 100000; host += check_is_slow() ? 5 : 1) {
        packet = syn_of(host, 1, 5, SYN);
        ck_assert(!take(&bench, &packet));
    }
    packet = syn_of(1, 99, 5, SYN);
    ck_assert(take(&bench, &packet));
    ss_isn_hosts_free(bench.hosts);
}
END_TEST

START_TEST(test_isn_hosts_beyond_those_listed_are_counted)
{
    struct bench bench = opened();
    size_t count;
    uint64_t all;
    for (uint32_t host = 0; host < SS_ISN_TOLD_MAX + 3; host++)
        for (uint16_t i = 0; i <= SS_ISN_RUN; i++) {
            struct ss_packet packet = syn_of(host, i, 5, SYN);
            take(&bench, &packet);
        }
    const struct ss_isn_told *told = ss_isn_hosts_told(bench.hosts, &count, &all);
    ck_assert_uint_eq(count, SS_ISN_TOLD_MAX);
    ck_assert_uint_eq(all, SS_ISN_TOLD_MAX + 3);
    ck_assert_uint_eq(told[SS_ISN_TOLD_MAX - 1].address.octets[3], SS_ISN_TOLD_MAX - 1);
    ss_isn_hosts_free(bench.hosts);
}
END_TEST

START_TEST(test_isn_hosts_full_list_of_verdicts_stays_as_it_is)
{
    struct bench bench = opened();
    for (uint16_t i = 0; i <= SS_ISN_RUN; i++) {
        struct ss_packet packet = syn_of(1, i, 5, SYN);
        bench.verdicts.count = SS_VERDICTS_MAX;
        ss_isn_hosts_take(bench.hosts, &packet, i, i, &bench.verdicts);
        ck_assert_uint_eq(bench.verdicts.count, SS_VERDICTS_MAX);
    }
    ss_isn_hosts_free(bench.hosts);
}
END_TEST

static Suite *isn_hosts_suite(void)
{
    Suite *suite = suite_create("isn_hosts");
    TCase *tcase = tcase_create("hosts");
    tcase_add_test(tcase, test_isn_hosts_tells_in_the_frame_and_once);
    tcase_add_test(tcase, test_isn_hosts_takes_only_what_can_be_believed);
    tcase_add_test(tcase, test_isn_hosts_are_kept_apart);
    tcase_add_test(tcase, test_isn_hosts_that_flood_drive_out_none_that_is_known);
    tcase_add_test(tcase, test_isn_hosts_beyond_those_listed_are_counted);
    tcase_add_test(tcase, test_isn_hosts_full_list_of_verdicts_stays_as_it_is);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(isn_hosts_suite());
}
