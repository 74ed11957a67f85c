/* tally_json: the same as JSON Lines. Each key here stands in man/synstep-send.1, and no other. */
#include <jansson.h>
#include <stdlib.h>

#include "tally_parts.h"
#include "text.h"

/* A line that could not be made or written is found at the end: the stream remembers. */
static void write_line(FILE *out, json_t *object)
{
    if (object && json_dumpf(object, out, JSON_COMPACT) == 0)
        fputc('\n', out);
    json_decref(object);
}

static json_t *address_of(const struct ss_address *address)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, address);
    return json_string(text);
}

static json_t *hex_of(const uint8_t *octets, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * length + 1);
    if (!text)
        return json_null();
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    json_t *string = json_stringn(text, 2 * length);
    free(text);
    return string;
}

void ss_tally_json_start(FILE *out, const struct ss_tally_start *start)
{
    write_line(out,
               json_pack("{s:s, s:s, s:s, s:s?, s:o, s:o, s:I, s:I}", "event", "series", "where",
                         start->where, "wire", start->wire, "why", start->why, "source",
                         address_of(&start->source), "target", address_of(&start->target), "count",
                         (json_int_t)start->count, "seed", (json_int_t)start->seed));
}

static json_t *checks_of(const struct ss_verdicts *verdicts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdicts->count; i++) {
        const struct ss_verdict *verdict = &verdicts->list[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:I, s:I}", "name", ss_rule_name(verdict->rule),
                            "clause", ss_rule_clause(verdict->rule), "level",
                            ss_verdict_level_name(verdict->level), "expected",
                            (json_int_t)verdict->expected, "actual", (json_int_t)verdict->actual));
    }
    return list;
}

static json_t *tcp_of(const struct ss_packet *packet)
{
    char flags[SS_TCP_FLAGS_TEXT_SIZE];
    if (packet->transport != SS_TRANSPORT_TCP)
        return json_null();
    ss_tcp_flags_format(flags, packet->tcp.flags);
    return json_pack("{s:s, s:I, s:I, s:i}", "flags", flags, "seq",
                     (json_int_t)packet->tcp.seq.value, "ack", (json_int_t)packet->tcp.ack.value,
                     "window", (int)packet->tcp.window);
}

static json_t *icmp_of(const struct ss_packet *packet)
{
    if (packet->transport != SS_TRANSPORT_ICMP)
        return json_null();
    return json_pack("{s:i, s:i, s:s}", "type", (int)packet->icmp.type, "code",
                     (int)packet->icmp.code, "text",
                     ss_icmp_text(packet->version, packet->icmp.type, packet->icmp.code));
}

static json_t *arp_of(const struct ss_tally_answer *answer)
{
    char card[SS_TALLY_CARD_TEXT_SIZE];
    struct ss_tally_arp arp;
    if (!ss_tally_arp_of(answer, &arp))
        return json_null();
    ss_tally_format_card(card, arp.card);
    return json_pack("{s:i, s:s, s:o}", "op", (int)arp.operation, "sha", card, "spa",
                     address_of(&arp.sender));
}

void ss_tally_json_answer(FILE *out, const struct ss_tally_answer *answer)
{
    const struct ss_packet *packet = answer->packet;
    struct ss_address source = ss_tally_source(answer);
    json_t *object =
        json_pack("{s:s, s:I, s:I, s:s, s:o, s:i, s:b, s:b, s:b, s:b}", "event", "answer", "probe",
                  (json_int_t)answer->answer.probe + 1, "rtt_us", (json_int_t)answer->answer.rtt_us,
                  "kind", ss_tally_kind(answer), "source", address_of(&source), "port",
                  (int)ss_tally_source_port(packet), "error", answer->answer.error, "duplicate",
                  answer->answer.duplicate, "late", answer->answer.late, "wrong_numbers",
                  answer->answer.wrong_numbers);
    json_object_set_new(object, "tcp", tcp_of(packet));
    json_object_set_new(object, "icmp", icmp_of(packet));
    json_object_set_new(object, "arp", arp_of(answer));
    json_object_set_new(object, "checks", checks_of(answer->verdicts));
    json_object_set_new(object, "octets", hex_of(packet->frame, packet->frame_length));
    write_line(out, object);
}

/* Pairs of first and last, counted from 1. */
static json_t *silent_of(const struct ss_tally_end *end)
{
    json_t *list = json_array();
    uint64_t at = 0, first, last;
    while (end->awaited && ss_tally_silent(end, &at, &first, &last))
        json_array_append_new(list,
                              json_pack("[I, I]", (json_int_t)first + 1, (json_int_t)last + 1));
    return list;
}

void ss_tally_json_end(FILE *out, const struct ss_tally_end *end)
{
    const struct ss_answers_sum *sum = &end->sum;
    json_t *object = json_pack("{s:s, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "event", "sum",
                               "sent", (json_int_t)sum->sent, "awaited", end->awaited, "answered",
                               (json_int_t)sum->answered, "late", (json_int_t)sum->late, "errors",
                               (json_int_t)sum->errors, "duplicates", (json_int_t)sum->duplicates,
                               "checks", (json_int_t)end->checks, "failed", (json_int_t)end->failed,
                               "duration_us", (json_int_t)end->duration_us);
    json_t *trips = json_null();
    if (sum->answered + sum->late > 0)
        trips = json_pack("{s:f, s:f, s:f, s:f}", "min", sum->min_ms, "mean", sum->mean_ms, "max",
                          sum->max_ms, "deviation", sum->deviation_ms);
    json_object_set_new(object, "rtt_ms", trips);
    json_object_set_new(object, "unanswered", silent_of(end));
    write_line(out, object);
}
