/* verify_lines: what people read. */
#include "verify_lines.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* --- a finding ----------------------------------------------------------------------------------
 */

void verify_symbol(char text[SS_SEQ_TEXT_SIZE], const struct verify_seen *seen,
                   const struct ss_verdict *verdict, uint32_t number)
{
    bool a = verdict->numbers == SS_NUMBERS_SEQ_A;
    text[0] = '\0';
    if (seen->taken && (a || verdict->numbers == SS_NUMBERS_SEQ_B))
        ss_verify_symbol(&seen->taken->flow->verify, a ? SS_SIDE_A : SS_SIDE_B, ss_seq_from(number),
                         text);
    if (text[0] < 'A') /* the plain number again */
        text[0] = '\0';
}

void verify_word_numbers(struct ss_verdict_words *words, const struct verify_seen *seen,
                         const struct ss_verdict *verdict)
{
    char expected[SS_SEQ_TEXT_SIZE], actual[SS_SEQ_TEXT_SIZE];
    verify_symbol(expected, seen, verdict, verdict->expected);
    verify_symbol(actual, seen, verdict, verdict->actual);
    ss_verdict_words_write(words, verdict, expected, actual);
}

static void print_ends(const struct ss_flow *flow, enum ss_side from)
{
    char source[SS_SOCKET_ADDRESS_TEXT_SIZE], destination[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(source, &flow->ends[from]);
    ss_socket_address_format(destination, &flow->ends[ss_side_other(from)]);
    printf("%s > %s", source, destination);
}

void verify_print_finding(const struct verify_seen *seen, const struct ss_verdict *verdict)
{
    struct ss_verdict_words numbers;
    verify_word_numbers(&numbers, seen, verdict);
    printf("%s: frame %" PRIu64 ", ", ss_verdict_level_name(verdict->level), seen->frame->number);
    if (seen->taken) {
        printf("connection %" PRIu32 ", ", seen->taken->flow->number);
        print_ends(seen->taken->flow, seen->taken->from);
    } else {
        printf("no connection");
    }
    printf(": %s (%s): ", ss_rule_name(verdict->rule), ss_rule_clause(verdict->rule));
    if (numbers.expected[0])
        printf("expected %s, got %s: ", numbers.expected, numbers.actual);
    puts(ss_rule_meaning(verdict->rule));
}

/* --- a connection -------------------------------------------------------------------------------
 */

static uint64_t octets_of(const struct ss_flow *flow)
{
    return flow->verify.sides[SS_SIDE_A].payload_bytes +
           flow->verify.sides[SS_SIDE_B].payload_bytes;
}

void verify_print_flow(const struct ss_flow *flow)
{
    char from[SS_SOCKET_ADDRESS_TEXT_SIZE], to[SS_SOCKET_ADDRESS_TEXT_SIZE];
    uint64_t segments =
        flow->verify.sides[SS_SIDE_A].segments + flow->verify.sides[SS_SIDE_B].segments;
    uint64_t octets = octets_of(flow);
    ss_socket_address_format(from, &flow->ends[SS_SIDE_A]);
    ss_socket_address_format(to, &flow->ends[SS_SIDE_B]);
    printf("%4" PRIu32 "  %-21s  %-21s  %6" PRIu64 " segment%s  %8" PRIu64 " octet%s  %s%s%s%s\n",
           flow->number, from, to, segments, segments == 1 ? " " : "s", octets,
           octets == 1 ? " " : "s", ss_connection_end_text(ss_flow_end(flow)),
           flow->late ? ", begins late" : "", flow->history[0] ? "  " : "", flow->history);
}

static void print_options(const struct ss_verify_side *side)
{
    if (!side->syn_seen) {
        printf("not seen");
        return;
    }
    printf("MSS %u", (unsigned)side->mss);
    if (side->shift_offered)
        printf(", window scale %u", (unsigned)side->shift);
    if (side->sack_permitted)
        printf(", SACK");
    if (side->timestamps_sent)
        printf(", timestamps");
    if (side->fast_open)
        printf(", fast open");
}

static void print_rtt(const struct ss_verify_side *verify, const struct ss_flow_side *side)
{
    if (side->rtt_count == 0)
        return;
    double deviation = sqrt((double)side->rtt_spread / side->rtt_count);
    printf("       RTT samples %" PRIu32 ", ms: least %.3f, mean %.3f, most %.3f, deviation %.3f\n",
           side->rtt_count, verify->rtt_min_us / 1e3, (double)side->rtt_mean_us / 1e3,
           side->rtt_max_us / 1e3, deviation / 1e3);
}

static void print_side(const struct ss_flow *flow, enum ss_side which)
{
    const struct ss_verify_side *verify = &flow->verify.sides[which];
    const struct ss_flow_side *side = &flow->sides[which];
    char text[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(text, &flow->ends[which]);
    printf("     %c %s: %" PRIu64 " segments, %" PRIu64 " octets, %" PRIu64 " unique of %" PRIu64
           "; ",
           which == SS_SIDE_A ? 'A' : 'B', text, verify->segments, verify->payload_bytes,
           ss_flow_unique_bytes(flow, which), ss_flow_stream_bytes(flow, which));
    if (verify->isn_known)
        printf("ISN %" PRIu32 "; ", verify->isn.value);
    print_options(verify);
    printf("\n       retransmitted %" PRIu32 " (%" PRIu32 " octets), out of order %u, "
           "duplicate ACKs %" PRIu32 " (three in a row %u), zero-window probes %u\n",
           side->retransmitted, side->retransmitted_bytes, (unsigned)side->out_of_order,
           side->duplicate_acks, (unsigned)side->triple_duplicates, (unsigned)side->probes);
    printf("       data in a segment %u to %u, mean %" PRIu32 "; window %" PRIu32 " to %" PRIu32
           ", mean %" PRIu32 "\n",
           (unsigned)side->segment_min, (unsigned)side->segment_max,
           ss_flow_segment_mean(flow, which), side->window_min, side->window_max,
           ss_flow_window_mean(flow, which));
    print_rtt(verify, side);
}

static const char *closer_text(const struct ss_verify *verify)
{
    switch ((enum ss_verify_closer)verify->closer) {
    case SS_CLOSED_BY_NONE:
        return "nobody closes";
    case SS_CLOSED_BY_A:
        return "A closes first";
    case SS_CLOSED_BY_B:
        return "B closes first";
    }
    return "";
}

static const char *opener_text(const struct ss_flow *flow)
{
    if (flow->late)
        return "who opens was not seen";
    return flow->verify.simultaneous_open ? "both open" : "A opens";
}

static void print_kinds(const struct ss_verify *verify)
{
    if (verify->simultaneous_close)
        printf("; simultaneous close");
    if (verify->half_close)
        printf("; data after one end closed");
}

/* Octets of data in both directions, those sent again too. */
static void print_time(const struct ss_flow *flow)
{
    uint64_t lasted_us = ss_flow_lasted_us(flow);
    if (flow->verify.initial_rtt_known)
        printf("; handshake %.3f ms", (double)flow->verify.initial_rtt_us / 1e3);
    if (lasted_us)
        printf("; %.6f s, %.0f octets/s", (double)lasted_us / 1e6,
               (double)octets_of(flow) * 1e6 / (double)lasted_us);
    printf("; quiet for %.3f s at most\n", flow->idle_max_ms / 1e3);
}

void verify_print_stats(const struct ss_flow *flow)
{
    const struct ss_verify *verify = &flow->verify;
    verify_print_flow(flow);
    printf("     completeness %u; %s; %s", (unsigned)verify->completeness, opener_text(flow),
           closer_text(verify));
    print_kinds(verify);
    print_time(flow);
    print_side(flow, SS_SIDE_A);
    print_side(flow, SS_SIDE_B);
}
