/*
 * verify_overlap: whether the same sequence numbers carried the same octets each time (RFC 9293
 * section 3.8.1: what is sent again is what was sent).
 *
 * Compared with the segments that the sender's ring still holds: octet by octet where frames stay,
 * else by a digest of the whole payload, which only tells of a segment that covers the same
 * numbers.
 */
#include <string.h>

#include "verify_internal.h"

enum { LANES = 4, LANE_BYTES = 8, STRIDE = LANES * LANE_BYTES };

static const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15); /* 2^64 over the golden ratio */

static uint64_t mix(uint64_t lane, const uint8_t *octets)
{
    uint64_t word;
    memcpy(&word, octets, sizeof word);
    lane = (lane ^ word) * odd;
    return lane ^ lane >> 32;
}

/* In no byte order: compared on this machine alone. */
static uint64_t digest_of(const uint8_t *octets, size_t length)
{
    uint64_t lanes[LANES] = {1, 2, 3, 4};
    uint8_t rest[STRIDE] = {0};
    size_t at = 0;
    for (; length - at >= STRIDE; at += STRIDE)
        for (size_t i = 0; i < LANES; i++)
            lanes[i] = mix(lanes[i], octets + at + i * LANE_BYTES);
    memcpy(rest, octets + at, length - at);
    uint64_t digest = length;
    for (size_t i = 0; i < LANES; i++) {
        lanes[i] = mix(lanes[i], rest + i * LANE_BYTES);
        digest = (digest ^ lanes[i]) * odd;
        digest ^= digest >> 29;
    }
    return digest;
}

/* The payload where the frame holds all of it; a keep-alive's octet is none (RFC 9293 3.8.4). */
static const uint8_t *octets_of(const struct ss_verify_case *c)
{
    const struct ss_packet *packet = c->packet;
    if (c->payload == 0 || c->keep_alive || !packet->frame ||
        packet->payload_offset + packet->payload_length > packet->frame_length)
        return NULL;
    return packet->frame + packet->payload_offset;
}

struct ss_verify_segment ss_verify_segment_of(const struct ss_verify_case *c)
{
    struct ss_verify_segment segment = {
        .time_us = c->time_us,
        .seq = c->seq,
        .end = c->end,
        .frame = c->frame,
        .flags = c->packet->tcp.flags,
        .repeated = c->repeats,
    };
    const uint8_t *octets = octets_of(c);
    if (octets && (c->wishes & SS_WISH_FRAMES_STAY)) {
        segment.content = SS_CONTENT_OCTETS;
        segment.of.octets = octets;
    } else if (octets && (c->wishes & SS_WISH_DIGEST)) {
        segment.content = SS_CONTENT_DIGEST;
        segment.of.digest = digest_of(octets, c->payload);
    }
    return segment;
}

static struct ss_seq data_start(const struct ss_verify_segment *segment)
{
    return ss_seq_add(segment->seq, segment->flags & SS_TCP_SYN ? 1 : 0);
}

static struct ss_seq data_end(const struct ss_verify_segment *segment)
{
    bool fin = (segment->flags & (SS_TCP_SYN | SS_TCP_FIN)) == SS_TCP_FIN; /* see SEG.LEN */
    return ss_seq_subtract(segment->end, fin ? 1 : 0);
}

/* The 16 bits of two digests that are shown: the first that differ. */
static struct ss_verify_pair digests(uint64_t one, uint64_t other)
{
    while (((one ^ other) & UINT16_MAX) == 0) {
        one >>= 16;
        other >>= 16;
    }
    return (struct ss_verify_pair){SS_NUMBERS_CHECKSUM, one & UINT16_MAX, other & UINT16_MAX};
}

static bool conflicts_by_digest(const struct ss_verify_segment *before,
                                const struct ss_verify_segment *now, struct ss_verify_pair *pair)
{
    bool same_numbers = ss_seq_equal(data_start(before), data_start(now)) &&
                        ss_seq_equal(data_end(before), data_end(now));
    if (!same_numbers || before->of.digest == now->of.digest)
        return false;
    *pair = digests(before->of.digest, now->of.digest);
    return true;
}

/* The first octet that differs in what both cover. */
static bool conflicts_by_octet(const struct ss_verify_segment *before,
                               const struct ss_verify_segment *now, struct ss_verify_pair *pair)
{
    struct ss_seq start = data_start(now), end = data_end(now);
    if (ss_seq_after(data_start(before), start))
        start = data_start(before);
    if (ss_seq_before(data_end(before), end))
        end = data_end(before);
    if (!ss_seq_before(start, end))
        return false;
    const uint8_t *here = now->of.octets + ss_seq_distance(data_start(now), start);
    const uint8_t *there = before->of.octets + ss_seq_distance(data_start(before), start);
    for (uint32_t i = 0; i < ss_seq_distance(start, end); i++) {
        if (here[i] == there[i])
            continue;
        *pair = (struct ss_verify_pair){SS_NUMBERS_CHECKSUM, there[i], here[i]};
        return true;
    }
    return false;
}

static bool conflicts(const struct ss_verify_segment *before, const struct ss_verify_segment *now,
                      struct ss_verify_pair *pair)
{
    switch ((enum ss_verify_content)now->content) {
    case SS_CONTENT_NONE:
        return false;
    case SS_CONTENT_DIGEST:
        return conflicts_by_digest(before, now, pair);
    case SS_CONTENT_OCTETS:
        return conflicts_by_octet(before, now, pair);
    }
    return false;
}

void ss_verify_judge_overlap(struct ss_verify_case *c)
{
    if (!c->sender_extra || c->place != SS_PLACE_BACK || c->rst || c->payload == 0)
        return;
    struct ss_verify_segment now = ss_verify_segment_of(c);
    const struct ss_verify_segment *before;
    struct ss_verify_pair pair = {0};
    for (uint32_t i = 0; (before = ss_verify_ring_next(&c->sender_extra->ring, &i));) {
        if (before->content != now.content || !conflicts(before, &now, &pair))
            continue;
        c->conflict = true;
        ss_verify_say(c, SS_RULE_CONFLICTING_OVERLAP, pair);
        return;
    }
}
