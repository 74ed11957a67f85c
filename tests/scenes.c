/* scenes: the events, and the building blocks of the scenes in scenes_whole.c and
 * scenes_played.c. */
#include "scenes.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/checksum.h"

static struct ss_socket_address end_of(uint8_t version, uint8_t host, uint16_t port)
{
    const uint8_t v4[4] = {10, 0, 0, host};
    const uint8_t v6[16] = {0xfd, [15] = host};
    return (struct ss_socket_address){version == 4 ? ss_address_v4(v4) : ss_address_v6(v6), port};
}

void scene_begin(struct scene *scene, uint8_t version)
{
    memset(scene, 0, sizeof(*scene));
    scene->ends[SS_SIDE_A] = end_of(version, 1, 40001);
    scene->ends[SS_SIDE_B] = end_of(version, 2, 8888);
}

static struct ss_event *next(struct scene *scene, enum ss_event_kind kind)
{
    if (scene->count == SCENE_EVENTS_MAX)
        abort();
    struct ss_event *event = &scene->events[scene->count++];
    event->kind = kind;
    event->time_us = scene->time_us;
    scene->time_us += 52;
    return event;
}

struct ss_event *scene_start(struct scene *scene, uint32_t isn)
{
    struct ss_event *event = next(scene, SS_EVENT_START);
    event->start.local = scene->ends[SS_SIDE_A];
    event->start.peer = scene->ends[SS_SIDE_B];
    event->start.isn_known = true;
    event->start.isn = ss_seq_from(isn);
    event->start.epoch_us = UINT64_C(1700000000123456);
    snprintf(event->start.where, sizeof(event->start.where), "two private hosts, veth");
    scene->time_us = 0;
    return event;
}

static uint32_t count_segments(const struct scene *scene)
{
    uint32_t count = 0;
    for (size_t i = 0; i < scene->count; i++)
        count += scene->events[i].kind == SS_EVENT_SEGMENT;
    return count;
}

static size_t build(struct scene *scene, const struct scene_segment *segment, uint8_t *octets)
{
    uint8_t options[SS_TCP_OPTIONS_BYTES_MAX];
    struct ss_craft craft =
        ss_craft_between(&scene->ends[segment->from], &scene->ends[ss_side_other(segment->from)]);
    craft.ipv4.id = (uint16_t)(0x1234 + scene->count);
    craft.tcp.seq = ss_seq_from(segment->seq);
    craft.tcp.ack = ss_seq_from(segment->ack);
    craft.tcp.flags = segment->flags;
    craft.tcp.window = segment->window;
    craft.options = options;
    craft.options_length = ss_tcp_options_encode(&segment->options, options);
    craft.payload = (const uint8_t *)segment->data;
    craft.payload_length = segment->data ? strlen(segment->data) : 0;
    if (segment->verbatim_checksum) {
        craft.tcp.checksum = (uint16_t)segment->verbatim_checksum;
        craft.verbatim = SS_CRAFT_TCP_CHECKSUM;
    }
    size_t length;
    if (ss_craft_build(&craft, octets, SCENE_OCTETS_MAX, &length) != SS_OK)
        abort();
    return length;
}

/* The last event, a segment, gets its octets and their view. */
static void fill(struct ss_event_segment *segment, const uint8_t *octets, size_t length)
{
    segment->octets = octets;
    segment->length = length;
    ss_packet_decode(SS_LINK_IP, octets, length, &segment->packet);
}

struct ss_event *scene_segment(struct scene *scene, const struct scene_segment *said)
{
    uint32_t n = count_segments(scene) + 1;
    uint8_t *octets = scene->octets[scene->count];
    size_t length = build(scene, said, octets);
    struct ss_event *event = next(scene, SS_EVENT_SEGMENT);
    struct ss_event_segment *segment = &event->segment;
    segment->n = n;
    segment->from = said->from;
    segment->fate = said->fate;
    fill(segment, octets, length);
    memcpy(segment->state_before, said->before, sizeof(said->before));
    memcpy(segment->state_after, said->after, sizeof(said->after));
    snprintf(segment->seq_symbol, SS_SEQ_TEXT_SIZE, "%s", said->seq_symbol);
    snprintf(segment->ack_symbol, SS_SEQ_TEXT_SIZE, "%s", said->ack_symbol ? said->ack_symbol : "");
    segment->window_bytes = said->window_bytes ? said->window_bytes : said->window;
    return event;
}

void scene_verdict(struct scene *scene, enum ss_verdict_level level, const char *name,
                   const char *clause, enum ss_verdict_numbers numbers, uint32_t expected,
                   uint32_t actual)
{
    struct ss_verdicts *verdicts = &scene->events[scene->count - 1].segment.verdicts;
    enum ss_rule rule = SS_RULES;
    ck_assert_msg(ss_rule_from_name(name, &rule), "%s is no rule", name);
    ck_assert_str_eq(ss_rule_clause(rule), clause);
    verdicts->list[verdicts->count++] = (struct ss_verdict){rule, level, numbers, expected, actual};
}

struct ss_event *scene_witness(struct scene *scene, const char *moment, enum ss_tcp_state state,
                               uint32_t rcv_nxt, uint32_t write_seq)
{
    struct ss_event *event = next(scene, SS_EVENT_WITNESS);
    struct ss_event_witness *witness = &event->witness;
    witness->moment = moment;
    witness->ok = true;
    witness->actual.answer = SS_WITNESS_ANSWERED;
    witness->actual.state = state;
    witness->actual.rcv_nxt = witness->rcv_nxt = ss_seq_from(rcv_nxt);
    witness->actual.write_seq = witness->write_seq = ss_seq_from(write_seq);
    witness->state_checked[state] = true;
    return event;
}

struct ss_event *scene_note(struct scene *scene, bool warning, const char *text)
{
    struct ss_event *event = next(scene, SS_EVENT_NOTE);
    event->note.warning = warning;
    snprintf(event->note.text, sizeof(event->note.text), "%s", text);
    return event;
}

struct ss_event *scene_step(struct scene *scene, const struct ss_event_step *said)
{
    struct ss_event *event = next(scene, SS_EVENT_STEP);
    event->step = *said;
    if (!said->file)
        event->step.file = "handshake.step";
    return event;
}

void scene_mismatch(struct scene *scene, const char *name, const char *expected, const char *actual)
{
    struct ss_event_step *step = &scene->events[scene->count - 1].step;
    struct ss_mismatch *mismatch = &step->mismatches[step->mismatch_count++];
    snprintf(mismatch->name, sizeof(mismatch->name), "%s", name);
    snprintf(mismatch->expected, sizeof(mismatch->expected), "%s", expected);
    snprintf(mismatch->actual, sizeof(mismatch->actual), "%s", actual);
}

static void count_up(const struct scene *scene, struct ss_event_end *end)
{
    for (size_t i = 0; i < scene->count; i++) {
        const struct ss_event *event = &scene->events[i];
        if (event->kind == SS_EVENT_WITNESS)
            end->checks += 3;
        if (event->kind == SS_EVENT_STEP)
            end->checks += event->step.checks;
        if (event->kind != SS_EVENT_SEGMENT)
            continue;
        end->segments++;
        for (size_t v = 0; v < event->segment.verdicts.count; v++) {
            enum ss_verdict_level level = event->segment.verdicts.list[v].level;
            end->checks += level != SS_VERDICT_NOTE;
            end->failed += level == SS_VERDICT_VIOLATION;
        }
    }
}

struct ss_event *scene_end(struct scene *scene)
{
    struct ss_event *event = next(scene, SS_EVENT_END);
    event->end.ok = true;
    event->end.duration_us = event->time_us;
    count_up(scene, &event->end);
    return event;
}

/* Writes an ICMP header before a quote of our segment, and its checksum (RFC 792, RFC 4443). */
static size_t build_icmp(const struct scene *scene, uint8_t *octets, const uint8_t *quote,
                         size_t quote_length)
{
    bool v6 = scene->ends[SS_SIDE_A].address.version == 6;
    size_t header = v6 ? SS_IPV6_HEADER_BYTES : SS_IPV4_HEADER_BYTES;
    size_t length = header + SS_ICMP_HEADER_BYTES + quote_length;
    struct ss_craft craft = ss_craft_between(&scene->ends[SS_SIDE_B], &scene->ends[SS_SIDE_A]);
    struct ss_ipv4_header *v4 = &craft.ipv4;
    craft.ipv6.payload_length = (uint16_t)(length - header);
    craft.ipv6.next_header = SS_IP_ICMPV6;
    v4->version = 4;
    v4->ihl_words = 5;
    v4->total_length = (uint16_t)length;
    v4->protocol = SS_IP_ICMP;
    if (v6)
        ss_ipv6_encode(&craft.ipv6, octets);
    else
        ss_ipv4_encode(v4, octets);
    if (!v6)
        ss_bytes_put16(octets + 10, ss_checksum_finish(ss_checksum_add(0, octets, header)));
    struct ss_icmp_header icmp = {.type = v6 ? 1 : 3, .code = v6 ? 4 : 3};
    ss_icmp_encode(&icmp, octets + header);
    memcpy(octets + header + SS_ICMP_HEADER_BYTES, quote, quote_length);
    ss_checksum_sum pseudo = v6 ? ss_checksum_pseudo(&craft.ipv6.source, &craft.ipv6.destination,
                                                     SS_IP_ICMPV6, (uint32_t)(length - header))
                                : 0;
    ss_bytes_put16(octets + header + 2,
                   ss_checksum_finish(ss_checksum_add(pseudo, octets + header, length - header)));
    return length;
}

struct ss_event *scene_icmp(struct scene *scene, uint32_t quoted_seq)
{
    uint8_t quote[SCENE_OCTETS_MAX];
    uint32_t n = count_segments(scene) + 1;
    const struct scene_segment ours = {.flags = SS_TCP_SYN, .seq = quoted_seq};
    size_t quote_length = build(scene, &ours, quote);
    uint8_t *octets = scene->octets[scene->count];
    size_t length = build_icmp(scene, octets, quote, quote_length);
    struct ss_event *event = next(scene, SS_EVENT_SEGMENT);
    event->segment.n = n;
    event->segment.from = SS_SIDE_B;
    event->segment.state_before[SS_SIDE_A] = event->segment.state_after[SS_SIDE_A] =
        SS_TCP_SYN_SENT;
    event->segment.state_before[SS_SIDE_B] = event->segment.state_after[SS_SIDE_B] =
        SS_TCP_SYN_RECEIVED;
    fill(&event->segment, octets, length);
    return event;
}

struct ss_event *scene_datagram(struct scene *scene)
{
    uint32_t n = count_segments(scene) + 1;
    struct ss_event *event = next(scene, SS_EVENT_SEGMENT);
    event->segment.n = n;
    event->segment.is_datagram = true;
    return event;
}

void scene_play(const struct scene *scene, struct ss_sink sink)
{
    for (size_t i = 0; i < scene->count; i++)
        sink.take(sink.context, &scene->events[i]);
}
