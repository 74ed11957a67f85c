/*
 * judged_thrice: a capture file judged as `synstep verify` does it, in three ways that have to come
 * to the same: by the short way through verify, by the long one, and with other numbers. Aborts
 * where they do not, and when something leaves its bounds.
 */
#ifndef SS_TESTS_JUDGED_THRICE_H
#define SS_TESTS_JUDGED_THRICE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet_bounds.h"
#include "synstep/flows.h"
#include "synstep/unwrap.h"
#include "synstep/verdict_words.h"

enum { FRAMES_MAX = 2000 };

#define must(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "frame %u: not so: %s\n", (unsigned)running.frame, #condition);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The same packets in three ways. */
enum way { PLAIN, HELD, MOVED, WAYS };

/* One file under way. */
static struct {
    struct ss_flows *flows[WAYS];
    struct ss_fragments *fragments;
    uint64_t told[WAYS];
    uint32_t moves[2]; /* added to the numbers of the lower end's stream, and of the other's */
    bool moves_known;
    bool lossy;
    uint64_t frame;
    uint32_t seed; /* of what is not in the file */
} running;

/* Numbers that a segment of either stream, the lower end's or the other's, stands beside. */
struct edge {
    uint32_t number;
    uint8_t stream;
};

enum { EDGES_MAX = 1 << 12 };

/* For all files: moves that were chosen, and the edges that are met. */
static struct {
    bool moves_chosen;
    uint32_t moves[2];
    bool collects;
    struct edge edges[EDGES_MAX];
    uint32_t edge_count;
} chosen;

/* --- bounds -------------------------------------------------------------------------------------
 */

static void require_verdict(const struct ss_verdict *verdict)
{
    size_t rules;
    must((unsigned)verdict->rule < SS_RULES);
    must(verdict->level <= ss_verify_rules(&rules)[verdict->rule].level);
    must((unsigned)verdict->numbers <= SS_NUMBERS_CHECKSUM);
}

static bool is_set(const struct ss_verify_analysis *analysis, uint32_t flags)
{
    return analysis->flags & flags;
}

static void require_analysis(const struct ss_verify_analysis *analysis)
{
    const uint32_t again = SS_ANALYSIS_RETRANSMISSION | SS_ANALYSIS_OUT_OF_ORDER |
                           SS_ANALYSIS_FAST_RETRANSMISSION | SS_ANALYSIS_SPURIOUS_RETRANSMISSION;
    uint32_t one_of = analysis->flags & again;
    must(analysis->flags >> SS_ANALYSIS_FLAGS == 0);
    must((one_of & (one_of - 1)) == 0);
    must(is_set(analysis, SS_ANALYSIS_DUPLICATE_ACK) == (analysis->duplicate_ack_count > 0));
    must(analysis->duplicate_ack_frame < running.frame);
    must(analysis->rto_frame < running.frame && analysis->acks_frame < running.frame);
    must(analysis->repeats_frame < running.frame);
    must(!is_set(analysis, SS_ANALYSIS_LOST_SEGMENT) ||
         !is_set(analysis, again & ~(uint32_t)SS_ANALYSIS_SPURIOUS_RETRANSMISSION));
    must(!is_set(analysis, SS_ANALYSIS_OVERLAP_CONFLICT) || is_set(analysis, SS_ANALYSIS_OVERLAP));
    must(analysis->completeness < 64);
}

static void require_texts(const struct ss_flow_packet *taken, const struct ss_verdict *verdict)
{
    struct ss_verdict_words words;
    char texts[2][SS_SEQ_TEXT_SIZE] = {"", ""};
    bool a = verdict->numbers == SS_NUMBERS_SEQ_A;
    if (a || verdict->numbers == SS_NUMBERS_SEQ_B) {
        enum ss_side sender = a ? SS_SIDE_A : SS_SIDE_B;
        const struct ss_verify *verify = &taken->flow->verify;
        ss_verify_symbol(verify, sender, ss_seq_from(verdict->expected), texts[0]);
        ss_verify_symbol(verify, sender, ss_seq_from(verdict->actual), texts[1]);
    }
    must(strlen(texts[0]) < sizeof(texts[0]) && strlen(texts[1]) < sizeof(texts[1]));
    ss_verdict_words_write(&words, verdict, texts[0], texts[1]);
    must(strlen(words.expected) < sizeof(words.expected));
    must(strlen(words.actual) < sizeof(words.actual));
    must(ss_rule_meaning(verdict->rule)[0] && ss_rule_clause(verdict->rule)[0]);
}

static void require_flow(const struct ss_flow *flow)
{
    must(flow->live && flow->number > 0);
    for (int i = 0; i < 2; i++) {
        const struct ss_verify_side *side = &flow->verify.sides[i];
        uint64_t unique = ss_flow_unique_bytes(flow, (enum ss_side)i);
        must(unique <= side->sent || unique <= side->payload_bytes);
        must(flow->sides[i].segment_min <= flow->sides[i].segment_max);
        must(side->state < SS_TCP_STATES);
    }
    must(ss_connection_end_text(ss_flow_end(flow)) != NULL);
}

static void require_taken(enum way way, const struct ss_flow_packet *taken)
{
    must(taken->verdicts.count <= SS_VERDICTS_MAX);
    for (size_t i = 0; i < taken->verdicts.count; i++) {
        require_verdict(&taken->verdicts.list[i]);
        if (way == PLAIN && taken->verdicts.list[i].level > SS_VERDICT_HELD)
            require_texts(taken, &taken->verdicts.list[i]);
    }
    require_analysis(&taken->analysis);
    require_flow(taken->flow);
}

/* --- the same again -----------------------------------------------------------------------------
 */

/* A RST to a closed port has the number 0 wherever the others are (RFC 9293 section 3.10.7.1). */
static bool is_absolute(const struct ss_verdict *verdict)
{
    return verdict->rule == SS_RULE_REFUSAL_SEQ_NOT_0;
}

/* The next verdict from `i` on that is more than held. */
static size_t skip_held(const struct ss_verdicts *verdicts, size_t i)
{
    while (i < verdicts->count &&
           (verdicts->list[i].level == SS_VERDICT_HELD || is_absolute(&verdicts->list[i])))
        i++;
    return i;
}

/* What was added to a verdict's numbers; `moves` by side. */
static uint32_t move_of(const struct ss_verdict *verdict, const uint32_t moves[2])
{
    return verdict->numbers == SS_NUMBERS_SEQ_A   ? moves[SS_SIDE_A]
           : verdict->numbers == SS_NUMBERS_SEQ_B ? moves[SS_SIDE_B]
                                                  : 0;
}

static bool is_same_verdict(const struct ss_verdict *one, const struct ss_verdict *other,
                            const uint32_t moves[2])
{
    return one->rule == other->rule && one->level == other->level &&
           one->numbers == other->numbers &&
           one->expected + move_of(one, moves) == other->expected &&
           one->actual + move_of(one, moves) == other->actual;
}

static bool is_same_list(const struct ss_verdicts *a, const struct ss_verdicts *b,
                         const uint32_t moves[2])
{
    size_t i = skip_held(a, 0), n = skip_held(b, 0);
    while (i < a->count && n < b->count) {
        if (!is_same_verdict(&a->list[i], &b->list[n], moves))
            return false;
        i = skip_held(a, i + 1);
        n = skip_held(b, n + 1);
    }
    return i == a->count && n == b->count;
}

static void tell(const struct ss_flow_packet *taken)
{
    fprintf(stderr, "connection %u, from %d, flags %x:", (unsigned)taken->flow->number,
            (int)taken->from, (unsigned)taken->analysis.flags);
    for (size_t i = 0; i < taken->verdicts.count; i++)
        fprintf(stderr, " %s(%d %u %u)", ss_rule_name(taken->verdicts.list[i].rule),
                (int)taken->verdicts.list[i].level, (unsigned)taken->verdicts.list[i].expected,
                (unsigned)taken->verdicts.list[i].actual);
    fputc('\n', stderr);
}

/* What is last in a full list is not there. */
static void require_same(const struct ss_flow_packet *one, const struct ss_flow_packet *other,
                         const uint32_t moves[2])
{
    const struct ss_verdicts *a = &one->verdicts, *b = &other->verdicts;
    bool full = a->count == SS_VERDICTS_MAX || b->count == SS_VERDICTS_MAX;
    bool same_verdicts = full || is_same_list(a, b, moves);
    bool same_analysis = memcmp(&one->analysis, &other->analysis, sizeof(one->analysis)) == 0;
    if (!same_verdicts || !same_analysis) {
        fprintf(stderr, "moved by %u and %u\n", (unsigned)moves[0], (unsigned)moves[1]);
        tell(one);
        tell(other);
    }
    must(same_verdicts);
    must(same_analysis);
    must(one->flow->number == other->flow->number && one->from == other->from);
}

/* Whether the first end is the lower one: the same in both directions. */
static bool is_lower(const struct ss_address *a, uint16_t a_port, const struct ss_address *b,
                     uint16_t b_port)
{
    int order = memcmp(a->octets, b->octets, sizeof(a->octets));
    return order < 0 || (order == 0 && a_port <= b_port);
}

/* So that the first numbers, or those right beside them, come to lie on 0; or anywhere. */
static void choose_moves(const struct ss_packet *packet, bool lower)
{
    uint32_t random = running.seed * UINT32_C(2654435761);
    running.moves_known = true;
    if (chosen.moves_chosen) {
        memcpy(running.moves, chosen.moves, sizeof(running.moves));
        return;
    }
    running.moves[0] = random;
    running.moves[1] = random * UINT32_C(40503) + 77;
    if (random >> 31)
        return;
    running.moves[!lower] = (random >> 16) % 16 - packet->tcp.seq.value - 12;
    running.moves[lower] = (random >> 20) % 16 - packet->tcp.ack.value - 12;
}

static struct ss_packet moved(const struct ss_packet *packet, uint32_t own, uint32_t others)
{
    struct ss_packet copy = *packet;
    copy.tcp.seq = ss_seq_add(packet->tcp.seq, own);
    copy.tcp.ack = ss_seq_add(packet->tcp.ack, others);
    for (size_t i = 0; i < packet->options.sack_count; i++) {
        copy.options.sack[i].left = ss_seq_add(packet->options.sack[i].left, others);
        copy.options.sack[i].right = ss_seq_add(packet->options.sack[i].right, others);
    }
    return copy;
}

/* --- a file -------------------------------------------------------------------------------------
 */

static struct ss_flow_packet take(enum way way, const struct ss_packet *packet, uint64_t time_us,
                                  uint32_t wishes)
{
    struct ss_flow_packet taken;
    wishes |= running.lossy ? SS_WISH_LOSSY : 0U;
    must(ss_flows_take(running.flows[way], packet, running.frame, time_us, wishes, &taken) ==
         SS_OK);
    require_taken(way, &taken);
    return taken;
}

/* Of an end that speaks with itself, who is A is anybody's guess: both move alike. */
static void choose_own(const struct ss_packet *packet, uint32_t own[2])
{
    bool lower = is_lower(&packet->source, packet->tcp.source_port, &packet->destination,
                          packet->tcp.destination_port);
    bool self = lower && is_lower(&packet->destination, packet->tcp.destination_port,
                                  &packet->source, packet->tcp.source_port);
    if (!running.moves_known)
        choose_moves(packet, lower);
    own[0] = running.moves[!lower];
    own[1] = self ? own[0] : running.moves[lower];
}

static void collect(bool upper, struct ss_seq seq)
{
    if (chosen.edge_count < EDGES_MAX)
        chosen.edges[chosen.edge_count++] = (struct edge){seq.value, upper};
}

static void collect_edges(const struct ss_packet *packet)
{
    bool upper = !is_lower(&packet->source, packet->tcp.source_port, &packet->destination,
                           packet->tcp.destination_port);
    collect(upper, packet->tcp.seq);
    collect(upper, ss_seq_add(packet->tcp.seq, ss_packet_segment_length(packet)));
    collect(!upper, packet->tcp.ack);
    collect(!upper, ss_seq_add(packet->tcp.ack, packet->tcp.window));
    for (size_t i = 0; i < packet->options.sack_count; i++) {
        collect(!upper, packet->options.sack[i].left);
        collect(!upper, packet->options.sack[i].right);
    }
}

static void take_segment(const struct ss_packet *packet, uint64_t time_us, uint32_t wishes)
{
    uint32_t own[2];
    choose_own(packet, own);
    if (chosen.collects)
        collect_edges(packet);
    struct ss_packet copy = moved(packet, own[0], own[1]);
    struct ss_flow_packet plain = take(PLAIN, packet, time_us, wishes);
    struct ss_flow_packet held = take(HELD, packet, time_us, wishes | SS_WISH_HELD);
    struct ss_flow_packet shifted = take(MOVED, &copy, time_us, wishes);
    bool from_b = plain.from == SS_SIDE_B;
    require_same(&plain, &held, (uint32_t[2]){0, 0});
    require_same(&plain, &shifted, (uint32_t[2]){own[from_b], own[!from_b]});
}

static void take_frame(const struct ss_capture_frame *frame)
{
    struct ss_unwrapped unwrapped;
    bool cut = false;
    must(frame->number == ++running.frame);
    ss_unwrap(running.fragments, frame, &unwrapped);
    must(packet_within_bounds(&unwrapped.packet));
    if (unwrapped.packet.transport == SS_TRANSPORT_TCP && !unwrapped.packet.fragment &&
        ss_unwrap_mend(frame, &unwrapped.packet, &cut))
        take_segment(&unwrapped.packet, frame->time_us, cut ? 0 : SS_WISH_DIGEST);
}

static void hear(void *context, const struct ss_flow *flow)
{
    (*(uint64_t *)context)++;
    require_flow(flow);
}

/* Small bounds, so that they are met. */
static void begin(const uint8_t *data, size_t size)
{
    memset(&running, 0, sizeof(running));
    for (size_t i = 0; i < size; i += 1 + size / 64)
        running.seed = running.seed * 31 + data[i];
    running.lossy = running.seed & 1;
    for (int way = 0; way < WAYS; way++) {
        const struct ss_flows_options options = {.counted = true,
                                                 .most = running.seed & 2 ? 2 : 20,
                                                 .rooms = running.seed & 4 ? 1 : 8,
                                                 .over = hear,
                                                 .context = &running.told[way]};
        running.flows[way] = ss_flows_new(&options);
        must(running.flows[way] != NULL);
    }
    running.fragments = ss_fragments_new();
    must(running.fragments != NULL);
}

static void end(void)
{
    ss_fragments_free(running.fragments);
    for (int way = 0; way < WAYS; way++) {
        ss_flows_finish(running.flows[way]);
        must(running.told[way] == ss_flows_count(running.flows[way]).begun);
        ss_flows_free(running.flows[way]);
    }
}

static void judge_thrice(const uint8_t *data, size_t size)
{
    struct ss_problem problem = {.status = SS_OK};
    struct ss_capture_file *file = NULL;
    struct ss_capture_frame frame;
    if (ss_capture_file_over("input", data, size, &file, &problem) != SS_OK)
        return;
    begin(data, size);
    while (running.frame < FRAMES_MAX && ss_capture_file_next(file, &frame))
        take_frame(&frame);
    enum ss_status status = ss_capture_file_ended(file, &problem);
    must(status == SS_OK || (status == SS_UNREADABLE && problem.text[0]) ||
         running.frame == FRAMES_MAX);
    ss_capture_file_close(file);
    end();
}

#endif
