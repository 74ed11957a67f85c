/*
 * verify_analysis: the flags and numbers that capture analysers give a packet, each by the rule
 * that they go by, from the same facts as the verdicts. "F" is the direction of the packet, "R" the
 * other.
 */
#include "synstep/verify_analysis.h"

#include "verify_internal.h"

enum {
    FAST_US = 20000,      /* after R's last ACK */
    REORDERING_US = 3000, /* where no round trip is known */
    FAST_DUPLICATES = 2,
};

static const char *const names[SS_ANALYSIS_FLAGS] = {
    "reused_ports",
    "zero_window_probe",
    "zero_window",
    "lost_segment",
    "keep_alive",
    "window_update",
    "window_full",
    "keep_alive_ack",
    "zero_window_probe_ack",
    "duplicate_ack",
    "ack_lost_segment",
    "spurious_retransmission",
    "fast_retransmission",
    "out_of_order",
    "retransmission",
    "overlap",
    "overlap_conflict",
    "window_shift_over_14",
    "urgent_without_flag",
    "options_after_end",
};

const char *ss_analysis_name(unsigned bit)
{
    return bit < SS_ANALYSIS_FLAGS ? names[bit] : "";
}

/* Where the segment stands beside all that was seen of F. */
static enum ss_verify_place place_of(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!sender->seen_known)
        return SS_PLACE_UNKNOWN;
    if (ss_seq_equal(c->seq, sender->seen))
        return SS_PLACE_NEXT;
    return ss_seq_before(c->seq, sender->seen) ? SS_PLACE_BACK : SS_PLACE_AHEAD;
}

static bool is_reused(const struct ss_verify_case *c)
{
    if (!c->syn || c->ack)
        return false;
    return c->reused ? !ss_seq_equal(c->old_isn, c->seq)
                     : c->sender->isn_known && !ss_seq_equal(c->sender->isn, c->seq);
}

/* Length 0 or 1 at F.nx - 1. */
static bool is_keep_alive(const struct ss_verify_case *c)
{
    return c->plain && c->payload <= 1 && c->sender->seen_known &&
           ss_seq_equal(c->seq, ss_seq_subtract(c->sender->seen, 1));
}

/* Length 1 at F.nx into a closed window. */
static bool is_probe(const struct ss_verify_case *c)
{
    return c->plain && c->payload == 1 && place_of(c) == SS_PLACE_NEXT &&
           c->receiver->window_known && c->receiver->window == 0;
}

static uint32_t flags_of_place(const struct ss_verify_case *c)
{
    uint32_t flags = 0;
    if (is_reused(c))
        flags |= SS_ANALYSIS_REUSED_PORTS;
    if (is_probe(c))
        flags |= SS_ANALYSIS_ZERO_WINDOW_PROBE;
    if (c->plain && c->packet->tcp.window == 0)
        flags |= SS_ANALYSIS_ZERO_WINDOW;
    if (place_of(c) == SS_PLACE_AHEAD && !c->rst && !is_reused(c))
        flags |= SS_ANALYSIS_LOST_SEGMENT;
    if (is_keep_alive(c))
        flags |= SS_ANALYSIS_KEEP_ALIVE;
    return flags;
}

/* R's window as it was last written, in octets; a SYN's is not scaled. Where F's SYN was not seen
 * it is taken to have agreed. */
static uint32_t receiver_window(const struct ss_verify_case *c)
{
    const struct ss_verify_side *receiver = c->receiver;
    bool agreed = c->sender->shift_offered || !c->sender->syn_seen;
    bool scaled = receiver->handshake_done && receiver->shift_offered && agreed;
    return (uint32_t)receiver->window << (scaled ? receiver->shift : 0);
}

static bool fills_window(const struct ss_verify_case *c)
{
    const struct ss_verify_side *receiver = c->receiver;
    if (!c->plain || c->payload == 0 || !receiver->syn_seen || !receiver->said_known ||
        !receiver->window_known)
        return false;
    return ss_seq_equal(c->end, ss_seq_add(receiver->said, receiver_window(c)));
}

/* No data, at F.nx, the last ack again; not before the handshake is over. */
static bool repeats_ack(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    return c->plain && c->ack && c->payload == 0 && place_of(c) == SS_PLACE_NEXT &&
           sender->said_known && ss_seq_equal(c->ack_number, sender->said) &&
           sender->window_known && (sender->handshake_done || !sender->syn_sent);
}

/* … and the window, answering nothing else. */
bool ss_verify_is_duplicate_ack(const struct ss_verify_case *c)
{
    uint16_t window = c->packet->tcp.window;
    return repeats_ack(c) && window != 0 && window == c->sender->window &&
           !c->sender->challenge_due && c->receiver->last_flag != SS_LAST_KEEP_ALIVE;
}

/* What a segment is that repeats the last ack: at most one of these. */
static uint32_t flag_of_repetition(const struct ss_verify_case *c)
{
    uint16_t window = c->packet->tcp.window;
    if (!repeats_ack(c))
        return 0;
    if (window != c->sender->window)
        return window == 0 || ss_verify_is_smaller_offer(c) ? 0 : SS_ANALYSIS_WINDOW_UPDATE;
    if (window != 0 && c->receiver->last_flag == SS_LAST_KEEP_ALIVE)
        return SS_ANALYSIS_KEEP_ALIVE_ACK;
    if (window == 0 && c->receiver->last_flag == SS_LAST_ZERO_WINDOW_PROBE)
        return SS_ANALYSIS_ZERO_WINDOW_PROBE_ACK;
    return ss_verify_is_duplicate_ack(c) ? SS_ANALYSIS_DUPLICATE_ACK : 0;
}

/* Beyond R.mx, an octet that probed included; once, until R is seen to send more. */
static bool acks_lost(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender, *receiver = c->receiver;
    struct ss_seq reach = ss_seq_add(receiver->reach, receiver->probing ? 1 : 0);
    bool told = sender->said_known && ss_seq_after(sender->said, receiver->seen);
    return c->ack && !c->syn && receiver->seen_known && !told && ss_seq_after(c->ack_number, reach);
}

static bool is_spurious(const struct ss_verify_case *c)
{
    return c->payload > 0 && c->receiver->said_known &&
           ss_seq_at_or_before(c->end, c->receiver->said);
}

static bool is_fast(const struct ss_verify_case *c)
{
    const struct ss_verify_side *receiver = c->receiver;
    return receiver->said_known && receiver->duplicate_acks >= FAST_DUPLICATES &&
           ss_seq_equal(c->seq, receiver->said) && c->time_us - receiver->ack_us < FAST_US;
}

static bool is_out_of_order(const struct ss_verify_case *c)
{
    const struct ss_verify *verify = c->verify;
    uint64_t limit_us = verify->initial_rtt_known ? verify->initial_rtt_us : REORDERING_US;
    return c->time_us - c->sender->next_us < limit_us && !ss_seq_equal(c->end, c->sender->seen);
}

/* Acknowledged before it was seen is spurious, too, wherever it stands. */
static uint32_t flag_of_age(const struct ss_verify_case *c)
{
    if (c->length == 0 || is_keep_alive(c) || c->rst || is_reused(c) ||
        ss_verify_is_crossed_synack(c))
        return 0;
    if (is_spurious(c))
        return SS_ANALYSIS_SPURIOUS_RETRANSMISSION;
    if (place_of(c) != SS_PLACE_BACK)
        return 0;
    if (is_fast(c))
        return SS_ANALYSIS_FAST_RETRANSMISSION;
    return is_out_of_order(c) ? SS_ANALYSIS_OUT_OF_ORDER : SS_ANALYSIS_RETRANSMISSION;
}

static uint32_t flags_of_octets(const struct ss_verify_case *c)
{
    const struct ss_tcp_options *options = &c->packet->options;
    uint32_t flags = 0;
    if (c->payload > 0 && place_of(c) == SS_PLACE_BACK && !is_keep_alive(c) &&
        ss_verify_count_seen(c->sender, c->sender_extra, (struct ss_verify_run){c->seq, c->end}) >
            0)
        flags |= SS_ANALYSIS_OVERLAP;
    if (c->conflict) /* half the numbers away, what was sent before may be neither back nor ahead */
        flags |= SS_ANALYSIS_OVERLAP | SS_ANALYSIS_OVERLAP_CONFLICT;
    if (options->has_window_shift && options->window_shift > SS_TCP_WINDOW_SHIFT_MAX)
        flags |= SS_ANALYSIS_SHIFT_OVER_14;
    if (ss_verify_has_stray_urgent(c))
        flags |= SS_ANALYSIS_URGENT_WITHOUT_FLAG;
    if (ss_verify_has_options_after_end(c))
        flags |= SS_ANALYSIS_OPTIONS_AFTER_END;
    return flags;
}

/* A closed window's probe sends an octet that is sent again until it is taken. */
static uint32_t overlap_bytes(const struct ss_verify_case *c)
{
    if (c->payload == 0)
        return 0;
    if (c->dropped || c->rst || c->keep_alive || c->before_stream)
        return c->payload;
    if (c->place == SS_PLACE_NEXT)
        return c->sender->probing ? 1 : 0;
    return ss_verify_count_seen(
        c->sender, c->sender_extra,
        (struct ss_verify_run){ss_seq_add(c->seq, c->syn ? 1 : 0), c->data_end});
}

/* The timer runs for the eldest open segment; when none is known, since nx moved. */
static void tell_repeated(const struct ss_verify_case *c, struct ss_verify_analysis *analysis)
{
    const struct ss_verify_segment *eldest = NULL, *repeated = NULL;
    if (c->sender_extra) {
        eldest = ss_verify_ring_eldest_open(&c->sender_extra->ring);
        repeated = ss_verify_ring_eldest_with(&c->sender_extra->ring, c->seq);
    }
    analysis->rto_frame = eldest ? eldest->frame : c->sender->next_frame;
    analysis->rto_us = c->time_us - (eldest ? eldest->time_us : c->sender->next_us);
    analysis->repeats_frame = repeated ? repeated->frame : 0;
}

static void tell_acked(const struct ss_verify_case *c, struct ss_verify_analysis *analysis)
{
    if (!c->acked)
        return;
    analysis->acks_frame = c->acked->frame;
    analysis->ack_rtt_us = c->time_us - c->acked->time_us;
    analysis->ack_measures = ss_verify_ring_measures(&c->receiver_extra->ring, c->acked);
}

/* What is in the ring, and what was driven out of it before it was acknowledged. */
static void widen_by_ring(const struct ss_verify_case *c, struct ss_verify_run *span)
{
    const struct ss_verify_side *receiver = c->receiver;
    ss_verify_ring_widen(&c->sender_extra->ring, receiver, span);
    if (receiver->said_known && ss_seq_before(receiver->said, span->start) &&
        ss_verify_count_seen(c->sender, c->sender_extra,
                             (struct ss_verify_run){receiver->said, span->start}) > 0)
        span->start = receiver->said;
}

/*
 * From the first octet that was sent and is not acknowledged to the last, less what is acknowledged
 * selectively; a SYN or FIN is none.
 */
static uint32_t bytes_in_flight(const struct ss_verify_case *c)
{
    struct ss_verify_run span = {c->seq, c->end};
    struct ss_verify_run sent = {c->receiver->said, c->sender->seen};
    if (c->sender_extra && c->sender_extra->ring.size > 0)
        widen_by_ring(c, &span);
    else if (c->receiver->said_known && c->sender->seen_known &&
             ss_seq_before(sent.start, sent.end))
        ss_verify_widen(&span, sent);
    uint32_t octets = ss_seq_distance(span.start, span.end) - (c->syn || c->fin ? 1 : 0);
    uint32_t sacked = c->receiver_extra ? c->receiver_extra->sacked : 0;
    return octets > sacked ? octets - sacked : 0;
}

bool ss_verify_is_uncounted(const struct ss_verify_case *c)
{
    return c->sender->uncounted || place_of(c) == SS_PLACE_AHEAD;
}

static uint8_t last_flag(const struct ss_verify_case *c)
{
    if (is_keep_alive(c))
        return SS_LAST_KEEP_ALIVE;
    return is_probe(c) ? SS_LAST_ZERO_WINDOW_PROBE : SS_LAST_PLAIN;
}

static void update_said(struct ss_verify_side *sender, const struct ss_verify_case *c)
{
    bool moved = !c->sender->said_known || !ss_seq_equal(c->sender->said, c->ack_number);
    if (moved) {
        sender->duplicate_acks = 0;
        sender->ack_frame = c->frame;
    } else if (ss_verify_is_duplicate_ack(c)) {
        sender->duplicate_acks++;
    }
    sender->said = c->ack_number;
    sender->said_known = true;
    sender->ack_us = c->time_us;
}

/* Every segment counts, whatever comes of it, but a RST and a SYN that is none of this stream's. */
void ss_verify_update_seen(struct ss_verify_side *sender, struct ss_verify_side *receiver,
                           const struct ss_verify_case *c)
{
    bool further = !sender->seen_known || ss_seq_after(c->end, sender->seen);
    bool begins = !sender->seen_known || ss_seq_equal(c->seq, sender->reach);
    if (c->rst || c->syn_kind == SS_SYN_INTRUDING)
        return;
    if (acks_lost(c))
        receiver->reach = receiver->seen;
    if (c->ack)
        update_said(sender, c);
    sender->uncounted = ss_verify_is_uncounted(c);
    if (further && !is_probe(c)) {
        sender->seen = c->end;
        sender->next_us = c->time_us;
        sender->next_frame = c->frame;
    }
    if (begins && !is_probe(c))
        sender->reach = sender->seen;
    sender->last_flag = last_flag(c);
    sender->seen_known = true;
    sender->window_known = true;
    sender->window = c->packet->tcp.window;
}

uint32_t ss_verify_pushed(const struct ss_verify_case *c)
{
    return (c->sender->push_last ? 0 : c->sender->pushed) + c->payload;
}

uint8_t ss_verify_part(const struct ss_verify_case *c)
{
    uint8_t part = 0;
    if (c->syn)
        part |= c->ack ? SS_COMPLETE_SYN_ACK : SS_COMPLETE_SYN;
    if (c->payload > 0)
        part |= SS_COMPLETE_DATA;
    else if (c->ack && !c->syn)
        part |= SS_COMPLETE_ACK;
    if (c->fin && !c->syn) /* beside a SYN it is not processed */
        part |= SS_COMPLETE_FIN;
    if (c->rst)
        part |= SS_COMPLETE_RST;
    return part;
}

static void tell_initial_rtt(const struct ss_verify_case *c, struct ss_verify_analysis *analysis)
{
    if (c->verify->initial_rtt_known)
        analysis->initial_rtt_us = c->verify->initial_rtt_us;
    else if (c->answers_synack)
        analysis->initial_rtt_us = c->time_us - c->verify->opened_us;
}

void ss_verify_analyse_plain(const struct ss_verify_case *c, struct ss_verify_analysis *analysis)
{
    if (fills_window(c))
        analysis->flags |= SS_ANALYSIS_WINDOW_FULL;
    tell_acked(c, analysis);
    if (c->payload > 0 && !ss_verify_is_uncounted(c)) {
        analysis->bytes_in_flight = bytes_in_flight(c);
        analysis->push_bytes_sent = ss_verify_pushed(c);
    }
    analysis->completeness = c->verify->completeness | ss_verify_part(c);
    tell_initial_rtt(c, analysis);
}

void ss_verify_analyse(const struct ss_verify_case *c, struct ss_verify_analysis *analysis)
{
    uint32_t repetition = flag_of_repetition(c), age = flag_of_age(c);
    analysis->flags = flags_of_place(c) | repetition | age | flags_of_octets(c);
    if (acks_lost(c))
        analysis->flags |= SS_ANALYSIS_ACK_LOST_SEGMENT;
    if (repetition == SS_ANALYSIS_DUPLICATE_ACK) {
        analysis->duplicate_ack_count = c->sender->duplicate_acks + 1;
        analysis->duplicate_ack_frame = c->sender->ack_frame;
    }
    if (age == SS_ANALYSIS_RETRANSMISSION)
        tell_repeated(c, analysis);
    analysis->overlap_bytes = overlap_bytes(c);
    ss_verify_analyse_plain(c, analysis);
}
