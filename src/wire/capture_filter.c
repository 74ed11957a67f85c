/*
 * capture_filter: says in libpcap's language what is wanted, and gives the kernel the program.
 */
#include "capture_filter.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "kernel_filter.h"
#include "synstep/bytes.h"

enum { FILTER_TEXT_SIZE = 512, PORTS_TEXT_SIZE = 64 };

static void describe_ports(char text[PORTS_TEXT_SIZE], const struct ss_capture_options *options)
{
    int used = snprintf(text, PORTS_TEXT_SIZE, "tcp");
    if (options->peer_port)
        used += snprintf(text + used, PORTS_TEXT_SIZE - (size_t)used, " and tcp src port %u",
                         options->peer_port);
    if (options->local_port)
        (void)snprintf(text + used, PORTS_TEXT_SIZE - (size_t)used, " and tcp dst port %u",
                       options->local_port);
}

/* Everything from the peer, and the ICMP errors that any router may send. */
static void describe_all(char text[FILTER_TEXT_SIZE], const char *local, const char *peer, bool v6)
{
    (void)snprintf(text, FILTER_TEXT_SIZE,
                   v6 ? "ip6 and dst host %s and (src host %s or (icmp6 and ip6[40] > 0 and "
                        "ip6[40] < 128))"
                      : "ip and dst host %s and (src host %s or (icmp and (icmp[0] = 3 or "
                        "icmp[0] = 4 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12)))",
                   local, peer);
}

/*
 * And what anybody on the link sends to a group: RFC 3810 section 5.2.13 has reports come from
 * addresses of the link. In parentheses, since to libpcap `and` binds no closer than `or`.
 */
static void describe_groups(char text[FILTER_TEXT_SIZE], const char *local, const char *peer,
                            bool v6)
{
    char all[FILTER_TEXT_SIZE - 64];
    describe_all(text, local, peer, v6);
    (void)snprintf(all, sizeof all, "%.*s", (int)sizeof all - 1, text);
    (void)snprintf(
        text, FILTER_TEXT_SIZE,
        v6 ? "(%s) or (ip6 and dst net ff00::/8)" : "(%s) or (ip and dst net 224.0.0.0/4)", all);
}

/*
 * TCP between the two ends, and the ICMP errors (RFC 792; RFC 4443 section 2.1: types below 128)
 * that any router may send. libpcap's "tcp" sees no TCP behind IPv6 extension headers: those are
 * let through, and looked at by ss_capture_next.
 */
static void describe_tcp(char text[FILTER_TEXT_SIZE], const struct ss_capture_options *options,
                         const char *local, const char *peer, bool v6)
{
    char ports[PORTS_TEXT_SIZE];
    describe_ports(ports, options);
    if (v6)
        (void)snprintf(text, FILTER_TEXT_SIZE,
                       "ip6 and dst host %s and ((src host %s and ((%s) or (ip6[6] != 6 and "
                       "ip6[6] != 17 and ip6[6] != 58))) or (icmp6 and ip6[40] > 0 and "
                       "ip6[40] < 128))",
                       local, peer, ports);
    else
        (void)snprintf(text, FILTER_TEXT_SIZE,
                       "ip and dst host %s and ((src host %s and %s) or (icmp and (icmp[0] = 3 or "
                       "icmp[0] = 4 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12)))",
                       local, peer, ports);
}

static void describe_all_and_arp(char text[FILTER_TEXT_SIZE], const char *local, const char *peer,
                                 bool v6)
{
    char all[FILTER_TEXT_SIZE];
    describe_all(all, local, peer, v6);
    (void)snprintf(text, FILTER_TEXT_SIZE, v6 ? "%s" : "(%s) or (arp and arp src host %s)", all,
                   peer);
}

static void describe_groups_and_arp(char text[FILTER_TEXT_SIZE], const char *local,
                                    const char *peer, bool v6)
{
    size_t length;
    describe_groups(text, local, peer, v6);
    length = strlen(text);
    if (!v6)
        (void)snprintf(text + length, FILTER_TEXT_SIZE - length, " or arp");
}

/*
 * An ARP reply of that address (RFC 826), or an advertisement of it (RFC 4861 section 4.4): its
 * sender may be another address of the same neighbour.
 */
static void describe_neighbour(char text[FILTER_TEXT_SIZE], const struct ss_address *peer)
{
    enum { TARGET = 48 /* of the advertisement, from the IPv6 header on */ };
    char name[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(name, peer);
    if (peer->version != 6) {
        (void)snprintf(text, FILTER_TEXT_SIZE, "arp and arp[6:2] = 2 and arp src host %s", name);
        return;
    }
    int used = snprintf(text, FILTER_TEXT_SIZE, "icmp6 and ip6[40] = 136");
    for (int word = 0; word < 4; word++)
        used += snprintf(text + used, FILTER_TEXT_SIZE - (size_t)used, " and ip6[%d:4] = %#x",
                         TARGET + 4 * word, ss_bytes_get32(peer->octets + 4 * (size_t)word));
}

static void describe(char text[FILTER_TEXT_SIZE], const struct ss_capture_options *options)
{
    char local[SS_ADDRESS_TEXT_SIZE];
    char peer[SS_ADDRESS_TEXT_SIZE];
    bool v6 = options->route.local.version == 6;
    ss_address_format(local, &options->route.local);
    ss_address_format(peer, &options->route.peer);
    switch (options->hear) {
    case SS_CAPTURE_TCP:
        describe_tcp(text, options, local, peer, v6);
        return;
    case SS_CAPTURE_PEER:
        describe_all(text, local, peer, v6);
        return;
    case SS_CAPTURE_PEER_AND_GROUPS:
        describe_groups(text, local, peer, v6);
        return;
    case SS_CAPTURE_PEER_AND_ARP:
        describe_all_and_arp(text, local, peer, v6);
        return;
    case SS_CAPTURE_GROUPS_AND_ARP:
        describe_groups_and_arp(text, local, peer, v6);
        return;
    case SS_CAPTURE_NEIGHBOUR:
        describe_neighbour(text, &options->route.peer);
        return;
    }
}

enum ss_status ss_capture_filter(int socket, const struct ss_capture_options *options,
                                 struct ss_problem *problem)
{
    char text[FILTER_TEXT_SIZE];
    struct bpf_program program;
    pcap_t *compiler =
        pcap_open_dead(options->frames ? DLT_EN10MB : DLT_RAW, SS_DATAGRAM_BYTES_MAX);
    enum ss_status status = SS_OK;
    if (!compiler)
        return ss_problem_set(problem, SS_IO,
                              "libpcap cannot be loaded: is it installed? or memory is out");
    describe(text, options);
    if (pcap_compile(compiler, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        status = ss_problem_set(problem, SS_IO, "libpcap cannot compile the capture filter: %s",
                                pcap_geterr(compiler));
    } else {
        if (ss_kernel_filter_attach(socket, &program) != 0)
            status = ss_problem_set(problem, SS_IO, "the kernel refuses the capture filter: %s",
                                    strerror(errno));
        pcap_freecode(&program);
    }
    pcap_close(compiler);
    return status;
}
