/*
 * json_segment: a segment event as a JSON object.
 */
#include "json_parts.h"
#include "text.h"

static void drop(json_t **whole)
{
    json_decref(*whole);
    *whole = NULL;
}

void ss_json_add(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0)
        drop(object);
}

void ss_json_append(json_t **list, json_t *value)
{
    if (json_array_append_new(*list, value) != 0)
        drop(list);
}

json_t *ss_json_integer_if(bool known, uint64_t number)
{
    return known ? json_integer((json_int_t)number) : json_null();
}

static json_t *flag_list(uint8_t flags)
{
    static const uint8_t order[] = {SS_TCP_SYN, SS_TCP_FIN, SS_TCP_RST, SS_TCP_PSH,
                                    SS_TCP_ACK, SS_TCP_URG, SS_TCP_ECE, SS_TCP_CWR};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof(order); i++)
        if (flags & order[i])
            ss_json_append(&list, json_string(ss_tcp_flag_text(order[i])));
    return list;
}

static json_t *sack_list(const struct ss_tcp_options *options)
{
    json_t *list = json_array();
    for (size_t i = 0; i < options->sack_count; i++)
        ss_json_append(&list,
                       json_pack("{s:I, s:I}", "left", (json_int_t)options->sack[i].left.value,
                                 "right", (json_int_t)options->sack[i].right.value));
    return list;
}

/* Only the options that the segment carries. */
static json_t *option_object(const struct ss_tcp_options *options)
{
    json_t *object = json_object();
    if (options->has_mss)
        ss_json_add(&object, "mss", json_integer(options->mss));
    if (options->has_window_shift)
        ss_json_add(&object, "window_scale", json_integer(options->window_shift));
    if (options->sack_permitted)
        ss_json_add(&object, "sack_permitted", json_true());
    if (options->sack_count)
        ss_json_add(&object, "sack", sack_list(options));
    if (options->has_timestamps)
        ss_json_add(&object, "timestamps",
                    json_pack("{s:I, s:I}", "value", (json_int_t)options->timestamp_value, "echo",
                              (json_int_t)options->timestamp_echo));
    if (options->has_fast_open)
        ss_json_add(&object, "fast_open", json_true());
    if (options->malformed)
        ss_json_add(&object, "malformed", json_true());
    return object;
}

/* Each end before and after. */
static json_t *state_object(const struct ss_event_segment *segment)
{
    const enum ss_tcp_state *before = segment->state_before, *after = segment->state_after;
    return json_pack(
        "{s:{s:s, s:s}, s:{s:s, s:s}}", "local", "before", ss_tcp_state_text(before[SS_SIDE_A]),
        "after", ss_tcp_state_text(after[SS_SIDE_A]), "peer", "before",
        ss_tcp_state_text(before[SS_SIDE_B]), "after", ss_tcp_state_text(after[SS_SIDE_B]));
}

static json_t *check_object(const struct ss_verdict *verdict)
{
    bool numbers = verdict->numbers != SS_NUMBERS_NONE;
    json_t *object = json_pack("{s:s, s:s}", "name", ss_rule_name(verdict->rule), "level",
                               ss_verdict_level_name(verdict->level));
    ss_json_add(&object, "expected", ss_json_integer_if(numbers, verdict->expected));
    ss_json_add(&object, "actual", ss_json_integer_if(numbers, verdict->actual));
    ss_json_add(&object, "ok", json_boolean(verdict->level != SS_VERDICT_VIOLATION));
    ss_json_add(&object, "rfc", json_string(ss_rule_clause(verdict->rule)));
    return object;
}

static json_t *check_list(const struct ss_verdicts *verdicts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdicts->count; i++)
        ss_json_append(&list, check_object(&verdicts->list[i]));
    return list;
}

static void add_tcp(json_t **object, const struct ss_event_segment *segment)
{
    const struct ss_packet *packet = &segment->packet;
    bool tcp = packet->transport == SS_TRANSPORT_TCP;
    bool has_ack = tcp && (packet->tcp.flags & SS_TCP_ACK);
    const char *seq_symbol = segment->seq_symbol[0] ? segment->seq_symbol : NULL;
    const char *ack_symbol = segment->ack_symbol[0] ? segment->ack_symbol : NULL;
    ss_json_add(object, "flags", flag_list(tcp ? packet->tcp.flags : 0));
    ss_json_add(object, "seq", ss_json_integer_if(tcp, packet->tcp.seq.value));
    ss_json_add(object, "ack", ss_json_integer_if(has_ack, packet->tcp.ack.value));
    ss_json_add(object, "symbols", json_pack("{s:s?, s:s?}", "seq", seq_symbol, "ack", ack_symbol));
    ss_json_add(object, "length", json_integer((json_int_t)packet->payload_length));
    ss_json_add(object, "window", ss_json_integer_if(tcp, packet->tcp.window));
    ss_json_add(object, "window_bytes", ss_json_integer_if(tcp, segment->window_bytes));
    ss_json_add(object, "options", option_object(&packet->options));
}

static const char *transport_text(const struct ss_packet *packet)
{
    switch (packet->transport) {
    case SS_TRANSPORT_NONE:
        return NULL;
    case SS_TRANSPORT_TCP:
        return "tcp";
    case SS_TRANSPORT_ICMP:
        return packet->version == 6 ? "icmpv6" : "icmp";
    }
    return NULL;
}

static json_t *icmp_object(const struct ss_packet *packet)
{
    const struct ss_icmp_header *icmp = &packet->icmp;
    if (packet->transport != SS_TRANSPORT_ICMP)
        return json_null();
    return json_pack("{s:i, s:i, s:s}", "type", (int)icmp->type, "code", (int)icmp->code, "text",
                     ss_icmp_text(packet->version, icmp->type, icmp->code));
}

json_t *ss_json_segment(const struct ss_event *event, const char *from)
{
    const struct ss_event_segment *segment = &event->segment;
    const struct ss_packet *packet = &segment->packet;
    json_t *object =
        json_pack("{s:s, s:I, s:I, s:s, s:s, s:s?}", "event", "segment", "time_us",
                  (json_int_t)event->time_us, "n", (json_int_t)segment->n, "from", from, "fate",
                  ss_text_fate(segment->fate), "transport", transport_text(packet));
    add_tcp(&object, segment);
    ss_json_add(&object, "icmp", icmp_object(packet));
    ss_json_add(&object, "fault", json_pack("s?", ss_packet_fault_text(packet->faults)));
    ss_json_add(&object, "states", state_object(segment));
    ss_json_add(&object, "checks", check_list(&segment->verdicts));
    return object;
}
