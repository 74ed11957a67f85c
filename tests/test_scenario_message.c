/* test_scenario_message: UDP, ICMP, IGMP, ARP in place of flags, and the peer's part in them. */
#include "scenario_bounds.h"
#include "scenario_support.h"

START_TEST(test_scenario_message_protocols_in_any_case)
{
    expect_steps("> UDP\n> udp \"a\"\n< Udp size *\n",
                 "send UDP\nsend UDP octets:61\nexpect UDP size:any within:2000000\n");
}
END_TEST

START_TEST(test_scenario_message_has_fields_of_its_own_and_of_ip)
{
    expect_steps("> UDP sport=7 ttl=3 dport=9 checksum=0 length=8 source=10.0.0.9\n",
                 "send UDP sport=7 dport=9 checksum=0 length=8 ttl=3 source=10.0.0.9\n");
    expect_steps("> ICMP echo-request id=7 seq=1 rest=5 checksum=2 type=9 code=1 \"x\"\n",
                 "send ICMP echo-request id=7 seq=1 rest=5 checksum=2 type=9 code=1 octets:78\n");
    expect_steps("> IGMP query maxresp=100 group=239.1.2.3\n",
                 "send IGMP query maxresp=100 group=239.1.2.3\n");
}
END_TEST

/* Its frame is its own: of its Ethernet header, too, every field can be set. */
START_TEST(test_scenario_message_arp_has_ethernet_addresses)
{
    expect_steps("> ARP request\n< arp reply sha=* spa=10.0.0.2\n",
                 "send ARP request\n"
                 "expect ARP reply sha=any spa=10.0.0.2 within:2000000\n");
    expect_steps("> ARP op=9 sha=02:0a:Bc:dE:F0:1f tha=ff:ff:ff:ff:ff:ff tpa=10.0.0.9 htype=6 "
                 "ptype=1 hlen=8 plen=H\n",
                 "send ARP op=9 sha=02:0a:bc:de:f0:1f tha=ff:ff:ff:ff:ff:ff tpa=10.0.0.9 htype=6 "
                 "ptype=1 hlen=8 plen=bind H\n");
    expect_steps("<* ARP request ether.dst=ff:ff:ff:ff:ff:ff ether.src=* ether.type=T within 1s\n"
                 "> ARP reply ether.type=T+1\n",
                 "skipping ARP request ether.dst=ff:ff:ff:ff:ff:ff ether.src=any ether.type=bind T "
                 "within:1000000\nsend ARP reply ether.type=T+1\n");
}
END_TEST

/* The wider of both versions is what is known while none is chosen. */
START_TEST(test_scenario_message_field_has_the_bits_of_either_version)
{
    expect_steps("< ICMP fragmentation-needed mtu=4294967295\n",
                 "expect ICMP fragmentation-needed mtu=4294967295 within:2000000\n");
}
END_TEST

START_TEST(test_scenario_message_binds_ranges_and_any)
{
    expect_steps("< UDP sport=P dport=1..9 length=*\n> UDP dport=P\n",
                 "expect UDP sport=bind P dport=1..9 length=any within:2000000\n"
                 "send UDP dport=P\n");
}
END_TEST

START_TEST(test_scenario_message_type_may_be_a_number)
{
    expect_steps("> ICMP type=40\n< ICMP type=3 code=1..2 size *\n< IGMP type=0x16\n",
                 "send ICMP type=40\nexpect ICMP type=3 code=1..2 size:any within:2000000\n"
                 "expect IGMP type=22 within:2000000\n");
}
END_TEST

START_TEST(test_scenario_message_stands_behind_every_sign_and_in_groups)
{
    expect_steps("< UDP\n<? UDP\n<* UDP\n<! ICMP port-unreachable\n",
                 "expect UDP within:2000000\noptional UDP within:2000000\n"
                 "skipping UDP within:2000000\nnot ICMP port-unreachable within:200000\n");
    expect_steps("{\n< UDP \"a\"\n< ICMP echo-reply\n}\n",
                 "group of 2\nexpect UDP octets:61 within:2000000\n"
                 "expect ICMP echo-reply within:2000000\n");
}
END_TEST

START_TEST(test_scenario_message_harm_and_times_as_of_segments)
{
    expect_steps("> UDP corrupt=udp.checksum\n> ICMP echo-request corrupt=icmp.checksum\n"
                 "> IGMP leave corrupt=igmp.checksum corrupt=ip.checksum\n< UDP within 1s\n",
                 "send UDP corrupt-tcp\nsend ICMP echo-request corrupt-tcp\n"
                 "send IGMP leave corrupt-tcp corrupt-ip\nexpect UDP within:1000000\n");
}
END_TEST

/* What came before can be quoted, were it in an included file; octets need nothing before them. */
START_TEST(test_scenario_message_error_needs_something_to_quote)
{
    expect_steps("< UDP\n> ICMP port-unreachable\n",
                 "expect UDP within:2000000\nsend ICMP port-unreachable\n");
    expect_steps("> ICMP time-exceeded hex:4500\n", "send ICMP time-exceeded octets:4500\n");
    expect_steps("> ICMP echo-request\n", "send ICMP echo-request\n");
}
END_TEST

START_TEST(test_scenario_message_peer_has_a_udp_socket)
{
    expect_steps("peer bind\npeer sendto \"a\"\npeer sendto size 0\npeer expect datagram \"b\"\n"
                 "peer expect datagram size *\npeer join 239.1.2.3\npeer leave ff15::1 within 1s\n",
                 "peer bind within:2000000\npeer sendto octets:61 within:2000000\n"
                 "peer sendto size:0 within:2000000\n"
                 "peer expect datagram octets:62 within:2000000\n"
                 "peer expect datagram size:any within:2000000\n"
                 "peer join '239.1.2.3' within:2000000\npeer leave 'ff15::1' within:1000000\n");
}
END_TEST

/* What is spoken of decides what the wire listens to; what a peer is told, whether it is driven. */
START_TEST(test_scenario_message_is_noted_for_the_wire)
{
    static const struct {
        const char *text;
        bool spoken[SS_PROTOCOLS];
        bool drives;
    } cases[] = {
        {"> SYN\n", {true, false, false, false}, false},
        {"> UDP\n", {false, true, false, false}, false},
        {"<! ICMP echo-reply\n", {false, false, true, false}, false},
        {"<! ARP reply\n", {false, false, false, false, true}, false},
        {"> IGMP query\n> UDP\npeer bind\n", {false, true, false, true}, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ss_scenario_source source = source_of(cases[i].text, NULL);
        struct ss_diagnostics diagnostics;
        struct ss_scenario *scenario = NULL;
        ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_OK);
        ck_assert_mem_eq(scenario->speaks_of, cases[i].spoken, sizeof(cases[i].spoken));
        ck_assert(scenario->drives_peer == cases[i].drives);
        ss_scenario_free(scenario);
    }
}
END_TEST

/* A word that goes on behind an octet of zero is no protocol's name. */
START_TEST(test_scenario_message_octets_of_zero_end_no_name)
{
    static const char text[] = "> UDP\0\0\0\n> icmp\0 echo-request\n> IGMP report\0\n";
    struct ss_scenario_source source = source_of(text, NULL);
    struct ss_diagnostics diagnostics;
    struct ss_scenario *scenario = NULL;
    source.length = sizeof(text) - 1;
    ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_USAGE);
    ck_assert_uint_eq(diagnostics.found, 3);
    ck_assert(diagnostics_within_bounds(&diagnostics));
}
END_TEST

START_TEST(test_scenario_message_gives_at_most_24_fields)
{
    struct ss_diagnostics diagnostics;
    struct ss_scenario *scenario = NULL;
    struct ss_scenario_source source = source_of(
        "> ICMP echo-request type=1 code=1 checksum=1 rest=1 id=1 seq=1 mtu=1 pointer=1 "
        "source=1.1.1.1 "
        "destination=1.1.1.1 ttl=1 tos=1 ip.version=1 ip.ihl=1 ip.length=1 ip.id=1 ip.rf=1 ip.df=1 "
        "ip.mf=1 ip.offset=1 ip.protocol=1 ip.checksum=1 ip6.version=1 ip6.flow=1 ip6.length=1\n",
        NULL);
    ck_assert_int_eq(ss_scenario_parse(&source, &scenario, &diagnostics), SS_USAGE);
    ck_assert_str_eq(diagnostics.list[0].text, "a segment gives at most 24 fields");
}
END_TEST

static Suite *message_suite(void)
{
    Suite *suite = suite_create("scenario_message");
    TCase *all = tcase_create("all");
    tcase_add_test(all, test_scenario_message_protocols_in_any_case);
    tcase_add_test(all, test_scenario_message_has_fields_of_its_own_and_of_ip);
    tcase_add_test(all, test_scenario_message_field_has_the_bits_of_either_version);
    tcase_add_test(all, test_scenario_message_arp_has_ethernet_addresses);
    tcase_add_test(all, test_scenario_message_binds_ranges_and_any);
    tcase_add_test(all, test_scenario_message_type_may_be_a_number);
    tcase_add_test(all, test_scenario_message_stands_behind_every_sign_and_in_groups);
    tcase_add_test(all, test_scenario_message_harm_and_times_as_of_segments);
    tcase_add_test(all, test_scenario_message_error_needs_something_to_quote);
    tcase_add_test(all, test_scenario_message_peer_has_a_udp_socket);
    tcase_add_test(all, test_scenario_message_is_noted_for_the_wire);
    tcase_add_test(all, test_scenario_message_octets_of_zero_end_no_name);
    tcase_add_test(all, test_scenario_message_gives_at_most_24_fields);
    suite_add_tcase(suite, all);
    return suite;
}

int main(void)
{
    return check_main(message_suite());
}
