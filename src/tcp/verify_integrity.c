/*
 * verify_integrity: whether a packet can be believed at all: lengths, checksums, options.
 */
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "verify_internal.h"

enum {
    IP_FAULTS = SS_FAULT_LINK_CUT | SS_FAULT_NOT_IP | SS_FAULT_IP_CUT | SS_FAULT_IP_HEADER_LENGTH |
                SS_FAULT_IP_LENGTH | SS_FAULT_IP_EXTENSIONS,
    TCP_FAULTS = SS_FAULT_TRANSPORT_CUT | SS_FAULT_TCP_OFFSET,
    IPV4_CHECKSUM_OFFSET = 10,
};

/* The checksum that the IPv4 header should have (RFC 791 section 3.1). */
static uint16_t ip_checksum_expected(const struct ss_packet *packet)
{
    uint8_t header[SS_IPV4_HEADER_BYTES_MAX];
    size_t length = (size_t)packet->ipv4.ihl_words * 4;
    memcpy(header, packet->frame + packet->ip_offset, length);
    ss_bytes_put16(header + IPV4_CHECKSUM_OFFSET, 0);
    return ss_checksum_finish(ss_checksum_add(0, header, length));
}

static struct ss_verify_pair checksums(uint16_t expected, uint16_t actual)
{
    return (struct ss_verify_pair){SS_NUMBERS_CHECKSUM, expected, actual};
}

static void judge_lengths(struct ss_verify_case *c)
{
    uint32_t faults = c->packet->faults;
    if (faults & IP_FAULTS)
        ss_verify_say(c, SS_RULE_IP_MALFORMED, ss_verify_nothing());
    if (faults & TCP_FAULTS)
        ss_verify_say(c, SS_RULE_TCP_MALFORMED, ss_verify_nothing());
    if (c->packet->fragment)
        ss_verify_say(c, SS_RULE_FRAGMENT_NOT_JUDGED, ss_verify_nothing());
}

static void judge_ip_checksum(struct ss_verify_case *c)
{
    const struct ss_packet *packet = c->packet;
    uint16_t actual = packet->ipv4.checksum;
    switch (packet->ip_checksum) {
    case SS_CHECKSUM_NONE:
    case SS_CHECKSUM_OFFLOADED: /* a card finishes no IP checksum that we could tell apart */
        return;
    case SS_CHECKSUM_GOOD:
        ss_verify_say(c, SS_RULE_IP_CHECKSUM, checksums(actual, actual));
        return;
    case SS_CHECKSUM_BAD:
        ss_verify_say(c, SS_RULE_BAD_IP_CHECKSUM, checksums(ip_checksum_expected(packet), actual));
        return;
    }
}

static void judge_tcp_checksum(struct ss_verify_case *c)
{
    struct ss_verify_pair pair =
        checksums(c->packet->transport_checksum_expected, c->packet->tcp.checksum);
    switch (c->packet->transport_checksum) {
    case SS_CHECKSUM_NONE:
        return;
    case SS_CHECKSUM_GOOD:
        ss_verify_say(c, SS_RULE_TCP_CHECKSUM, pair);
        return;
    case SS_CHECKSUM_BAD:
        ss_verify_say(c, SS_RULE_BAD_CHECKSUM, pair);
        return;
    case SS_CHECKSUM_OFFLOADED:
        ss_verify_say(c, SS_RULE_CHECKSUM_OFFLOADED, pair);
        return;
    }
}

/*
 * False: no receiver would take the packet (RFC 9293 section 3.1: a segment whose checksum is wrong
 * is dropped), so that its numbers say nothing of the connection.
 */
bool ss_verify_judge_integrity(struct ss_verify_case *c)
{
    const struct ss_packet *packet = c->packet;
    judge_lengths(c);
    judge_ip_checksum(c);
    if (packet->transport != SS_TRANSPORT_TCP)
        return false;
    judge_tcp_checksum(c);
    return !packet->fragment && !(packet->faults & (IP_FAULTS | TCP_FAULTS)) &&
           packet->ip_checksum != SS_CHECKSUM_BAD && packet->transport_checksum != SS_CHECKSUM_BAD;
}

/* MSS, window scale and SACK permitted stand in a SYN only (RFC 9293 3.7.1, 7323 2.2, 2018 2). */
static void judge_syn_options_elsewhere(struct ss_verify_case *c)
{
    const struct ss_tcp_options *options = &c->packet->options;
    if (!c->syn && (options->has_mss || options->has_window_shift || options->sack_permitted))
        ss_verify_say(c, SS_RULE_OPTION_NOT_ALLOWED_HERE, ss_verify_nothing());
}

/* A SYN/ACK may offer scaling and timestamps only if the SYN did (RFC 7323 sections 2.2, 3.2). */
static void judge_synack_options(struct ss_verify_case *c)
{
    const struct ss_tcp_options *options = &c->packet->options;
    const struct ss_verify_side *asked = c->receiver;
    if (!c->syn || !c->ack || !asked->syn_seen)
        return;
    if ((options->has_window_shift && !asked->shift_offered) ||
        (options->has_timestamps && !asked->timestamps_sent))
        ss_verify_say(c, SS_RULE_OPTION_NOT_ALLOWED_HERE, ss_verify_nothing());
}

bool ss_verify_has_stray_urgent(const struct ss_verify_case *c)
{
    const struct ss_tcp_header *tcp = &c->packet->tcp;
    return tcp->urgent != 0 && !(tcp->flags & SS_TCP_URG);
}

/* RFC 9293 section 3.1: what pads the header after the end of the options is 0. */
bool ss_verify_has_options_after_end(const struct ss_verify_case *c)
{
    const struct ss_packet *packet = c->packet;
    size_t from = packet->transport_offset + SS_TCP_HEADER_BYTES;
    if (!packet->frame || packet->tcp.offset_words <= 5 || packet->payload_offset < from)
        return false;
    const uint8_t *octets = packet->frame + from;
    size_t length = packet->payload_offset - from, after = length;
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(octets, length);
    struct ss_tcp_option option;
    while (ss_tcp_option_next(&walk, &option))
        if (option.kind == SS_TCP_OPTION_END)
            after = option.offset + 1;
    for (size_t i = after; i < length; i++)
        if (octets[i] != 0)
            return true;
    return false;
}

static void judge_stray_octets(struct ss_verify_case *c)
{
    if (ss_verify_has_options_after_end(c))
        ss_verify_say(c, SS_RULE_OPTIONS_AFTER_END, ss_verify_nothing());
    if (ss_verify_has_stray_urgent(c))
        ss_verify_say(c, SS_RULE_URGENT_WITHOUT_FLAG, ss_verify_counted(0, c->packet->tcp.urgent));
}

static void judge_option_values(struct ss_verify_case *c)
{
    const struct ss_tcp_options *options = &c->packet->options;
    if (options->malformed)
        ss_verify_say(c, SS_RULE_OPTION_MALFORMED, ss_verify_nothing());
    if (options->has_window_shift && options->window_shift > SS_TCP_WINDOW_SHIFT_MAX)
        ss_verify_say(c, SS_RULE_WINDOW_SHIFT_OVER_14,
                      ss_verify_counted(SS_TCP_WINDOW_SHIFT_MAX, options->window_shift));
}

void ss_verify_judge_options(struct ss_verify_case *c)
{
    judge_option_values(c);
    judge_stray_octets(c);
    judge_syn_options_elsewhere(c);
    judge_synack_options(c);
}
