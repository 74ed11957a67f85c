/* tally: a line for each answer, and the sum in the last ones. */
#include "synstep/tally.h"

#include <inttypes.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/headers.h"
#include "tally_parts.h"
#include "text.h"

/* --- what both ways need ------------------------------------------------------------------------
 */

enum { PROTOCOL_UDP = 17, UDP_BYTES = 8 };

static bool is_udp(const struct ss_packet *packet)
{
    return packet->protocol == PROTOCOL_UDP && packet->version != 0 &&
           packet->transport == SS_TRANSPORT_NONE && !packet->fragment &&
           packet->frame_length >= packet->transport_offset + UDP_BYTES;
}

bool ss_tally_arp_of(const struct ss_tally_answer *answer, struct ss_tally_arp *arp)
{
    enum { OPERATION = 6, CARD = 8, SENDER = 14 };
    const struct ss_packet *packet = answer->packet;
    struct ss_stack stack;
    struct ss_stack_faults faults;
    size_t at = 0;
    if (answer->link != SS_LINK_ETHERNET || packet->version != 0)
        return false;
    ss_stack_dissect(SS_LINK_ETHERNET, packet->frame, packet->frame_length, &stack, &faults);
    while (at < stack.count && stack.layers[at].kind != SS_LAYER_ARP)
        at++;
    if (at == stack.count)
        return false;
    const uint8_t *message = packet->frame + stack.offset[at];
    *arp = (struct ss_tally_arp){.operation = ss_bytes_get16(message + OPERATION),
                                 .card = message + CARD,
                                 .sender = ss_address_v4(message + SENDER)};
    return true;
}

void ss_tally_format_card(char text[SS_TALLY_CARD_TEXT_SIZE], const uint8_t card[6])
{
    snprintf(text, SS_TALLY_CARD_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", card[0], card[1],
             card[2], card[3], card[4], card[5]);
}

const char *ss_tally_kind(const struct ss_tally_answer *answer)
{
    struct ss_tally_arp arp;
    switch (answer->packet->transport) {
    case SS_TRANSPORT_TCP:
        return "tcp";
    case SS_TRANSPORT_ICMP:
        return "icmp";
    case SS_TRANSPORT_NONE:
        break;
    }
    if (is_udp(answer->packet))
        return "udp";
    return ss_tally_arp_of(answer, &arp) ? "arp" : "other";
}

struct ss_address ss_tally_source(const struct ss_tally_answer *answer)
{
    struct ss_tally_arp arp;
    return ss_tally_arp_of(answer, &arp) ? arp.sender : answer->packet->source;
}

uint16_t ss_tally_source_port(const struct ss_packet *packet)
{
    if (packet->transport == SS_TRANSPORT_TCP)
        return packet->tcp.source_port;
    return is_udp(packet) ? ss_bytes_get16(packet->frame + packet->transport_offset) : 0;
}

bool ss_tally_silent(const struct ss_tally_end *end, uint64_t *at, uint64_t *first, uint64_t *last)
{
    uint64_t sent = end->sum.sent;
    while (*at < sent && ss_answers_has(end->answers, *at))
        ++*at;
    *first = *at;
    while (*at < sent && !ss_answers_has(end->answers, *at))
        ++*at;
    *last = *at - 1;
    return *first < sent;
}

/* --- style --------------------------------------------------------------------------------------
 */

static const char *style(const struct ss_tally_options *options, const char *code)
{
    return options->color ? code : "";
}

#define GOOD "\033[32m"
#define BAD "\033[31m"
#define PLAIN "\033[0m"

static const char *mark(const struct ss_tally_options *options, bool right)
{
    if (options->ascii)
        return right ? "ok" : "WRONG";
    return right ? "✓" : "✗";
}

/* --- an answer ----------------------------------------------------------------------------------
 */

static void add_tcp(struct ss_text *line, const struct ss_tally_answer *answer)
{
    const struct ss_packet *packet = answer->packet;
    char flags[SS_TCP_FLAGS_TEXT_SIZE], symbol[SS_SEQ_TEXT_SIZE];
    char options[SS_TCP_OPTIONS_TEXT_SIZE];
    ss_tcp_flags_format(flags, packet->tcp.flags);
    ss_text_add(line, "  %s seq %" PRIu32, flags, packet->tcp.seq.value);
    if (packet->tcp.flags & SS_TCP_ACK) {
        ss_verify_symbol(answer->verify, SS_SIDE_A, packet->tcp.ack, symbol);
        ss_text_add(line, " ack %" PRIu32, packet->tcp.ack.value);
        if (symbol[0] < '0' || symbol[0] > '9')
            ss_text_add(line, " = %s", symbol);
    }
    ss_text_add(line, " win %u", packet->tcp.window);
    ss_tcp_options_format(options, &packet->options);
    if (options[0])
        ss_text_add(line, " %s", options);
}

static bool is_echo(const struct ss_packet *packet)
{
    enum { REPLY = 0, REQUEST = 8, REQUEST_V6 = 128, REPLY_V6 = 129 };
    uint8_t type = packet->icmp.type;
    return packet->version == 6 ? type == REQUEST_V6 || type == REPLY_V6
                                : type == REQUEST || type == REPLY;
}

static void add_icmp(struct ss_text *line, const struct ss_packet *packet)
{
    ss_text_add(line, "  %s", ss_icmp_text(packet->version, packet->icmp.type, packet->icmp.code));
    if (is_echo(packet))
        ss_text_add(line, " id %u seq %u", packet->icmp.rest >> 16, packet->icmp.rest & 0xffff);
}

static void add_udp(struct ss_text *line, size_t octets)
{
    ss_text_add(line, "  UDP, %zu octet%s", octets, octets == 1 ? "" : "s");
}

static void add_arp(struct ss_text *line, const struct ss_tally_arp *arp)
{
    char card[SS_TALLY_CARD_TEXT_SIZE];
    size_t field;
    const char *operation = NULL;
    if (ss_layer_field_from_name(SS_LAYER_ARP, "op", &field))
        operation = ss_layer_value_text(SS_LAYER_ARP, field, arp->operation);
    ss_tally_format_card(card, arp->card);
    ss_text_add(line, "  is at %s (ARP %s)", card, operation ? operation : "of another kind");
}

static void add_what(struct ss_text *line, const struct ss_tally_answer *answer)
{
    const struct ss_packet *packet = answer->packet;
    struct ss_tally_arp arp;
    uint8_t hops = packet->version == 6 ? packet->ipv6.hop_limit : packet->ipv4.ttl;
    if (packet->transport == SS_TRANSPORT_TCP)
        add_tcp(line, answer);
    else if (packet->transport == SS_TRANSPORT_ICMP)
        add_icmp(line, packet);
    else if (is_udp(packet))
        add_udp(line, packet->frame_length - packet->transport_offset - UDP_BYTES);
    if (ss_tally_arp_of(answer, &arp))
        add_arp(line, &arp);
    else
        ss_text_add(line, " ttl %u", hops);
}

static void add_end(struct ss_text *line, const struct ss_tally_answer *answer)
{
    char address[SS_ADDRESS_TEXT_SIZE];
    const struct ss_socket_address from = {ss_tally_source(answer),
                                           ss_tally_source_port(answer->packet)};
    if (from.port != 0) {
        char text[SS_SOCKET_ADDRESS_TEXT_SIZE];
        ss_socket_address_format(text, &from);
        ss_text_add(line, "  %s", text);
        return;
    }
    ss_address_format(address, &from.address);
    ss_text_add(line, "  %s", address);
}

static void add_remarks(struct ss_text *line, const struct ss_answer *answer)
{
    if (answer->duplicate)
        ss_text_add(line, ", again");
    if (answer->late)
        ss_text_add(line, ", late");
    if (answer->wrong_numbers)
        ss_text_add(line, ", its numbers answer no probe");
}

/* Checks that held are counted; one that failed is told with both numbers. */
static void write_checks(const struct ss_tally_options *options, const struct ss_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct ss_verdict *verdict = &verdicts->list[i];
        if (verdict->level != SS_VERDICT_VIOLATION)
            continue;
        fprintf(options->out, "%17s%s%s%s %s: expected %" PRIu32 ", actual %" PRIu32 " (%s)\n", "",
                style(options, BAD), mark(options, false), style(options, PLAIN),
                ss_rule_name(verdict->rule), verdict->expected, verdict->actual,
                ss_rule_clause(verdict->rule));
    }
}

static size_t count_held(const struct ss_verdicts *verdicts)
{
    size_t held = 0;
    for (size_t i = 0; i < verdicts->count; i++)
        held += verdicts->list[i].level == SS_VERDICT_HELD;
    return held;
}

static void visit(void *context, const struct ss_field_line *line)
{
    const struct ss_tally_options *options = context;
    fprintf(options->out, "  %4zu  %-10s %-26s %s%s%s\n", line->offset, line->layer, line->name,
            line->value, line->meaning[0] ? "  " : "", line->meaning);
}

static void write_headers(const struct ss_tally_options *options, enum ss_link link,
                          const uint8_t *octets, size_t length)
{
    ss_headers_visit_frame(link, octets, length, visit, (void *)options);
}

static void write_answer(const struct ss_tally_options *options,
                         const struct ss_tally_answer *answer)
{
    struct ss_text line;
    size_t held = count_held(answer->verdicts);
    ss_text_clear(&line);
    ss_text_add(&line, "%7" PRIu64 " %8.3f ms", answer->answer.probe + 1,
                (double)answer->answer.rtt_us / 1000);
    add_end(&line, answer);
    add_what(&line, answer);
    add_remarks(&line, &answer->answer);
    fputs(line.octets, options->out);
    if (held > 0)
        fprintf(options->out, "  %s%s%s %zu check%s", style(options, GOOD), mark(options, true),
                style(options, PLAIN), held, held == 1 ? "" : "s");
    fputc('\n', options->out);
    write_checks(options, answer->verdicts);
    if (options->headers)
        write_headers(options, answer->link, answer->packet->frame, answer->packet->frame_length);
}

void ss_tally_answer(const struct ss_tally_options *options, const struct ss_tally_answer *answer)
{
    if (options->json)
        ss_tally_json_answer(options->out, answer);
    else if (!options->quiet)
        write_answer(options, answer);
    fflush(options->out);
}

/* --- beginning and end --------------------------------------------------------------------------
 */

void ss_tally_start(const struct ss_tally_options *options, const struct ss_tally_start *start)
{
    char source[SS_ADDRESS_TEXT_SIZE], target[SS_ADDRESS_TEXT_SIZE];
    if (options->json)
        ss_tally_json_start(options->out, start);
    else if (!options->quiet) {
        ss_address_format(source, &start->source);
        ss_address_format(target, &start->target);
        fprintf(options->out, "%s: %s%" PRIu64 " packet%s from %s to %s\n", start->where,
                start->at_most ? "at most " : "", start->count, start->count == 1 ? "" : "s",
                source, target);
        if (start->why)
            fprintf(options->out, "by the %s wire: %s\n", start->wire, start->why);
    }
    fflush(options->out);
}

/* "no answer to 3, 7-9" */
static void write_silent(const struct ss_tally_options *options, const struct ss_tally_end *end)
{
    uint64_t at = 0, first, last;
    size_t told = 0;
    for (; told < SS_TALLY_RANGES_MAX && ss_tally_silent(end, &at, &first, &last); told++) {
        fprintf(options->out, "%s%" PRIu64, told == 0 ? "no answer to " : ", ", first + 1);
        if (last > first)
            fprintf(options->out, "-%" PRIu64, last + 1);
    }
    if (told > 0)
        fprintf(options->out, "%s\n", ss_tally_silent(end, &at, &first, &last) ? ", and more" : "");
}

static void write_round_trips(const struct ss_tally_options *options,
                              const struct ss_answers_sum *sum)
{
    if (sum->answered + sum->late > 0)
        fprintf(options->out, "round trip min/mean/max %.3f/%.3f/%.3f ms, mean deviation %.3f ms\n",
                sum->min_ms, sum->mean_ms, sum->max_ms, sum->deviation_ms);
}

static void write_sum(const struct ss_tally_options *options, const struct ss_tally_end *end)
{
    const struct ss_answers_sum *sum = &end->sum;
    uint64_t lost = sum->sent - sum->answered - sum->late;
    double part = sum->sent > 0 ? 100.0 * (double)lost / (double)sum->sent : 0;
    fprintf(options->out,
            "%" PRIu64 " sent, %" PRIu64 " answered (%" PRIu64 " by ICMP errors), %" PRIu64
            " late, %" PRIu64 " lost (%.0f %%), %" PRIu64 " duplicate%s",
            sum->sent, sum->answered, sum->errors, sum->late, lost, part, sum->duplicates,
            sum->duplicates == 1 ? "" : "s");
    if (end->checks > 0 && end->failed == 0)
        fprintf(options->out, "; %" PRIu64 " checks: all held", end->checks);
    else if (end->checks > 0)
        fprintf(options->out, "; %" PRIu64 " checks: %s%" PRIu64 " failed%s", end->checks,
                style(options, BAD), end->failed, style(options, PLAIN));
    fputc('\n', options->out);
}

void ss_tally_end(const struct ss_tally_options *options, const struct ss_tally_end *end)
{
    if (options->json) {
        ss_tally_json_end(options->out, end);
    } else if (!end->awaited) {
        fprintf(options->out, "%" PRIu64 " sent in %.3f ms\n", end->sum.sent,
                (double)end->duration_us / 1000);
    } else {
        write_silent(options, end);
        write_sum(options, end);
        write_round_trips(options, &end->sum);
    }
    fflush(options->out);
}
