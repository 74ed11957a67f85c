/*
 * transcript_losses: what must have been lost on its way, by what was sent again and why.
 *
 * A capture shows what passed one place, not what arrived. What was sent again though it had
 * arrived is the exception: where an end repeats itself and nothing shows that the first one was
 * got, it was lost, and the scenario drops it.
 */
#include <string.h>

#include "transcript_parts.h"

/* An end that repeats itself sooner has a reason other than its timer (RFC 6298 section 2.4). */
enum { TIMER_LEAST_US = 100000 };

bool has_note(const struct segment *segment, const char *name)
{
    for (size_t i = 0; i < segment->note_count; i++)
        if (strcmp(segment->notes[i], name) == 0)
            return true;
    return false;
}

static bool covers(const struct segment *segment, struct ss_seq number)
{
    return ss_seq_in_window(segment->packet.tcp.seq, segment->length, number);
}

/* A SYN/ACK after a SYN is another word with the same number (RFC 9293 section 3.5). */
static bool repeats(const struct segment *later, const struct segment *earlier)
{
    bool other = (later->packet.tcp.flags ^ earlier->packet.tcp.flags) & SS_TCP_ACK;
    return !(other && has_flag(earlier, SS_TCP_SYN));
}

static uint64_t time_between(const struct segment *earlier, const struct segment *later)
{
    return later->time_us > earlier->time_us ? later->time_us - earlier->time_us : 0;
}

/* --- ours ---------------------------------------------------------------------------------------
 */

/* What the peer answers, without taking it in. */
static bool is_probe(const struct segment *segment)
{
    return has_note(segment, "keep_alive") || has_note(segment, "zero_window_probe") ||
           has_note(segment, "data_beyond_window") || has_note(segment, "segment_unacceptable");
}

static bool acknowledges(const struct segment *segment, struct ss_seq number)
{
    return has_flag(segment, SS_TCP_ACK) && ss_seq_after(segment->packet.tcp.ack, number);
}

/* Sent again before anything showed that it had arrived. */
static void find_lost(const struct ss_transcript *transcript, size_t index)
{
    struct segment *segment = transcript->segments[index];
    struct ss_seq first = segment->packet.tcp.seq;
    if (segment->length == 0 || is_damaged(segment) || is_probe(segment))
        return;
    for (size_t i = index + 1; i < transcript->count; i++) {
        const struct segment *later = transcript->segments[i];
        bool arrived = !later->ours && (acknowledges(later, first) || has_flag(later, SS_TCP_RST));
        if (arrived)
            return;
        if (!later->ours || !covers(later, first) || !repeats(later, segment))
            continue;
        segment->lost = true;
        segment->again_in = later->frame;
        return;
    }
}

/* A peer that never said a word got nothing. */
static void find_all_lost(struct ss_transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++)
        if (!transcript->segments[i]->ours)
            return;
    for (size_t i = 0; i < transcript->count; i++)
        transcript->segments[i]->lost = true;
}

/* --- theirs, sent again -------------------------------------------------------------------------
 */

/* The last time that they sent what this one repeats; `index` when it is new. */
static size_t first_time(const struct ss_transcript *transcript, size_t index)
{
    const struct segment *segment = transcript->segments[index];
    for (size_t i = index; i-- > 0;) {
        const struct segment *earlier = transcript->segments[i];
        if (!earlier->ours && !is_damaged(earlier) && repeats(segment, earlier) &&
            covers(earlier, segment->packet.tcp.seq))
            return i;
    }
    return index;
}

/* What we said between the two times. */
struct between {
    bool acknowledged;   /* they had no need to send it again, had they heard us */
    bool inseparable;    /* by a segment that carried more than that */
    bool asked;          /* they were given a reason: a SYN again */
    unsigned duplicates; /* or the same acknowledgment again and again */
};

static struct between look_between(const struct ss_transcript *transcript, size_t first,
                                   size_t again)
{
    struct between between = {0};
    const struct segment *repeated = transcript->segments[again];
    for (size_t i = first + 1; i < again; i++) {
        const struct segment *segment = transcript->segments[i];
        if (!segment->ours || !has_flag(segment, SS_TCP_ACK)) {
            between.asked |= segment->ours && has_flag(segment, SS_TCP_SYN);
            continue;
        }
        if (ss_seq_equal(segment->packet.tcp.ack, repeated->packet.tcp.seq))
            between.duplicates++;
        if (ss_seq_before(segment->packet.tcp.ack, end_of(repeated)))
            continue;
        between.acknowledged = true;
        between.inseparable |= segment->length > 0 && !segment->lost;
    }
    return between;
}

/* Their timer ran out though we had acknowledged: so that was lost. */
static void lose_acknowledgments(struct ss_transcript *transcript, size_t first, size_t again)
{
    const struct segment *repeated = transcript->segments[again];
    for (size_t i = first + 1; i < again; i++) {
        struct segment *segment = transcript->segments[i];
        if (segment->ours && has_flag(segment, SS_TCP_ACK) &&
            ss_seq_at_or_after(segment->packet.tcp.ack, end_of(repeated)))
            segment->lost = true;
    }
}

static void find_repeated(struct ss_transcript *transcript, size_t index)
{
    enum { FAST = 3 }; /* duplicates: RFC 5681 section 3.2 */
    struct segment *segment = transcript->segments[index];
    size_t first = segment->length > 0 ? first_time(transcript, index) : index;
    if (first == index)
        return;
    struct between between = look_between(transcript, first, index);
    segment->asked = between.asked;
    bool timer = time_between(transcript->segments[first], segment) >= TIMER_LEAST_US;
    if (!between.acknowledged)
        segment->optional = !timer && !between.asked && between.duplicates < FAST;
    else if (timer && !between.inseparable)
        lose_acknowledgments(transcript, first, index);
    else
        segment->optional = true;
}

/* --- theirs, missing ----------------------------------------------------------------------------
 */

/* What the gap before the segment at `index` was filled with later; NULL when it never was. */
static const struct segment *filling(const struct ss_transcript *transcript, size_t index,
                                     struct ss_seq gap)
{
    for (size_t i = index + 1; i < transcript->count; i++)
        if (!transcript->segments[i]->ours && covers(transcript->segments[i], gap))
            return transcript->segments[i];
    return NULL;
}

static void find_gap(const struct ss_transcript *transcript, size_t index, struct ss_seq expected)
{
    struct segment *segment = transcript->segments[index];
    const struct segment *later = filling(transcript, index, expected);
    segment->gap_octets = ss_seq_distance(expected, segment->packet.tcp.seq);
    segment->gap = GAP_UNSEEN;
    if (!later)
        return;
    segment->gap = has_note(later, "out_of_order") ? GAP_DELAYED : GAP_DROPPED;
    segment->gap_us = time_between(segment, later);
}

/* What came damaged and then again is a loss: the same as if it had not come. */
static void find_mended(struct segment *segment, bool *damaged)
{
    if (!*damaged || segment->gap != GAP_NONE)
        return;
    segment->gap = GAP_DROPPED;
    segment->gap_octets = segment->length;
    *damaged = false;
}

static void find_gaps(const struct ss_transcript *transcript)
{
    bool is_known = false, damaged = false;
    struct ss_seq next = {0};
    for (size_t i = 0; i < transcript->count; i++) {
        struct segment *segment = transcript->segments[i];
        if (segment->ours || has_flag(segment, SS_TCP_RST) || (is_known && segment->length == 0))
            continue;
        damaged |= is_damaged(segment);
        if (is_damaged(segment))
            continue;
        if (is_known && ss_seq_after(segment->packet.tcp.seq, next))
            find_gap(transcript, i, next);
        find_mended(segment, &damaged);
        if (!is_known || ss_seq_after(end_of(segment), next))
            next = end_of(segment);
        is_known = true;
    }
}

void find_losses(struct ss_transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++)
        if (transcript->segments[i]->ours)
            find_lost(transcript, i);
    find_all_lost(transcript);
    for (size_t i = 0; i < transcript->count; i++)
        if (!transcript->segments[i]->ours && !is_damaged(transcript->segments[i]))
            find_repeated(transcript, i);
    find_gaps(transcript);
}
