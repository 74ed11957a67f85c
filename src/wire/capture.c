/*
 * capture: opens libpcap in immediate mode with a filter in the kernel, and takes frames from it.
 */
#include "capture.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "forbidden.h"
#include "link_header.h"
#include "synstep/packet.h"

enum {
    /* The longest datagram behind the longest link header, so that nothing is ever cut. */
    SNAPSHOT_BYTES = SS_DATAGRAM_BYTES_MAX + 20,
    /*
     * Where segmentation offload may hand over 64 KiB at once, libpcap gives each frame a slot of
     * that size: 128 of them, more than a whole window of small segments.
     */
    RING_BYTES = 8 * 1024 * 1024,
    FILTER_TEXT_SIZE = 1024,
};

static enum ss_status failed(struct ss_capture *capture, const char *interface, int error,
                             struct ss_problem *problem)
{
    const char *words = pcap_geterr(capture->pcap);
    if (words[0] == '\0')
        words = pcap_statustostr(error);
    if (error == PCAP_ERROR_PERM_DENIED)
        return ss_forbidden_raw("no packet capture", problem);
    return ss_problem_set(problem, SS_IO, "cannot capture on %s: %s", interface, words);
}

static void describe_ports(char *text, size_t size, const struct ss_raw_options *options)
{
    int used = snprintf(text, size, "tcp");
    if (options->peer_port)
        used +=
            snprintf(text + used, size - (size_t)used, " and tcp src port %u", options->peer_port);
    if (options->local_port)
        (void)snprintf(text + used, size - (size_t)used, " and tcp dst port %u",
                       options->local_port);
}

/*
 * TCP between the two ends, and the ICMP errors (RFC 792; RFC 4443 section 2.1: types below 128)
 * that any router may send. libpcap's "tcp" sees no TCP behind IPv6 extension headers: those are
 * let through, and looked at in user space.
 */
static void describe(char *text, size_t size, const struct ss_raw_options *options)
{
    char local[SS_ADDRESS_TEXT_SIZE];
    char peer[SS_ADDRESS_TEXT_SIZE];
    char ports[64];
    ss_address_format(local, &options->route.local);
    ss_address_format(peer, &options->route.peer);
    describe_ports(ports, sizeof ports, options);
    if (options->route.local.version == 6)
        (void)snprintf(text, size,
                       "ip6 and dst host %s and ((src host %s and ((%s) or (ip6[6] != 6 and "
                       "ip6[6] != 17 and ip6[6] != 58))) or (icmp6 and ip6[40] > 0 and "
                       "ip6[40] < 128))",
                       local, peer, ports);
    else
        (void)snprintf(text, size,
                       "ip and dst host %s and ((src host %s and %s) or (icmp and (icmp[0] = 3 or "
                       "icmp[0] = 4 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12)))",
                       local, peer, ports);
}

static enum ss_status set_filter(struct ss_capture *capture, const struct ss_raw_options *options,
                                 struct ss_problem *problem)
{
    char text[FILTER_TEXT_SIZE];
    struct bpf_program program;
    describe(text, sizeof text, options);
    int error = pcap_compile(capture->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN);
    if (error != 0)
        return failed(capture, options->route.interface, error, problem);
    error = pcap_setfilter(capture->pcap, &program);
    pcap_freecode(&program);
    return error ? failed(capture, options->route.interface, error, problem) : SS_OK;
}

/* Immediate: without it libpcap gathers frames for a while, which costs milliseconds a reply. */
static int activate(pcap_t *pcap)
{
    int error = pcap_set_snaplen(pcap, SNAPSHOT_BYTES);
    error |= pcap_set_immediate_mode(pcap, 1);
    error |= pcap_set_buffer_size(pcap, RING_BYTES);
    return error ? error : pcap_activate(pcap);
}

static enum ss_status arm(struct ss_capture *capture, const struct ss_raw_options *options,
                          struct ss_problem *problem)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    int error = activate(capture->pcap);
    if (error < 0) /* above 0: warnings, such as no promiscuous mode, which is not asked for */
        return failed(capture, options->route.interface, error, problem);
    capture->link_type = pcap_datalink(capture->pcap);
    if (!ss_link_header_known(capture->link_type))
        return ss_problem_set(problem, SS_USAGE, "interface %s carries %s, which is not read here",
                              options->route.interface,
                              pcap_datalink_val_to_description_or_dlt(capture->link_type));
    enum ss_status status = set_filter(capture, options, problem);
    if (status != SS_OK)
        return status;
    /* Loopback hands over each frame leaving and coming; libpcap keeps the coming one by itself. */
    (void)pcap_setdirection(capture->pcap, PCAP_D_IN);
    if (pcap_setnonblock(capture->pcap, 1, words) != 0)
        return ss_problem_set(problem, SS_IO, "cannot capture on %s: %s", options->route.interface,
                              words);
    capture->descriptor = pcap_get_selectable_fd(capture->pcap);
    return SS_OK;
}

enum ss_status ss_capture_open(struct ss_capture *capture, const struct ss_raw_options *options,
                               struct ss_problem *problem)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    *capture = (struct ss_capture){
        .pcap = pcap_create(options->route.interface, words),
        .descriptor = -1,
        .version = options->route.local.version,
        .local_port = options->local_port,
        .peer_port = options->peer_port,
    };
    if (!capture->pcap)
        return ss_problem_set(problem, SS_IO, "cannot capture on %s: %s", options->route.interface,
                              words);
    enum ss_status status = arm(capture, options, problem);
    if (status != SS_OK)
        ss_capture_close(capture);
    return status;
}

void ss_capture_close(struct ss_capture *capture)
{
    if (capture->pcap)
        pcap_close(capture->pcap);
    capture->pcap = NULL;
}

/*
 * The frame's own time is in CLOCK_REALTIME. How long ago that is, is measured at once, so that
 * setting the host's clock in mid-run does no harm: an age that cannot be counts as none.
 */
static uint64_t arrival_time(struct ss_capture *capture, const struct timeval *seen)
{
    uint64_t now_us = ss_clock_monotonic_us();
    uint64_t realtime_us = ss_clock_realtime_us();
    uint64_t seen_us = (uint64_t)seen->tv_sec * 1000000 + (uint64_t)seen->tv_usec;
    uint64_t age_us = realtime_us > seen_us ? realtime_us - seen_us : 0;
    uint64_t time_us = age_us < now_us ? now_us - age_us : now_us;
    if (time_us < capture->last_us)
        time_us = capture->last_us;
    capture->last_us = time_us;
    return time_us;
}

/* What the kernel's filter could not tell: TCP behind IPv6 extension headers. */
static bool is_wanted(const struct ss_capture *capture, const uint8_t *octets, size_t length)
{
    enum { NEXT_HEADER = 6, PROTOCOL_TCP = 6, PROTOCOL_ICMPV6 = 58 };
    if (capture->version == 4)
        return true;
    if (length <= NEXT_HEADER)
        return false;
    if (octets[NEXT_HEADER] == PROTOCOL_TCP || octets[NEXT_HEADER] == PROTOCOL_ICMPV6)
        return true;
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, octets, length, &packet);
    return packet.transport == SS_TRANSPORT_TCP &&
           (capture->peer_port == 0 || packet.tcp.source_port == capture->peer_port) &&
           (capture->local_port == 0 || packet.tcp.destination_port == capture->local_port);
}

static bool take(struct ss_capture *capture, const struct pcap_pkthdr *header, const uint8_t *frame,
                 struct ss_arrival *arrival)
{
    size_t offset;
    if (!ss_link_header_skip(capture->link_type, header->caplen, &offset) ||
        !is_wanted(capture, frame + offset, header->caplen - offset))
        return false;
    *arrival = (struct ss_arrival){
        .octets = frame + offset,
        .length = header->caplen - offset,
        .time_us = arrival_time(capture, &header->ts),
        .fate = SS_FATE_DELIVERED,
    };
    return true;
}

enum ss_status ss_capture_next(struct ss_capture *capture, struct ss_arrival *arrival,
                               struct ss_problem *problem)
{
    for (;;) {
        struct pcap_pkthdr *header;
        const uint8_t *frame;
        int got = pcap_next_ex(capture->pcap, &header, &frame);
        if (got == 0)
            return SS_TIMED_OUT;
        if (got < 0)
            return ss_problem_set(problem, SS_IO, "the capture broke off: %s",
                                  pcap_geterr(capture->pcap));
        if (take(capture, header, frame, arrival))
            return SS_OK;
    }
}
