/*
 * verify_observe: the facts of one packet beside the state before it, found once for all rules.
 */
#include "verify_internal.h"

void ss_verify_observe_header(struct ss_verify_case *c)
{
    const struct ss_tcp_header *tcp = &c->packet->tcp;
    c->sender = &c->verify->sides[c->from];
    c->receiver = &c->verify->sides[ss_side_other(c->from)];
    c->syn = tcp->flags & SS_TCP_SYN;
    c->ack = tcp->flags & SS_TCP_ACK;
    c->rst = tcp->flags & SS_TCP_RST;
    c->fin = tcp->flags & SS_TCP_FIN;
    c->plain = !c->syn && !c->fin && !c->rst;
    c->seq = tcp->seq;
    c->ack_number = tcp->ack;
    c->payload = (uint32_t)c->packet->payload_length;
    /* A FIN beside a SYN is not processed (RFC 9293 section 3.10.7.4, eighth step). */
    c->length = ss_seq_segment_length(c->payload, c->syn, c->fin && !c->syn);
    c->end = ss_seq_add(c->seq, c->length);
    c->data_end = ss_seq_add(c->seq, c->payload + (c->syn ? 1U : 0U));
    c->window_bytes = ss_verify_window_bytes(c->verify, c->from, c->packet);
}

static enum ss_verify_place place_of(const struct ss_verify_case *c)
{
    if (!c->sender->next_known)
        return SS_PLACE_UNKNOWN;
    if (ss_seq_equal(c->seq, c->sender->next))
        return SS_PLACE_NEXT;
    return ss_seq_before(c->seq, c->sender->next) ? SS_PLACE_BACK : SS_PLACE_AHEAD;
}

/* Octets of the window that the receiver holds open, from its last ack on. */
static uint32_t receiver_window(const struct ss_verify_case *c)
{
    return ss_seq_distance(c->receiver->ack, c->receiver->edge);
}

static bool receiver_window_known(const struct ss_verify_case *c)
{
    return c->receiver->ack_known && c->receiver->edge_known;
}

/* RFC 9293 section 3.10.7.4, table 6; true when the window is not known. */
static bool is_acceptable(const struct ss_verify_case *c)
{
    return !receiver_window_known(c) ||
           ss_seq_acceptable(c->receiver->ack, receiver_window(c), c->seq, c->length);
}

/* A number further back than the first one after the ISN belongs to no stream. */
static bool is_before_stream(const struct ss_verify_case *c)
{
    return c->sender->isn_known && c->place == SS_PLACE_BACK &&
           ss_seq_distance(c->seq, c->sender->next) >= c->sender->sent;
}

/*
 * RFC 9293 section 3.8.4: SND.NXT - 1. Not before the handshake is over, when that is the SYN's
 * number; and not with a new acknowledgment after a FIN: then the FIN was forgotten.
 */
static bool is_keep_alive(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!c->plain || c->payload > 1 || !sender->next_known)
        return false;
    if (sender->syn_sent && !sender->handshake_done)
        return false;
    if (sender->fin_known && sender->ack_known && ss_seq_after(c->ack_number, sender->ack))
        return false;
    return ss_seq_equal(c->seq, ss_seq_subtract(sender->next, 1));
}

/* RFC 9293 section 3.8.6.1. */
static bool is_zero_window_probe(const struct ss_verify_case *c)
{
    return c->plain && c->payload == 1 && c->place == SS_PLACE_NEXT && c->receiver->window_known &&
           c->receiver->window == 0;
}

static void observe_place(struct ss_verify_case *c)
{
    c->place = place_of(c);
    c->keep_alive = is_keep_alive(c);
    c->zero_window_probe = is_zero_window_probe(c);
    c->before_stream = !c->keep_alive && is_before_stream(c);
    c->beyond_window = !c->syn && c->payload > 0 && receiver_window_known(c) && !c->keep_alive &&
                       !c->zero_window_probe && ss_seq_after(c->data_end, c->receiver->edge);
    /* What fills the window to its edge is followed by segments numbered at the edge itself. */
    bool ahead = c->place == SS_PLACE_AHEAD && !is_acceptable(c) &&
                 (c->payload > 0 || !ss_seq_equal(c->seq, c->receiver->edge));
    c->unacceptable = c->before_stream || ahead;
}

static void observe_third(struct ss_verify_case *c)
{
    const struct ss_verify_side *opener = c->sender;
    const struct ss_verify_side *other = c->receiver;
    c->answers_synack = opener->syn_sent && !opener->handshake_done && !c->syn && !c->rst && c->ack;
    c->third = c->answers_synack && other->isn_known;
    c->third_seq = ss_seq_add(opener->isn, 1);
    uint32_t extra = opener->fast_open ? opener->syn_payload : 0;
    if (other->ack_known && ss_seq_distance(c->third_seq, other->ack) <= extra)
        c->third_seq = other->ack;
}

/* How far back from SND.NXT an end may be acknowledged before its first acknowledgment was seen. */
static bool is_ack_of_stream(const struct ss_verify_case *c, struct ss_seq limit)
{
    const struct ss_verify_side *acked = c->receiver;
    uint32_t back = ss_seq_distance(c->ack_number, limit);
    if (!acked->isn_known)
        return ss_seq_at_or_before(c->ack_number, limit);
    return back < acked->sent + (acked->probing ? 1U : 0U);
}

/* An ACK from before the last one; RFC 5961 section 5.2 bounds how far it may lie back. */
static enum ss_verify_ack_place place_of_old_ack(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!ss_seq_before(c->ack_number, sender->ack))
        return SS_ACK_UNSENT;
    if (!c->verify->late && ss_seq_distance(c->ack_number, sender->ack) > sender->window_max)
        return SS_ACK_OUTSIDE_5961;
    return SS_ACK_REGRESSED;
}

/* Whether an ACK beyond all that was seen tells of packets that the capture lacks. */
static bool is_believed(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!(c->wishes & SS_WISH_LOSSY) || c->syn || c->rst ||
        !ss_seq_after(c->ack_number, c->receiver->next))
        return false;
    return c->receiver->segments == 0 ||
           (sender->claim_known && ss_seq_at_or_after(c->ack_number, sender->claim));
}

static enum ss_verify_ack_place place_of_ack(const struct ss_verify_case *c)
{
    if (!c->ack)
        return SS_ACK_NONE;
    if (!c->receiver->next_known)
        return SS_ACK_UNKNOWN;
    if (is_believed(c))
        return SS_ACK_IN_RANGE;
    struct ss_seq limit = ss_seq_add(c->receiver->next, c->receiver->probing ? 1U : 0U);
    if (!c->sender->ack_known)
        return is_ack_of_stream(c, limit) ? SS_ACK_IN_RANGE : SS_ACK_UNSENT;
    if (ss_seq_between(c->sender->ack, c->ack_number, limit))
        return SS_ACK_IN_RANGE;
    return place_of_old_ack(c);
}

static void observe_ack(struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    c->ack_place = place_of_ack(c);
    c->same_ack = c->plain && c->ack && c->payload == 0 && c->place == SS_PLACE_NEXT &&
                  sender->ack_known && ss_seq_equal(c->ack_number, sender->ack) &&
                  sender->window_known && (sender->handshake_done || !sender->syn_sent);
}

/* RFC 9293 section 3.5.1, figure 9: no SYN/ACK, but an ACK with numbers of another connection. */
static bool is_half_open(const struct ss_verify_case *c)
{
    return !c->syn && !c->rst && c->receiver->syn_sent && c->receiver->state == SS_TCP_SYN_SENT &&
           !c->sender->isn_known && c->ack_place == SS_ACK_UNSENT;
}

static enum ss_verify_syn syn_kind_of(const struct ss_verify_case *c)
{
    if (!c->syn || c->ack || c->rst)
        return SS_SYN_NONE;
    if (c->sender->isn_known)
        return ss_seq_equal(c->seq, c->sender->isn) ? SS_SYN_REPEATED : SS_SYN_INTRUDING;
    if (c->sender->next_known)
        return SS_SYN_INTRUDING;
    return c->receiver->syn_sent ? SS_SYN_CROSSING : SS_SYN_FIRST;
}

/*
 * Exact is what hits RCV.NXT: everything seen without a gap, or, for data still in flight, the
 * last acknowledgment.
 */
static enum ss_verify_reset reset_kind_of(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    const struct ss_verify_side *receiver = c->receiver;
    if (!c->rst)
        return SS_RESET_NONE;
    if (receiver->syn_sent && !sender->next_known)
        return SS_RESET_REFUSAL;
    if (receiver->refused_ack_known)
        return SS_RESET_ANSWER;
    if ((receiver->ack_known && ss_seq_equal(c->seq, receiver->ack)) ||
        (sender->contiguous_known && ss_seq_equal(c->seq, sender->contiguous)))
        return SS_RESET_EXACT;
    if (!receiver_window_known(c))
        return SS_RESET_UNKNOWN;
    return ss_seq_in_window(receiver->ack, receiver_window(c), c->seq) ? SS_RESET_IN_WINDOW
                                                                       : SS_RESET_OUT_OF_WINDOW;
}

static enum ss_verify_age age_by(struct ss_seq newest, struct ss_seq here)
{
    if (ss_seq_before(here, newest))
        return SS_AGE_OLDER;
    return ss_seq_after(here, newest) ? SS_AGE_NEWER : SS_AGE_UNKNOWN;
}

/* The id's 16 bits are compared as the upper half of a sequence number. The same id twice is the
 * same datagram twice. */
static enum ss_verify_age id_age_of(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    uint16_t id = c->packet->ipv4.id;
    if (c->packet->version != 4 || !sender->ip_id_known || id == 0)
        return SS_AGE_UNKNOWN;
    if (id == sender->ip_id)
        return SS_AGE_OLDER;
    return age_by(ss_seq_from((uint32_t)sender->ip_id << 16), ss_seq_from((uint32_t)id << 16));
}

/* Timestamps (RFC 7323) and the IPv4 id go around as sequence numbers do. */
static enum ss_verify_age age_of(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    const struct ss_packet *packet = c->packet;
    enum ss_verify_age age = SS_AGE_UNKNOWN;
    if (packet->options.has_timestamps && sender->timestamp_known)
        age = age_by(ss_seq_from(sender->timestamp), ss_seq_from(packet->options.timestamp_value));
    return age != SS_AGE_UNKNOWN ? age : c->id_age;
}

void ss_verify_observe_age(struct ss_verify_case *c)
{
    c->id_age = id_age_of(c);
    c->age = age_of(c);
}

void ss_verify_find_acked(struct ss_verify_case *c)
{
    if (c->ack && c->receiver_extra)
        c->acked = ss_verify_ring_ending_at(&c->receiver_extra->ring, c->ack_number);
}

/* A SYN/ACK with another number than before counts only while the opener still waits for one. */
static bool is_stale_synack(const struct ss_verify_case *c)
{
    const struct ss_verify_side *sender = c->sender;
    if (!c->syn || !c->ack || !sender->next_known)
        return false;
    return !(sender->isn_known && ss_seq_equal(sender->isn, c->seq)) &&
           c->receiver->state != SS_TCP_SYN_SENT;
}

static bool is_dropped(const struct ss_verify_case *c)
{
    if (c->rst)
        return false;
    if (c->syn)
        return c->syn_kind == SS_SYN_INTRUDING || is_stale_synack(c);
    return !c->ack || c->half_open || c->unacceptable;
}

bool ss_verify_is_crossed_synack(const struct ss_verify_case *c)
{
    return c->syn && c->ack && c->sender->syn_sent && !c->sender->synack_sent;
}

void ss_verify_observe(struct ss_verify_case *c)
{
    ss_verify_observe_header(c);
    observe_place(c);
    observe_third(c);
    observe_ack(c);
    c->half_open = is_half_open(c);
    c->syn_kind = syn_kind_of(c);
    if (c->syn_kind == SS_SYN_INTRUDING)
        c->unacceptable = !is_acceptable(c);
    c->reset_kind = reset_kind_of(c);
    ss_verify_observe_age(c);
    ss_verify_find_acked(c);
    c->dropped = is_dropped(c);
}
