/* transcript_write: segment after segment, in the order of the capture. */
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>

#include "transcript_parts.h"

enum {
    PAUSE_LEAST_US = 50000, /* shorter ones say nothing */
    PAUSE_MOST_US = 5000000,
    WITHIN_MOST_US = 60000000,
    LATE_US = 1000000, /* half of what an expectation waits for */
    GAP_SEGMENTS_MOST = 16,
    LATE_LEAST_US = 5000, /* by then all that came with it is there */
    SENT_MOST = 10,       /* of ours on their way, unless something is awaited */
};

/* --- words --------------------------------------------------------------------------------------
 */

void write_step(struct writing *writing, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(writing->out, format, arguments);
    va_end(arguments);
    fputc('\n', writing->out);
    writing->steps++;
}

const char *number_text(const struct letters *letters, struct ss_seq number,
                        char text[SS_SEQ_TEXT_SIZE])
{
    if (letters->fin_bound && ss_seq_at_or_after(number, letters->fin))
        ss_seq_format(text, number, letters->fin_letter, letters->fin);
    else if (letters->isn_bound)
        ss_seq_format(text, number, letters->isn_letter, letters->isn);
    else
        snprintf(text, SS_SEQ_TEXT_SIZE, "%" PRIu32, number.value);
    return text;
}

const char *duration_text(uint64_t us, char text[DURATION_TEXT_SIZE])
{
    uint64_t ms = (us + 500) / 1000;
    if (ms < 1000)
        snprintf(text, DURATION_TEXT_SIZE, "%" PRIu64 "ms", ms);
    else
        snprintf(text, DURATION_TEXT_SIZE, "%.6gs", (double)ms / 1e3);
    return text;
}

/* "# Frame 7: retransmission, duplicate ack" */
static void write_notes(const struct writing *writing, const struct segment *segment)
{
    if (segment->note_count == 0)
        return;
    fprintf(writing->out, "# Frame %" PRIu64 ":", segment->frame);
    for (size_t i = 0; i < segment->note_count; i++) {
        fputs(i == 0 ? " " : ", ", writing->out);
        for (const char *at = segment->notes[i]; *at; at++)
            fputc(*at == '_' ? ' ' : *at, writing->out);
    }
    fputc('\n', writing->out);
}

static uint64_t pause_before(const struct ss_transcript *transcript, size_t index)
{
    uint64_t now = transcript->segments[index]->time_us;
    uint64_t before = index > 0 ? transcript->segments[index - 1]->time_us : now;
    return now > before ? now - before : 0;
}

static uint64_t at_most(uint64_t us, uint64_t most_us)
{
    return us < most_us ? us : most_us;
}

/* --- ours ---------------------------------------------------------------------------------------
 */

static void write_loss(const struct writing *writing, const struct segment *segment)
{
    if (!segment->lost)
        return;
    fprintf(writing->out, "# Frame %" PRIu64 " was lost", segment->frame);
    if (segment->again_in)
        fprintf(writing->out, ", and sent again in frame %" PRIu64, segment->again_in);
    else if (segment->length > 0)
        fputs(": it was never answered", writing->out);
    else
        fputs(": what it acknowledges was sent again", writing->out);
    fputs(".\n", writing->out);
}

/* The time before a segment matters when a timer of ours sent it. */
static void write_pause(struct writing *writing, size_t index)
{
    const struct segment *segment = writing->transcript->segments[index];
    uint64_t pause_us = pause_before(writing->transcript, index);
    char text[DURATION_TEXT_SIZE];
    bool again = segment->length > 0 && writing->own.snd_known &&
                 ss_seq_before(segment->packet.tcp.seq, writing->own.snd_max);
    bool by_timer =
        again || has_note(segment, "zero_window_probe") || has_note(segment, "keep_alive");
    if (!by_timer || pause_us < PAUSE_LEAST_US)
        return;
    if (pause_us > PAUSE_MOST_US) {
        fprintf(writing->out, "# It was %s.\n", duration_text(pause_us, text));
        pause_us = PAUSE_MOST_US;
    }
    write_step(writing, "wait %s", duration_text(pause_us, text));
}

/* A window that the next segment has, too, is set; one for this segment alone stands in its line.
 */
static void write_window(struct writing *writing, size_t index)
{
    const struct ss_transcript *transcript = writing->transcript;
    uint16_t window = transcript->segments[index]->packet.tcp.window;
    if (window == writing->window)
        return;
    for (size_t i = index + 1; i < transcript->count; i++) {
        if (!transcript->segments[i]->ours)
            continue;
        if (transcript->segments[i]->packet.tcp.window != window)
            return;
        write_step(writing, "set window = %u", window);
        writing->window = window;
        return;
    }
}

/*
 * M and N. A FIN alone, where it is the next number, gives its letter the value by itself; else the
 * letter is given one before.
 */
static void bind_fin(struct writing *writing, const struct segment *segment,
                     struct letters *letters, bool next)
{
    char text[SS_SEQ_TEXT_SIZE];
    struct ss_seq fin = ss_seq_subtract(end_of(segment), 1);
    if (!has_flag(segment, SS_TCP_FIN) || letters->fin_bound)
        return;
    if (!next || segment->length > 1)
        write_step(writing, "let %c = %s", letters->fin_letter, number_text(letters, fin, text));
    letters->fin_bound = true;
    letters->fin = fin;
}

/* What reaches the peer may be acknowledged by itself; what is out of order is, with the number
 * that is missing. */
static void note_reached(struct writing *writing, const struct segment *segment,
                         const struct piece *piece)
{
    bool syn = piece->flags & SS_TCP_SYN;
    uint32_t length = ss_seq_segment_length(piece->length, syn, piece->flags & SS_TCP_FIN);
    own_end_sent(&writing->own, syn, piece->seq, length);
    if (segment->lost || is_damaged(segment) || (piece->flags & SS_TCP_RST))
        return;
    /* data in a SYN may be thrown away (RFC 9293 section 3.10.7.2) */
    own_end_received(&writing->peer, syn, piece->seq, syn ? 1 : length);
    if (!syn && length > 0)
        acks_note_sent(writing, writing->peer.rcv_nxt);
}

/* Their window is open again as far as that was acknowledged. */
static void note_acknowledged(struct writing *writing, const struct segment *segment)
{
    if (segment->lost || !has_flag(segment, SS_TCP_ACK))
        return;
    uint32_t left = ss_seq_distance(segment->packet.tcp.ack, writing->own.rcv_nxt);
    uint32_t count = left / writing->mss + (left % writing->mss > 0);
    if (writing->own.rcv_known && count < writing->unacknowledged)
        writing->unacknowledged = count;
}

static void write_our_pieces(struct writing *writing, const struct segment *segment)
{
    struct piece piece = next_piece(writing, segment, NULL);
    write_our_piece(writing, segment, &piece);
    note_reached(writing, segment, &piece);
    while (!piece.last) {
        write_synchronization(writing, SENT_MOST);
        piece = next_piece(writing, segment, &piece);
        write_our_piece(writing, segment, &piece);
        note_reached(writing, segment, &piece);
    }
}

static void write_our_segment(struct writing *writing, size_t index)
{
    const struct segment *segment = writing->transcript->segments[index];
    bool next =
        writing->own.snd_known && ss_seq_equal(segment->packet.tcp.seq, writing->own.snd_nxt);
    write_probe(writing);
    if (segment->length > 0)
        write_synchronization(writing, SENT_MOST);
    write_window(writing, index);
    bind_fin(writing, segment, &writing->ours, next);
    write_notes(writing, segment);
    write_loss(writing, segment);
    write_pause(writing, index);
    write_our_pieces(writing, segment);
    note_acknowledged(writing, segment);
    writing->last_of_ours = segment;
    writing->disturbed |= segment->lost;
    application_hears(writing, segment);
}

/* --- theirs -------------------------------------------------------------------------------------
 */

/* The answer to a segment that cannot be taken in comes at once and alone (RFC 9293 3.10.7.4). */
static bool is_answer(const struct segment *segment)
{
    return has_note(segment, "challenge_ack") || has_note(segment, "keep_alive_ack") ||
           has_note(segment, "zero_window_probe_ack");
}

/* Whether nothing but acknowledgments follows, so that this one can ride on nothing else. */
static bool is_near_end(const struct ss_transcript *transcript, size_t index)
{
    for (size_t i = index + 1; i < transcript->count; i++)
        if (!transcript->segments[i]->ours ? !is_pure_ack(transcript->segments[i])
                                           : transcript->segments[i]->length > 0)
            return false;
    return true;
}

/* Whether this segment must come in a replay, too. */
static bool must_come(const struct writing *writing, size_t index)
{
    const struct segment *segment = writing->transcript->segments[index];
    struct ss_seq ack = segment->packet.tcp.ack;
    if (segment->optional)
        return false;
    if (!is_pure_ack(segment) || is_answer(segment))
        return true;
    bool is_news = !writing->is_acked_known || ss_seq_after(ack, writing->acked);
    bool is_all = writing->peer.rcv_known && ss_seq_equal(ack, writing->peer.rcv_nxt);
    bool opens = ss_seq_equal(ack, ss_seq_add(writing->ours.isn, 1)) && writing->application.opens;
    return is_news && is_all && (opens || is_near_end(writing->transcript, index)) &&
           !acks_awaited(writing, ack);
}

/* What was merged into what has come already says nothing more. */
static bool is_old_ack(const struct writing *writing, const struct segment *segment)
{
    return is_pure_ack(segment) && writing->is_acked_known && !is_answer(segment) &&
           ss_seq_before(segment->packet.tcp.ack, writing->acked);
}

/*
 * Octets of theirs that the capture shows after what came later, or not at all. Harm is done to the
 * next that comes: so nothing else may be on its way.
 */
static void write_gap(struct writing *writing, const struct segment *segment)
{
    static const char *const fates[] = {
        [GAP_NONE] = "",
        [GAP_DROPPED] = "were lost, and sent again",
        [GAP_DELAYED] = "came late",
        [GAP_UNSEEN] = "are not in the capture",
    };
    char text[DURATION_TEXT_SIZE];
    uint32_t each = segment->payload_length > 0 ? segment->payload_length : 1;
    uint32_t count = (segment->gap_octets + each - 1) / each;
    uint64_t late_us = at_most(segment->gap_us, PAUSE_MOST_US);
    if (late_us < LATE_LEAST_US)
        late_us = LATE_LEAST_US;
    if (segment->gap == GAP_NONE)
        return;
    write_synchronization(writing, 1);
    fprintf(writing->out, "# %" PRIu32 " octets before frame %" PRIu64 " %s.\n",
            segment->gap_octets, segment->frame, fates[segment->gap]);
    for (uint32_t i = 0; i < count && segment->gap != GAP_UNSEEN && i < GAP_SEGMENTS_MOST; i++)
        if (segment->gap == GAP_DROPPED)
            write_step(writing, "drop <");
        else
            write_step(writing, "delay < %s", duration_text(late_us, text));
}

static void write_damaged(const struct writing *writing, const struct segment *segment)
{
    fprintf(writing->out, "# Frame %" PRIu64 " came damaged: its checksum was wrong.\n",
            segment->frame);
}

static void note_received(struct writing *writing, const struct segment *segment,
                          const struct piece *piece)
{
    bool syn = piece->flags & SS_TCP_SYN;
    uint32_t length = ss_seq_segment_length(piece->length, syn, piece->flags & SS_TCP_FIN);
    if (has_flag(segment, SS_TCP_ACK))
        own_end_acknowledged(&writing->own, segment->packet.tcp.ack);
    if (has_flag(segment, SS_TCP_RST))
        return;
    struct ss_seq before = writing->own.rcv_nxt;
    own_end_received(&writing->own, syn, piece->seq, length);
    writing->disturbed |= length > 0 && ss_seq_equal(before, writing->own.rcv_nxt);
    writing->unacknowledged += length > 0;
    if (length > 0) {
        writing->last_of_theirs = *piece;
        writing->is_probe_told = false;
    }
    struct ss_seq end = ss_seq_add(piece->seq, length);
    if (!writing->has_shown || ss_seq_after(end, writing->shown))
        writing->shown = end;
    writing->has_shown = true;
}

/* K, and N: what stands alone in `seq=K` is bound there. */
static void bind_theirs(struct writing *writing, const struct segment *segment)
{
    const struct own_end *own = &writing->own;
    bool next = own->rcv_known && ss_seq_equal(segment->packet.tcp.seq, own->rcv_nxt);
    if (has_flag(segment, SS_TCP_SYN) && !writing->theirs.isn_bound) {
        writing->theirs.isn_bound = true;
        writing->theirs.isn = segment->packet.tcp.seq;
    }
    bind_fin(writing, segment, &writing->theirs, next);
}

/* Each time that the program sends, its last octets are pushed, wherever they were in the capture.
 */
static void push(const struct writing *writing, struct piece *piece)
{
    const struct application *application = &writing->application;
    struct ss_seq end = ss_seq_add(piece->seq, piece->length);
    bool new = writing->has_shown &&ss_seq_after(end, writing->shown);
    if (!application->driven || piece->length == 0 || !new)
        return;
    piece->flags &= (uint8_t)~SS_TCP_PSH;
    if (ss_seq_equal(end, application->written))
        piece->flags |= SS_TCP_PSH;
}

static void write_more_pieces(struct writing *writing, size_t index, struct piece piece,
                              uint64_t within_us)
{
    const struct segment *segment = writing->transcript->segments[index];
    while (!piece.last) {
        piece = next_piece(writing, segment, &piece);
        write_pacing(writing, application_has(writing, &piece) ? UINT_MAX : 2);
        application_sends(writing, index, &piece);
        push(writing, &piece);
        write_their_piece(writing, segment, &piece, segment->optional ? "<?" : "<", within_us);
        note_received(writing, segment, &piece);
    }
}

/*
 * A SYN/ACK that our SYN asked for again may have been sent by their timer at the same time; and
 * there are ends that answer such a SYN with an ACK (RFC 5961 section 4.2).
 */
static void write_twins(struct writing *writing, const struct segment *segment)
{
    struct piece piece = next_piece(writing, segment, NULL);
    if (acks_may_come(writing, segment->packet.tcp.ack))
        write_their_piece(writing, segment, &piece, "<?", 0);
    write_optional(writing, segment->packet.tcp.ack);
}

static void write_must(struct writing *writing, size_t index)
{
    const struct segment *segment = writing->transcript->segments[index];
    struct piece piece = next_piece(writing, segment, NULL);
    uint64_t pause_us = pause_before(writing->transcript, index);
    uint64_t within_us = pause_us > LATE_US ? 2 * at_most(pause_us, WITHIN_MOST_US / 2) : 0;
    if (segment->length > 0)
        write_pacing(writing, UINT_MAX);
    application_speaks(writing, index);
    write_gap(writing, segment);
    application_sends(writing, index, &piece);
    const char *sign = write_possible(writing, segment);
    bind_theirs(writing, segment);
    write_notes(writing, segment);
    push(writing, &piece);
    write_their_piece(writing, segment, &piece, sign, within_us);
    note_received(writing, segment, &piece);
    write_more_pieces(writing, index, piece, within_us);
    if (has_flag(segment, SS_TCP_ACK))
        acks_settle(writing, segment->packet.tcp.ack);
    if (segment->asked)
        write_twins(writing, segment);
}

static void write_may(struct writing *writing, size_t index)
{
    const struct segment *segment = writing->transcript->segments[index];
    struct piece piece = next_piece(writing, segment, NULL);
    if (is_pure_ack(segment)) {
        write_optional(writing, segment->packet.tcp.ack);
    } else if (acks_may_come(writing, segment->packet.tcp.ack)) {
        write_notes(writing, segment);
        write_their_piece(writing, segment, &piece, "<?", 0);
        write_more_pieces(writing, index, piece, 0);
    }
}

static void write_their_segment(struct writing *writing, size_t index)
{
    const struct segment *segment = writing->transcript->segments[index];
    if (is_damaged(segment)) {
        write_damaged(writing, segment);
        return;
    }
    if (is_old_ack(writing, segment))
        return;
    if (must_come(writing, index))
        write_must(writing, index);
    else
        write_may(writing, index);
}

/* A connection is opened, used and closed: an empty line stands between these. */
enum stage {
    STAGE_OPENING,
    STAGE_DATA,
    STAGE_CLOSING,
};

static enum stage stage_of(const struct segment *segment)
{
    if (has_flag(segment, SS_TCP_FIN | SS_TCP_RST))
        return STAGE_CLOSING;
    return segment->payload_length > 0 ? STAGE_DATA : STAGE_OPENING;
}

void write_segments(struct writing *writing)
{
    const struct ss_transcript *transcript = writing->transcript;
    enum stage stage = STAGE_OPENING;
    application_begin(writing);
    for (size_t i = 0; i < transcript->count; i++) {
        writing->index = i;
        if (stage_of(transcript->segments[i]) > stage) {
            stage = stage_of(transcript->segments[i]);
            fputc('\n', writing->out);
        }
        if (transcript->segments[i]->ours)
            write_our_segment(writing, i);
        else
            write_their_segment(writing, i);
    }
}
