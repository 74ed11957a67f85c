/* transcript_segment: a segment as a line of the scenario, or as several, where it is a large one.
 */
#include <inttypes.h>

#include "transcript_parts.h"

static uint32_t options_bytes(const struct segment *segment)
{
    const struct ss_packet *packet = &segment->packet;
    size_t at = packet->transport_offset + SS_TCP_HEADER_BYTES;
    return packet->payload_offset > at ? (uint32_t)(packet->payload_offset - at) : 0;
}

static uint32_t piece_most(const struct writing *writing, const struct segment *segment)
{
    uint32_t most = segment->ours ? writing->path_mss : writing->mss;
    uint32_t options = options_bytes(segment);
    return most > 2 * options ? most - options : most;
}

/* What ends the payload is in the last piece only, what begins the stream in the first. */
struct piece next_piece(const struct writing *writing, const struct segment *segment,
                        const struct piece *before)
{
    const uint8_t of_last = SS_TCP_PSH | SS_TCP_FIN;
    uint32_t most = piece_most(writing, segment);
    uint32_t offset = before ? before->offset + before->length : 0;
    uint32_t left = segment->payload_length - offset;
    struct piece piece = {.offset = offset,
                          .length = left > most ? most : left,
                          .flags = segment->packet.tcp.flags,
                          .seq = ss_seq_add(segment->packet.tcp.seq, offset),
                          .last = left <= most};
    if (!piece.last)
        piece.flags &= (uint8_t)~of_last;
    if (before && (piece.flags & SS_TCP_SYN)) {
        piece.flags &= (uint8_t)~SS_TCP_SYN;
        piece.seq = ss_seq_add(piece.seq, 1);
    }
    return piece;
}

static void write_head(const struct writing *writing, const char *sign, const struct piece *piece)
{
    char flags[SS_TCP_FLAGS_TEXT_SIZE], head[SS_TCP_FLAGS_TEXT_SIZE + 4];
    ss_tcp_flags_format(flags, piece->flags);
    snprintf(head, sizeof(head), "%s %s", sign, flags);
    fprintf(writing->out, "%-10s", head);
}

/* Its octets as far as the capture kept them; of a segment cut there, none. */
static void write_octets(const struct writing *writing, const struct segment *segment,
                         const struct piece *piece)
{
    const struct ss_packet *packet = &segment->packet;
    bool is_whole = packet->payload_length == segment->payload_length;
    const uint8_t *octets = is_whole ? ss_packet_payload(packet) + piece->offset : NULL;
    write_payload(writing->out, octets, piece->length);
}

/* --- ours ---------------------------------------------------------------------------------------
 */

/* What is seldom other than usual. */
static void write_odd_fields(const struct writing *writing, const struct segment *segment)
{
    const struct ss_packet *packet = &segment->packet;
    FILE *out = writing->out;
    uint8_t tos = packet->version == 4 ? packet->ipv4.tos : packet->ipv6.traffic_class;
    if (packet->tcp.urgent != 0)
        fprintf(out, " urgent=%u", packet->tcp.urgent);
    if (packet->tcp.reserved != 0)
        fprintf(out, " reserved=%u", packet->tcp.reserved);
    if (packet->faults & SS_FAULT_TCP_OFFSET)
        fprintf(out, " offset=%u", packet->tcp.offset_words);
    if (tos != 0)
        fprintf(out, " tos=%u", tos);
    if (is_damaged(segment))
        fputs(" corrupt=tcp.checksum", out);
}

static void write_own_ack(const struct writing *writing, const struct segment *segment)
{
    const struct ss_tcp_header *tcp = &segment->packet.tcp;
    char ack[SS_SEQ_TEXT_SIZE];
    if (has_flag(segment, SS_TCP_ACK))
        fprintf(writing->out, " ack=%s", number_text(&writing->theirs, tcp->ack, ack));
    else if (tcp->ack.value != 0)
        fprintf(writing->out, " ack=%" PRIu32, tcp->ack.value);
}

void write_our_piece(struct writing *writing, const struct segment *segment,
                     const struct piece *piece)
{
    char seq[SS_SEQ_TEXT_SIZE];
    if (segment->lost)
        write_step(writing, "drop >");
    write_head(writing, ">", piece);
    fprintf(writing->out, " seq=%s", number_text(&writing->ours, piece->seq, seq));
    write_own_ack(writing, segment);
    if (segment->packet.tcp.window != writing->window)
        fprintf(writing->out, " window=%u", segment->packet.tcp.window);
    write_odd_fields(writing, segment);
    write_options_sent(writing, segment);
    write_octets(writing, segment, piece);
    write_step(writing, "%s", "");
}

/* --- theirs -------------------------------------------------------------------------------------
 */

/* What of ours was on its way when they said so may have arrived by then in a replay. */
static void write_their_ack(const struct writing *writing, const struct segment *segment)
{
    char low[SS_SEQ_TEXT_SIZE], high[SS_SEQ_TEXT_SIZE];
    struct ss_seq ack = segment->packet.tcp.ack;
    if (!has_flag(segment, SS_TCP_ACK))
        return;
    fprintf(writing->out, " ack=%s", number_text(&writing->ours, ack, low));
    if (writing->peer.rcv_known && ss_seq_after(writing->peer.rcv_nxt, ack))
        fprintf(writing->out, "..%s", number_text(&writing->ours, writing->peer.rcv_nxt, high));
}

static void write_limit(const struct writing *writing, uint64_t within_us)
{
    if (within_us > 0)
        fprintf(writing->out, " within %" PRIu64 "s", (within_us + 999999) / 1000000);
}

void write_their_piece(struct writing *writing, const struct segment *segment,
                       const struct piece *piece, const char *sign, uint64_t within_us)
{
    char seq[SS_SEQ_TEXT_SIZE];
    write_head(writing, sign, piece);
    fprintf(writing->out, " seq=%s", number_text(&writing->theirs, piece->seq, seq));
    write_their_ack(writing, segment);
    if (has_flag(segment, SS_TCP_URG))
        fprintf(writing->out, " urgent=%u", segment->packet.tcp.urgent);
    write_options_expected(writing, segment);
    write_limit(writing, within_us);
    write_octets(writing, segment, piece);
    write_step(writing, "%s", "");
}
