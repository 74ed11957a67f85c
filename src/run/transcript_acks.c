/*
 * transcript_acks: when acknowledgments come. In the capture they were the clock of both ends; in a
 * replay, between hosts without a distance, theirs come sooner, merged, or by themselves.
 */
#include "transcript_parts.h"

enum {
    OPTIONAL_MOST = 12, /* the player holds 16 */
    THEIRS_MOST = 8,    /* less than the initial window (RFC 6928) */
    READ_LARGE = 8192,  /* octets, after whose reading the window may be announced again */
};

static void add(struct acks *acks, struct ss_seq number, size_t most)
{
    if (acks->count < most)
        acks->list[acks->count++] = number;
    else
        acks->more = true;
}

static size_t count_of(const struct acks *acks, struct ss_seq number)
{
    size_t count = 0;
    for (size_t i = 0; i < acks->count; i++)
        count += ss_seq_equal(acks->list[i], number);
    return count;
}

void acks_note_sent(struct writing *writing, struct ss_seq number)
{
    add(&writing->sent, number, ACKS_MAX);
}

bool acks_awaited(const struct writing *writing, struct ss_seq number)
{
    return count_of(&writing->optional, number) > 0;
}

bool acks_may_come(struct writing *writing, struct ss_seq number)
{
    bool room = writing->optional.count < OPTIONAL_MOST;
    add(&writing->optional, number, OPTIONAL_MOST);
    return room;
}

void write_optional(struct writing *writing, struct ss_seq ack)
{
    char text[SS_SEQ_TEXT_SIZE];
    if (acks_may_come(writing, ack))
        write_step(writing, "<? ACK     ack=%s", number_text(&writing->ours, ack, text));
}

/*
 * What rode on data in the capture may come by itself, and before them: as often as something came
 * that has to be acknowledged so.
 */
static void write_each(struct writing *writing, const struct segment *next)
{
    const struct acks *sent = &writing->sent;
    for (size_t i = 0; i < sent->count; i++) {
        struct ss_seq number = sent->list[i];
        bool is_next = is_pure_ack(next) && ss_seq_equal(next->packet.tcp.ack, number);
        size_t times = count_of(sent, number) - (is_next ? 1 : 0);
        if (count_of(&writing->optional, number) < times)
            write_optional(writing, number);
    }
}

const char *write_possible(struct writing *writing, const struct segment *next)
{
    if (!writing->sent.more && !writing->optional.more)
        write_each(writing, next);
    return writing->sent.more || writing->optional.more || next->gap == GAP_UNSEEN ? "<*" : "<";
}

void acks_settle(struct writing *writing, struct ss_seq ack)
{
    struct acks *sent = &writing->sent;
    size_t kept = 0;
    for (size_t i = 0; i < sent->count; i++)
        if (ss_seq_after(sent->list[i], ack))
            sent->list[kept++] = sent->list[i];
    sent->count = kept;
    sent->more = false;
    writing->optional = (struct acks){0};
    writing->is_acked_known = true;
    writing->acked = ack;
}

/* Whether, in the capture, what was so acknowledged did not leave the peer's window closed. */
static bool reads_along(const struct writing *writing, struct ss_seq ack)
{
    const struct ss_transcript *transcript = writing->transcript;
    for (size_t i = writing->index; i < transcript->count; i++) {
        const struct segment *segment = transcript->segments[i];
        if (!segment->ours && has_flag(segment, SS_TCP_ACK) &&
            ss_seq_at_or_after(segment->packet.tcp.ack, ack))
            return !has_note(segment, "zero_window");
    }
    return true;
}

void write_synchronization(struct writing *writing, size_t least)
{
    char text[SS_SEQ_TEXT_SIZE];
    struct ss_seq reached = writing->peer.rcv_nxt;
    bool has_news =
        writing->peer.rcv_known && writing->is_acked_known && ss_seq_after(reached, writing->acked);
    if (writing->sent.count < least || !has_news)
        return;
    fputs("# Not by itself in the capture: before more comes, that is there.\n", writing->out);
    write_step(writing, "<* ACK     ack=%s", number_text(&writing->ours, reached, text));
    acks_settle(writing, reached);
    uint32_t read = writing->application.read;
    if (reads_along(writing, reached))
        application_reads(writing, reached);
    if (writing->application.read - read >= READ_LARGE)
        write_optional(writing, reached);
}

static void acknowledge(struct writing *writing)
{
    char seq[SS_SEQ_TEXT_SIZE], ack[SS_SEQ_TEXT_SIZE];
    fputs("# Not in the capture, which shows larger segments: the rest does not come before it.\n",
          writing->out);
    fprintf(writing->out, "> ACK      seq=%s ack=%s",
            number_text(&writing->ours, writing->own.snd_nxt, seq),
            number_text(&writing->theirs, writing->own.rcv_nxt, ack));
    write_options_made(writing);
    write_step(writing, "%s", "");
    writing->unacknowledged = 0;
}

void write_pacing(struct writing *writing, unsigned most)
{
    unsigned theirs_most = most < THEIRS_MOST ? most : THEIRS_MOST;
    if (writing->unacknowledged >= theirs_most && !writing->disturbed && writing->last_of_ours)
        acknowledge(writing);
}

void write_probe(struct writing *writing)
{
    char flags[SS_TCP_FLAGS_TEXT_SIZE], head[SS_TCP_FLAGS_TEXT_SIZE + 4], seq[SS_SEQ_TEXT_SIZE];
    const struct piece *last = &writing->last_of_theirs;
    if (writing->unacknowledged < 2 || writing->disturbed || writing->is_probe_told ||
        !acks_may_come(writing, writing->acked))
        return;
    ss_tcp_flags_format(flags, last->flags);
    snprintf(head, sizeof(head), "<? %s", flags);
    write_step(writing, "%-10s seq=%s%s", head, number_text(&writing->theirs, last->seq, seq),
               last->length > 0 ? " size *" : "");
    writing->is_probe_told = true;
}
