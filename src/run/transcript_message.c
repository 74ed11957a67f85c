/* transcript_message: what the peer's program may have sent in one go, told from what came of it.
 */
#include <stdlib.h>

#include "transcript_parts.h"

/* A kernel pushes by itself when half the window is full (Linux, forced_push): no part is so long.
 */
enum { PIECES_MOST = 16 };

/* Octets of theirs that one write of the program may have been, or a part of it. */
struct message {
    struct ss_seq first;
    struct ss_seq end;
    struct ss_seq most; /* it may not go on from here */
    bool urgent;
    bool ends_stream; /* a FIN in its last segment */
};

/* Takes a piece in, unless the message has grown long enough. */
static bool take_piece(const struct writing *writing, const struct piece *piece,
                       struct message *message)
{
    struct ss_seq end = ss_seq_add(piece->seq, piece->length);
    bool empty = ss_seq_equal(message->first, message->end);
    if (!ss_seq_after(end, message->end))
        return true;
    if (ss_seq_after(end, message->most) ||
        (!empty && ss_seq_distance(message->first, end) > PIECES_MOST * writing->mss))
        return false;
    message->end = end;
    return true;
}

/*
 * Takes a segment in, piece by piece; false when the message ends in it. That it does, too, where
 * pieces do not come out even: octets that follow at once would fill the last one up.
 */
static bool take_segment(const struct writing *writing, const struct segment *segment,
                         struct message *message)
{
    struct piece first = next_piece(writing, segment, NULL), piece = first;
    while (take_piece(writing, &piece, message)) {
        if (piece.last) {
            message->urgent = has_flag(segment, SS_TCP_URG);
            message->ends_stream = has_flag(segment, SS_TCP_FIN);
            return piece.length == first.length &&
                   !has_flag(segment, SS_TCP_PSH | SS_TCP_FIN | SS_TCP_URG);
        }
        piece = next_piece(writing, segment, &piece);
    }
    return false;
}

/*
 * From what it has not sent yet up to where it pushed (RFC 9293 section 3.9.1.2), or had taken in
 * more of ours: that may have been what it answers.
 */
static struct message message_at(const struct writing *writing, size_t index, struct ss_seq most)
{
    const struct ss_transcript *transcript = writing->transcript;
    const struct segment *begin = transcript->segments[index];
    struct ss_seq written = writing->application.written;
    struct message message = {.first = written, .end = written, .most = most};
    for (size_t i = index; i < transcript->count; i++) {
        const struct segment *segment = transcript->segments[i];
        if (segment->ours || segment->payload_length == 0 || is_damaged(segment) ||
            !ss_seq_after(payload_end(segment), message.end))
            continue;
        bool answers = !ss_seq_equal(segment->packet.tcp.ack, begin->packet.tcp.ack);
        if (i > index && (answers || has_flag(segment, SS_TCP_URG)))
            break;
        if (!take_segment(writing, segment, &message))
            break;
    }
    if (ss_seq_equal(message.end, written)) /* there is no segment with just that */
        message.end = most;
    return message;
}

/* Copies what one segment holds of the message, and counts it. */
static void gather_part(const struct segment *segment, const struct message *message,
                        uint8_t *octets, bool *known, uint32_t length)
{
    const struct ss_packet *packet = &segment->packet;
    const uint8_t *payload = ss_packet_payload(packet);
    struct ss_seq start = payload_start(segment);
    if (!ss_seq_in_window(message->first, length, start) &&
        !ss_seq_in_window(start, segment->payload_length, message->first))
        return;
    for (size_t i = 0; i < packet->payload_length; i++) {
        uint32_t at = ss_seq_distance(message->first, ss_seq_add(start, (uint32_t)i));
        if (at >= length)
            continue;
        octets[at] = payload[i];
        known[at] = true;
    }
}

/* The message's octets, malloc'ed; NULL when they are not all in the capture. */
static uint8_t *gather(const struct ss_transcript *transcript, const struct message *message,
                       uint32_t length)
{
    uint8_t *octets = calloc(2, length + 1);
    bool *known = octets ? (bool *)(octets + length + 1) : NULL;
    for (size_t i = 0; octets && i < transcript->count; i++)
        if (!transcript->segments[i]->ours && !is_damaged(transcript->segments[i]))
            gather_part(transcript->segments[i], message, octets, known, length);
    for (uint32_t i = 0; octets && i < length; i++)
        if (!known[i]) {
            free(octets);
            return NULL;
        }
    return octets;
}

/* A FIN leaves with the last octets only when these have been held back for it. */
bool write_message(struct writing *writing, size_t index, struct ss_seq most)
{
    struct message message = message_at(writing, index, most);
    uint32_t length = ss_seq_distance(message.first, message.end);
    uint8_t *octets = gather(writing->transcript, &message, length);
    if (message.ends_stream)
        write_step(writing, "peer set cork");
    fputs("peer send", writing->out);
    write_payload(writing->out, octets, length);
    write_step(writing, "%s", message.urgent ? " urgent" : "");
    free(octets);
    writing->application.written = message.end;
    return message.ends_stream;
}
