/* transcript: the segments of a connection, and the scenario's head. */
#include "synstep/transcript.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "transcript_parts.h"

enum { TITLE_FILE_SIZE = 80, WINDOW_USUAL = 64240 };

struct ss_transcript *ss_transcript_new(const struct ss_transcript_options *options)
{
    struct ss_transcript *made = calloc(1, sizeof(*made));
    if (!made)
        return NULL;
    made->file = options->file;
    made->connection = options->flow->number;
    memcpy(made->ends, options->flow->ends, sizeof(made->ends));
    made->late = options->flow->late;
    made->crafted = options->crafted;
    return made;
}

void ss_transcript_free(struct ss_transcript *transcript)
{
    if (!transcript)
        return;
    for (size_t i = 0; i < transcript->count; i++)
        free(transcript->segments[i]);
    free(transcript->segments);
    free(transcript);
}

/* --- taking segments in -------------------------------------------------------------------------
 */

static bool make_room(struct ss_transcript *transcript)
{
    if (transcript->count < transcript->room)
        return true;
    size_t room = transcript->room ? 2 * transcript->room : 64;
    struct segment **segments = realloc(transcript->segments, room * sizeof(struct segment *));
    if (!segments)
        return false;
    transcript->segments = segments;
    transcript->room = room;
    return true;
}

/* How long the payload was when it was sent: the capture may have kept less. */
static uint32_t whole_payload(const struct ss_packet *packet)
{
    bool unknown = packet->faults & SS_FAULT_TCP_OFFSET;
    return (uint32_t)(packet->payload_length + (unknown ? 0 : packet->payload_missing));
}

/* Notes that say nothing of the segment itself, but of where it was captured or how it was made. */
static bool is_worth_telling(const struct ss_verdict *verdict)
{
    static const char *const dull[] = {"checksum_offloaded", "ip_malformed",   "mss_missing",
                                       "ack_partial",        "karn_ambiguous", "window_full",
                                       "rst_not_judged"};
    if (verdict->level == SS_VERDICT_HELD)
        return false;
    for (size_t i = 0; i < sizeof(dull) / sizeof(dull[0]); i++)
        if (strcmp(ss_rule_name(verdict->rule), dull[i]) == 0)
            return false;
    return true;
}

static void take_notes(struct segment *segment, const struct ss_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count && segment->note_count < NOTES_MAX; i++)
        if (is_worth_telling(&verdicts->list[i]))
            segment->notes[segment->note_count++] = ss_rule_name(verdicts->list[i].rule);
}

static struct segment *copy_of(const struct ss_packet *packet)
{
    struct segment *segment = calloc(1, sizeof(*segment) + packet->frame_length);
    if (!segment)
        return NULL;
    memcpy(segment->octets, packet->frame, packet->frame_length);
    segment->packet = *packet;
    segment->packet.frame = segment->octets;
    segment->payload_length = whole_payload(packet);
    segment->length = ss_seq_segment_length(segment->payload_length, has_flag(segment, SS_TCP_SYN),
                                            has_flag(segment, SS_TCP_FIN));
    return segment;
}

enum ss_status ss_transcript_add(struct ss_transcript *transcript,
                                 const struct ss_transcript_place *place,
                                 const struct ss_packet *packet, const struct ss_flow_packet *taken,
                                 struct ss_problem *problem)
{
    if (transcript->count == SS_TRANSCRIPT_SEGMENTS_MAX)
        return ss_problem_set(problem, SS_UNREADABLE,
                              "connection %" PRIu32 " of %s has more than %d segments: too many "
                              "for one scenario",
                              transcript->connection, transcript->file, SS_TRANSCRIPT_SEGMENTS_MAX);
    struct segment *segment = make_room(transcript) ? copy_of(packet) : NULL;
    if (!segment)
        return ss_problem_set(problem, SS_IO, "out of memory for the connection's segments");
    segment->frame = place->frame;
    segment->time_us = place->time_us;
    segment->ours = taken->from == transcript->crafted;
    take_notes(segment, &taken->verdicts);
    transcript->segments[transcript->count++] = segment;
    return SS_OK;
}

/* --- what a scenario needs ----------------------------------------------------------------------
 */

/* Whether an end spoke before its SYN was seen: a RST needs none (RFC 9293 section 3.10.7.1). */
static bool lacks_syn(const struct ss_transcript *transcript, bool ours)
{
    for (size_t i = 0; i < transcript->count; i++) {
        const struct segment *segment = transcript->segments[i];
        if (segment->ours == ours && !is_damaged(segment) && !has_flag(segment, SS_TCP_RST))
            return !has_flag(segment, SS_TCP_SYN);
    }
    return false;
}

static enum ss_status check(const struct ss_transcript *transcript, struct ss_problem *problem)
{
    char a[SS_SOCKET_ADDRESS_TEXT_SIZE], b[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(a, &transcript->ends[SS_SIDE_A]);
    ss_socket_address_format(b, &transcript->ends[SS_SIDE_B]);
    if (!transcript->late && !lacks_syn(transcript, true) && !lacks_syn(transcript, false))
        return SS_OK;
    return ss_problem_set(problem, SS_UNREADABLE,
                          "connection %" PRIu32 ", %s to %s, lacks %s in %s: a scenario needs the "
                          "whole handshake",
                          transcript->connection, a, b,
                          transcript->late ? "its SYN" : "the SYN/ACK", transcript->file);
}

/* --- the head -----------------------------------------------------------------------------------
 */

/* The file's own name, such that it can stand in a title and in a comment. */
static const char *shown_file(const char *file, char text[TITLE_FILE_SIZE])
{
    const char *slash = strrchr(file, '/');
    snprintf(text, TITLE_FILE_SIZE, "%s", slash && slash[1] ? slash + 1 : file);
    for (char *at = text; *at; at++)
        if (*at < 0x20 || *at > 0x7e || *at == '"' || *at == '\\')
            *at = '?';
    return text;
}

static const struct segment *first_with(const struct ss_transcript *transcript, bool ours,
                                        uint8_t flag)
{
    for (size_t i = 0; i < transcript->count; i++)
        if (transcript->segments[i]->ours == ours && has_flag(transcript->segments[i], flag) &&
            !is_damaged(transcript->segments[i]))
            return transcript->segments[i];
    return NULL;
}

/* "#   J = 17 (0x11)", for whoever holds the scenario beside the capture. */
static void write_number(FILE *out, char letter, const struct segment *segment)
{
    if (!segment)
        return;
    uint32_t number = segment->packet.tcp.seq.value;
    if (has_flag(segment, SS_TCP_FIN))
        number = ss_seq_subtract(end_of(segment), 1).value;
    fprintf(out, "#   %c = %" PRIu32 " (0x%08" PRIx32 ")\n", letter, number, number);
}

static void write_head(const struct ss_transcript *transcript, FILE *out)
{
    enum ss_side crafted = transcript->crafted;
    char file[TITLE_FILE_SIZE], a[SS_SOCKET_ADDRESS_TEXT_SIZE], b[SS_SOCKET_ADDRESS_TEXT_SIZE];
    shown_file(transcript->file, file);
    ss_socket_address_format(a, &transcript->ends[SS_SIDE_A]);
    ss_socket_address_format(b, &transcript->ends[SS_SIDE_B]);
    fprintf(out, "title \"%s: %s to %s\"\n\n", file, a, b);
    fprintf(out, "# Recorded from %s: connection %" PRIu32 ", frames %" PRIu64 " to %" PRIu64 ".\n",
            file, transcript->connection, transcript->segments[0]->frame,
            transcript->segments[transcript->count - 1]->frame);
    fprintf(out, "# The crafted end is the %s, %s. In the capture there was\n",
            crafted == SS_SIDE_A ? "client" : "server", crafted == SS_SIDE_A ? a : b);
    write_number(out, 'J', first_with(transcript, true, SS_TCP_SYN));
    write_number(out, 'K', first_with(transcript, false, SS_TCP_SYN));
    write_number(out, 'M', first_with(transcript, true, SS_TCP_FIN));
    write_number(out, 'N', first_with(transcript, false, SS_TCP_FIN));
    fputc('\n', out);
}

/* What the endpoint at the far end of the simulated wire has not: options, urgent data, a cork. */
static bool needs_kernel(const struct segment *segment)
{
    const struct ss_tcp_options *options = &segment->packet.options;
    bool has_options =
        options->sack_permitted || options->has_timestamps || options->has_window_shift;
    bool is_corked = has_flag(segment, SS_TCP_FIN) && segment->payload_length > 0;
    return has_flag(segment, SS_TCP_URG) ||
           (!segment->ours && (is_corked || (has_flag(segment, SS_TCP_SYN) && has_options)));
}

static void write_needs(const struct ss_transcript *transcript, FILE *out)
{
    for (size_t i = 0; i < transcript->count; i++)
        if (needs_kernel(transcript->segments[i])) {
            fputs("only live\n", out);
            return;
        }
}

static const struct segment *first_clock(const struct ss_transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++)
        if (transcript->segments[i]->ours && transcript->segments[i]->packet.options.has_timestamps)
            return transcript->segments[i];
    return NULL;
}

/* J is known from the start; and S, our clock's first value, when it has one. */
static void write_known(struct writing *writing)
{
    const struct segment *syn = first_with(writing->transcript, true, SS_TCP_SYN);
    const struct segment *clock = first_clock(writing->transcript);
    if (syn) {
        writing->ours.isn_bound = true;
        writing->ours.isn = syn->packet.tcp.seq;
        write_step(writing, "let J = 0x%08" PRIx32, syn->packet.tcp.seq.value);
    }
    if (clock) {
        writing->has_clock = true;
        writing->clock = clock->packet.options.timestamp_value;
        write_step(writing, "let S = 0x%08" PRIx32, writing->clock);
    }
}

/*
 * A capture taken where the card cuts segments to size, or on a loopback, has larger ones than the
 * private hosts' link carries: those come in pieces. An end that is told no MSS assumes the least
 * (RFC 9293 section 3.7.1).
 */
static void limit_segments(struct writing *writing)
{
    enum { PATH_IPV4 = 1460, PATH_IPV6 = 1440, ASSUMED_IPV4 = 536, ASSUMED_IPV6 = 1220 };
    const struct segment *syn = first_with(writing->transcript, true, SS_TCP_SYN);
    bool v6 = writing->transcript->segments[0]->packet.version == 6;
    writing->path_mss = v6 ? PATH_IPV6 : PATH_IPV4;
    writing->mss = v6 ? ASSUMED_IPV6 : ASSUMED_IPV4;
    if (syn && syn->packet.options.has_mss)
        writing->mss = syn->packet.options.mss;
    if (writing->mss > writing->path_mss || writing->mss == 0)
        writing->mss = writing->path_mss;
}

enum ss_status ss_transcript_write(struct ss_transcript *transcript, FILE *out,
                                   struct ss_problem *problem)
{
    enum ss_status status = check(transcript, problem);
    if (status != SS_OK)
        return status;
    find_losses(transcript);
    struct writing writing = {
        .transcript = transcript,
        .out = out,
        .ours = {.isn_letter = 'J', .fin_letter = 'M'},
        .theirs = {.isn_letter = 'K', .fin_letter = 'N'},
        .window = WINDOW_USUAL,
        .application = application_of(transcript),
    };
    limit_segments(&writing);
    write_head(transcript, out);
    write_needs(transcript, out);
    write_known(&writing);
    write_segments(&writing);
    if (writing.steps <= SS_SCENARIO_STEPS_MAX)
        return SS_OK;
    return ss_problem_set(problem, SS_UNREADABLE,
                          "connection %" PRIu32 " of %s makes %zu steps: more than the %d of one "
                          "scenario",
                          transcript->connection, transcript->file, writing.steps,
                          SS_SCENARIO_STEPS_MAX);
}
