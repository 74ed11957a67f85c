/* verify_json: each key here stands in man/synstep-verify.1, and no other. */
#include "verify_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "verify_lines.h"

json_t *verify_json_text(const char *text)
{
    json_t *string = json_string(text);
    return string ? string : json_string("?");
}

void verify_json_line(json_t *line)
{
    if (!line || json_dumpf(line, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) != 0) {
        fputs("synstep verify: out of memory for a line of JSON\n", stderr);
        exit(ss_status_exit(SS_IO));
    }
    putchar('\n');
    json_decref(line);
}

static json_t *integer_if(bool known, uint64_t number)
{
    return known ? json_integer((json_int_t)number) : json_null();
}

static json_t *end_object(const struct ss_socket_address *end)
{
    char address[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(address, &end->address);
    return json_pack("{s:s, s:i}", "address", address, "port", (int)end->port);
}

static json_t *symbol(const struct verify_seen *seen, const struct ss_verdict *verdict,
                      uint32_t number)
{
    char text[SS_SEQ_TEXT_SIZE];
    verify_symbol(text, seen, verdict, number);
    return text[0] ? json_string(text) : json_null();
}

void verify_json_finding(const char *file, const struct verify_seen *seen,
                         const struct ss_verdict *verdict)
{
    bool numbers = verdict->numbers != SS_NUMBERS_NONE;
    const struct ss_flow_packet *taken = seen->taken;
    const char *from = taken && taken->from == SS_SIDE_B ? "peer" : "local";
    verify_json_line(json_pack(
        "{s:s, s:o, s:I, s:o, s:s?, s:I, s:s, s:s, s:o, s:o, s:{s:o, s:o}, s:b, s:s}", "event",
        "finding", "file", verify_json_text(file), "frame", (json_int_t)seen->frame->number,
        "connection", integer_if(taken, taken ? taken->flow->number : 0), "from",
        taken ? from : NULL, "time_us", (json_int_t)seen->frame->time_us, "name",
        ss_rule_name(verdict->rule), "level", ss_verdict_level_name(verdict->level), "expected",
        integer_if(numbers, verdict->expected), "actual", integer_if(numbers, verdict->actual),
        "symbols", "expected", symbol(seen, verdict, verdict->expected), "actual",
        symbol(seen, verdict, verdict->actual), "ok", verdict->level != SS_VERDICT_VIOLATION, "rfc",
        ss_rule_clause(verdict->rule)));
}

static json_t *rtt_object(const struct ss_verify_side *verify, const struct ss_flow_side *side)
{
    if (side->rtt_count == 0)
        return json_null();
    double deviation = sqrt((double)side->rtt_spread / side->rtt_count);
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "samples", (json_int_t)side->rtt_count, "min_us",
                     (json_int_t)verify->rtt_min_us, "mean_us",
                     (json_int_t)llround((double)side->rtt_mean_us), "max_us",
                     (json_int_t)side->rtt_max_us, "deviation_us", (json_int_t)llround(deviation));
}

static json_t *option_object(const struct ss_verify_side *side)
{
    if (!side->syn_seen)
        return json_null();
    return json_pack("{s:i, s:o, s:b, s:b, s:b}", "mss", (int)side->mss, "window_scale",
                     integer_if(side->shift_offered, side->shift), "sack_permitted",
                     (int)side->sack_permitted, "timestamps", (int)side->timestamps_sent,
                     "fast_open", (int)side->fast_open);
}

static json_t *rate(const struct ss_flow *flow, uint64_t octets)
{
    uint64_t lasted_us = ss_flow_lasted_us(flow);
    return lasted_us ? json_integer(llround((double)octets * 1e6 / (double)lasted_us))
                     : json_null();
}

static json_t *side_object(const struct ss_flow *flow, enum ss_side which)
{
    const struct ss_verify_side *verify = &flow->verify.sides[which];
    const struct ss_flow_side *side = &flow->sides[which];
    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:i, s:I, s:i, s:i, s:I, s:i, "
                     "s:i, s:I, s:I, "
                     "s:I, s:I, s:o, s:o}",
                     "end", end_object(&flow->ends[which]), "isn",
                     integer_if(verify->isn_known, verify->isn.value), "segments",
                     (json_int_t)verify->segments, "octets", (json_int_t)verify->payload_bytes,
                     "unique_octets", (json_int_t)ss_flow_unique_bytes(flow, which),
                     "stream_octets", (json_int_t)ss_flow_stream_bytes(flow, which),
                     "octets_per_second", rate(flow, verify->payload_bytes), "retransmitted",
                     (json_int_t)side->retransmitted, "retransmitted_octets",
                     (json_int_t)side->retransmitted_bytes, "out_of_order", (int)side->out_of_order,
                     "duplicate_acks", (json_int_t)side->duplicate_acks, "triple_duplicates",
                     (int)side->triple_duplicates, "zero_window_probes", (int)side->probes,
                     "data_segments", (json_int_t)side->data_segments, "segment_min",
                     (int)side->segment_min, "segment_max", (int)side->segment_max, "segment_mean",
                     (json_int_t)ss_flow_segment_mean(flow, which), "window_min",
                     (json_int_t)side->window_min, "window_max", (json_int_t)side->window_max,
                     "window_mean", (json_int_t)ss_flow_window_mean(flow, which), "rtt",
                     rtt_object(verify, side), "options", option_object(verify));
}

static const char *closer(const struct ss_verify *verify)
{
    switch ((enum ss_verify_closer)verify->closer) {
    case SS_CLOSED_BY_NONE:
        return NULL;
    case SS_CLOSED_BY_A:
        return "local";
    case SS_CLOSED_BY_B:
        return "peer";
    }
    return NULL;
}

static const char *opener(const struct ss_flow *flow)
{
    if (flow->late)
        return NULL;
    return flow->verify.simultaneous_open ? "both" : "local";
}

void verify_json_flow(const char *file, const struct ss_flow *flow)
{
    const struct ss_verify *verify = &flow->verify;
    verify_json_line(json_pack(
        "{s:s, s:o, s:I, s:s, s:b, s:s, s:i, s:s?, s:s?, s:b, s:b, s:o, s:I, s:I, s:I, s:I, s:o, "
        "s:o}",
        "event", "connection", "file", verify_json_text(file), "connection",
        (json_int_t)flow->number, "ended", ss_connection_end_text(ss_flow_end(flow)), "late",
        (int)flow->late, "history", flow->history, "completeness", (int)verify->completeness,
        "opener", opener(flow), "closer", closer(verify), "simultaneous_close",
        (int)verify->simultaneous_close, "half_close", (int)verify->half_close, "initial_rtt_us",
        integer_if(verify->initial_rtt_known, verify->initial_rtt_us), "first_us",
        (json_int_t)flow->first_us, "last_us", (json_int_t)flow->last_us, "lasted_us",
        (json_int_t)ss_flow_lasted_us(flow), "idle_max_ms", (json_int_t)flow->idle_max_ms, "local",
        side_object(flow, SS_SIDE_A), "peer", side_object(flow, SS_SIDE_B)));
}

void verify_json_end(const char *file, const struct verify_sum *sum,
                     const struct ss_problem *problem)
{
    json_t *rules = json_object();
    for (int rule = 0; rule < SS_RULES; rule++) {
        uint64_t count = 0;
        for (int level = SS_VERDICT_NOTE; level <= SS_VERDICT_VIOLATION; level++)
            count += sum->findings[rule][level];
        if (count)
            json_object_set_new(rules, ss_rule_name((enum ss_rule)rule),
                                json_integer((json_int_t)count));
    }
    verify_json_line(
        json_pack("{s:s, s:o, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "event", "verified", "file",
                  verify_json_text(file), "ok", !problem && sum->violations == 0, "text",
                  problem ? verify_json_text(problem->text) : json_null(), "frames",
                  (json_int_t)sum->frames, "segments", (json_int_t)sum->segments, "connections",
                  (json_int_t)sum->connections, "violations", (json_int_t)sum->violations, "lost",
                  (json_int_t)sum->lost, "findings", rules));
}
