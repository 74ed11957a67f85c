/* transcript_peer: what the peer's program did, by what it sent. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "transcript_parts.h"

/* --- whether an echo server would have done the same --------------------------------------------
 */

/* An echo under way: our segment that is still to come back. */
struct echo {
    const struct segment *awaited;
    bool opened;
    bool ended; /* our FIN was sent */
};

static bool is_same_payload(const struct segment *a, const struct segment *b)
{
    const struct ss_packet *sent = &a->packet, *back = &b->packet;
    return sent->payload_length == back->payload_length &&
           memcmp(ss_packet_payload(sent), ss_packet_payload(back), sent->payload_length) == 0;
}

static bool echo_hears(struct echo *echo, const struct segment *segment)
{
    enum { LEAST_MSS = 1200 }; /* one segment there, one segment back */
    if (segment->lost || segment->length == 0)
        return true;
    echo->ended |= has_flag(segment, SS_TCP_FIN);
    if (segment->payload_length == 0)
        return true;
    if (echo->awaited || segment->payload_length > LEAST_MSS || has_flag(segment, SS_TCP_SYN))
        return false;
    echo->awaited = segment;
    return true;
}

static bool echo_speaks(struct echo *echo, const struct segment *segment)
{
    if (has_flag(segment, SS_TCP_SYN)) {
        echo->opened = has_flag(segment, SS_TCP_ACK);
        return echo->opened;
    }
    if (has_flag(segment, SS_TCP_RST))
        return false;
    if (has_flag(segment, SS_TCP_FIN))
        return echo->ended && !echo->awaited && segment->payload_length == 0;
    if (segment->payload_length == 0)
        return true;
    bool is_echo = echo->awaited && is_same_payload(echo->awaited, segment) &&
                   ss_seq_equal(segment->packet.tcp.ack, end_of(echo->awaited));
    echo->awaited = NULL;
    return is_echo;
}

/* Whether they sent it before: then it says nothing new. */
static bool is_repetition(const struct ss_transcript *transcript, size_t index)
{
    const struct segment *segment = transcript->segments[index];
    for (size_t i = index; segment->length > 0 && i-- > 0;)
        if (!transcript->segments[i]->ours &&
            ss_seq_equal(transcript->segments[i]->packet.tcp.seq, segment->packet.tcp.seq) &&
            transcript->segments[i]->length == segment->length)
            return true;
    return false;
}

static bool is_echo(const struct ss_transcript *transcript)
{
    struct echo echo = {0};
    for (size_t i = 0; i < transcript->count; i++) {
        const struct segment *segment = transcript->segments[i];
        bool same = segment->ours ? echo_hears(&echo, segment)
                                  : is_repetition(transcript, i) || echo_speaks(&echo, segment);
        if (!same)
            return false;
    }
    return !echo.awaited;
}

/* One of ours or of theirs with such flags, at `from` or after it; NULL when there is none. */
static const struct segment *find(const struct ss_transcript *transcript, bool ours, size_t from,
                                  uint8_t mask, uint8_t flags)
{
    for (size_t i = from; i < transcript->count; i++)
        if (transcript->segments[i]->ours == ours &&
            (transcript->segments[i]->packet.tcp.flags & mask) == flags)
            return transcript->segments[i];
    return NULL;
}

static const struct segment *find_theirs(const struct ss_transcript *transcript, size_t from,
                                         uint8_t mask, uint8_t flags)
{
    return find(transcript, false, from, mask, flags);
}

/* What is lost or late of theirs can be told only of what they are told to send. */
static bool has_gaps(const struct ss_transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++)
        if (transcript->segments[i]->gap != GAP_NONE)
            return true;
    return false;
}

/* A FIN of ours that is answered by an ACK alone to the end: the echo server would close. */
static bool stays_open(const struct ss_transcript *transcript)
{
    return find(transcript, true, 0, SS_TCP_FIN, SS_TCP_FIN) &&
           find_theirs(transcript, 0, SS_TCP_SYN, SS_TCP_SYN) &&
           !find_theirs(transcript, 0, SS_TCP_FIN, SS_TCP_FIN);
}

struct application application_of(const struct ss_transcript *transcript)
{
    const uint8_t mask = SS_TCP_SYN | SS_TCP_ACK;
    struct application application = {
        .opens = find_theirs(transcript, 0, mask, SS_TCP_SYN),
        .driven = !is_echo(transcript) || stays_open(transcript) || has_gaps(transcript),
    };
    return application;
}

/* --- what it is told ----------------------------------------------------------------------------
 */

/* How its socket differs from others, as far as that is seen. */
static void prepare_socket(struct writing *writing)
{
    enum { LEAST_MAXSEG = 88 }; /* tcp(7) */
    const struct segment *syn = find_theirs(writing->transcript, 0, SS_TCP_SYN, SS_TCP_SYN);
    uint16_t mss = syn && syn->packet.options.has_mss ? syn->packet.options.mss : 0;
    if (mss >= LEAST_MAXSEG && mss < writing->path_mss)
        write_step(writing, "peer set maxseg = %u", mss);
    if (find(writing->transcript, true, 0, SS_TCP_URG, SS_TCP_URG))
        write_step(writing, "peer set oobinline");
}

/* Before the first segment. Where nobody listens, somebody did, once. */
void application_begin(struct writing *writing)
{
    struct application *application = &writing->application;
    if (!application->driven)
        return;
    prepare_socket(writing);
    write_step(writing, "peer %s", application->opens ? "connect" : "listen");
    application->connected = application->opens;
    if (application->opens || find_theirs(writing->transcript, 0, SS_TCP_SYN, SS_TCP_SYN))
        return;
    fputs("# Nobody listens any more.\n", writing->out);
    write_step(writing, "peer close");
}

/* The third segment of the handshake lets it accept. */
void application_hears(struct writing *writing, const struct segment *segment)
{
    struct application *application = &writing->application;
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    bool is_first = !application->connected && !application->over && writing->theirs.isn_bound;
    if (!application->driven || !is_first || segment->lost || is_damaged(segment) ||
        (tcp->flags & (SS_TCP_ACK | SS_TCP_SYN | SS_TCP_RST)) != SS_TCP_ACK)
        return;
    if (!ss_seq_equal(tcp->seq, ss_seq_add(writing->ours.isn, 1)) ||
        !ss_seq_equal(tcp->ack, ss_seq_add(writing->theirs.isn, 1)))
        return;
    write_step(writing, "peer accept");
    application->connected = true;
}

void application_reads(struct writing *writing, struct ss_seq ack)
{
    struct application *application = &writing->application;
    const struct letters *ours = &writing->ours;
    if (!application->driven || !application->connected || application->over || !ours->isn_bound ||
        ss_seq_before(ack, ss_seq_add(ours->isn, 1)))
        return;
    if (ours->fin_bound && ss_seq_after(ack, ours->fin))
        ack = ours->fin;
    uint32_t end = ss_seq_distance(ss_seq_add(ours->isn, 1), ack);
    while (application->read < end) {
        uint32_t left = end - application->read;
        uint32_t count = left > SS_FAR_READ_MAX ? SS_FAR_READ_MAX : left;
        write_step(writing, "peer read %" PRIu32, count);
        application->read += count;
    }
}

/* --- what it sent, and how it ended -------------------------------------------------------------
 */

/* Whether it had closed altogether: later data of ours is answered with a RST that has no ACK. */
static bool is_closed_later(const struct writing *writing, size_t index)
{
    return find_theirs(writing->transcript, index, SS_TCP_RST | SS_TCP_ACK, SS_TCP_RST);
}

/* It may close once it has read our FIN; before that it only says that it has no more to send. */
static void end_stream(struct writing *writing, size_t index)
{
    struct application *application = &writing->application;
    const struct segment *segment = writing->transcript->segments[index];
    bool answers =
        writing->ours.fin_bound && ss_seq_after(segment->packet.tcp.ack, writing->ours.fin);
    application->over = answers || is_closed_later(writing, index);
    application->shut = true;
    write_step(writing, application->over ? "peer close" : "peer shutdown write");
}

/* A RST without ACK is the kernel's answer (RFC 9293 section 3.10.7.1), any other the program's. */
static void reset(struct writing *writing, const struct segment *segment)
{
    if (!has_flag(segment, SS_TCP_ACK))
        return;
    writing->application.over = true;
    write_step(writing, "peer reset");
}

/* Whether there is a program that can be told to do something now. */
static bool takes_orders(struct writing *writing)
{
    struct application *application = &writing->application;
    if (!application->has_written && writing->theirs.isn_bound) {
        application->has_written = true;
        application->written = ss_seq_add(writing->theirs.isn, 1);
    }
    return application->driven && application->connected && !application->over &&
           application->has_written;
}

void application_speaks(struct writing *writing, size_t index)
{
    const struct segment *segment = writing->transcript->segments[index];
    bool is_word = !is_pure_ack(segment) && !has_flag(segment, SS_TCP_SYN);
    if (!takes_orders(writing) || !is_word)
        return;
    application_reads(writing, segment->packet.tcp.ack);
    write_probe(writing);
    bool data_first = ss_seq_after(payload_end(segment), writing->application.written);
    if (has_flag(segment, SS_TCP_FIN) && !writing->application.shut && !data_first)
        end_stream(writing, index);
    if (has_flag(segment, SS_TCP_RST))
        reset(writing, segment);
}

bool application_has(struct writing *writing, const struct piece *piece)
{
    struct ss_seq end = ss_seq_add(piece->seq, piece->length);
    return piece->length == 0 || !takes_orders(writing) ||
           !ss_seq_after(end, writing->application.written);
}

/* A segment after this one that holds that number; `index` when there is none. */
static size_t find_number(const struct writing *writing, size_t index, struct ss_seq number)
{
    const struct ss_transcript *transcript = writing->transcript;
    for (size_t i = index + 1; i < transcript->count; i++) {
        const struct segment *segment = transcript->segments[i];
        if (!segment->ours && !is_damaged(segment) &&
            ss_seq_in_window(payload_start(segment), segment->payload_length, number))
            return i;
    }
    return index;
}

/* What should have come before the piece was sent before it; a leap of the numbers is no data. */
static void send_missing(struct writing *writing, size_t index, const struct piece *piece)
{
    struct application *application = &writing->application;
    if (ss_seq_distance(application->written, piece->seq) > SS_FAR_SEND_MAX &&
        ss_seq_before(application->written, piece->seq))
        application->written = piece->seq;
    while (ss_seq_before(application->written, piece->seq))
        (void)write_message(writing, find_number(writing, index, application->written), piece->seq);
}

void application_sends(struct writing *writing, size_t index, const struct piece *piece)
{
    const uint32_t half = UINT32_C(1) << 31;
    if (application_has(writing, piece))
        return;
    write_probe(writing);
    send_missing(writing, index, piece);
    if (write_message(writing, index, ss_seq_add(piece->seq, half - 1)))
        end_stream(writing, index);
}
