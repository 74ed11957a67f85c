/*
 * capture_writer: one sink over both formats, and the memory of what could not be written.
 */
#include "synstep/capture_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture_parts.h"
#include "output_file.h"
#include "pcapng_block.h"
#include "text.h"

struct ss_capture_writer {
    struct ss_output_file file;
    struct ss_pcap *pcap; /* classic pcap; owns the stream's file */
    enum ss_link link;
    uint64_t epoch_us;
};

enum { COMMENT_SIZE = 8192 };

/* A comment is lines of at most SS_TEXT_SIZE; a line that does not fit any more is left out. */
static void add_line(char comment[COMMENT_SIZE], const struct ss_text *line)
{
    size_t at = strlen(comment);
    if (at + 1 + line->length >= COMMENT_SIZE)
        return;
    if (at > 0)
        comment[at++] = '\n';
    memcpy(comment + at, line->octets, line->length + 1);
}

static void comment_numbers(char comment[COMMENT_SIZE], const struct ss_event_segment *segment)
{
    struct ss_text line;
    ss_text_clear(&line);
    ss_text_add(&line, "synstep %s %u", segment->is_datagram ? "datagram" : "segment",
                (unsigned)segment->n);
    if (segment->seq_symbol[0])
        ss_text_add(&line, ": seq %s", segment->seq_symbol);
    if (segment->ack_symbol[0])
        ss_text_add(&line, ", ack %s", segment->ack_symbol);
    if (segment->fate != SS_FATE_DELIVERED)
        ss_text_add(&line, "; %s on purpose (--impair)", ss_text_fate(segment->fate));
    add_line(comment, &line);
}

static void comment_states(char comment[COMMENT_SIZE], const struct ss_event_segment *segment)
{
    static const char *const names[2] = {"local", "peer"};
    struct ss_text line;
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        if (segment->state_before[side] == segment->state_after[side])
            continue;
        ss_text_clear(&line);
        ss_text_add(&line, "%s: %s -> %s", names[side],
                    ss_tcp_state_text(segment->state_before[side]),
                    ss_tcp_state_text(segment->state_after[side]));
        add_line(comment, &line);
    }
}

static void comment_verdict(char comment[COMMENT_SIZE], const struct ss_verdict *verdict,
                            const struct ss_event_segment *segment)
{
    struct ss_verdict_words words;
    char sentence[SS_VERDICT_LINE_SIZE];
    struct ss_text line;
    ss_text_word_verdict(&words, verdict, segment);
    ss_verdict_line(sentence, verdict, &words);
    ss_text_clear(&line);
    ss_text_add(&line, "%s", sentence);
    add_line(comment, &line);
}

/* Whether the file is of another kind of link: readers of libpcap's take only one in a file. */
static bool is_elsewhere(const struct ss_capture_writer *writer, const struct ss_packet *packet)
{
    if (writer->link == SS_LINK_IP)
        return packet->ip_offset > 0;
    return packet->ip_offset == 0 && packet->version != 0;
}

static void take_segment(struct ss_capture_writer *writer, const struct ss_event *event)
{
    const struct ss_event_segment *segment = &event->segment;
    char comment[COMMENT_SIZE] = "";
    comment_numbers(comment, segment);
    comment_states(comment, segment);
    for (size_t i = 0; i < segment->verdicts.count; i++)
        comment_verdict(comment, &segment->verdicts.list[i], segment);
    const struct ss_capture_packet packet = {.time_us = writer->epoch_us + event->time_us,
                                             .octets = segment->octets,
                                             .length = segment->length,
                                             .from = segment->from,
                                             .comment = comment};
    errno = 0;
    ss_output_file_remember(&writer->file, writer->pcap
                                               ? ss_pcap_write_packet(writer->pcap, &packet)
                                               : ss_pcapng_write_packet(writer->file.out, &packet));
}

static void take(void *context, const struct ss_event *event)
{
    struct ss_capture_writer *writer = context;
    switch (event->kind) {
    case SS_EVENT_START:
        writer->epoch_us = event->start.epoch_us;
        break;
    case SS_EVENT_SEGMENT:
        if (!writer->file.error && !is_elsewhere(writer, &event->segment.packet))
            take_segment(writer, event);
        break;
    case SS_EVENT_WITNESS:
    case SS_EVENT_STEP:
    case SS_EVENT_NOTE:
    case SS_EVENT_END:
        break;
    }
}

struct ss_sink ss_capture_writer_sink(struct ss_capture_writer *writer)
{
    return (struct ss_sink){.context = writer, .take = take};
}

/* The file's head is written at once, so that it is readable even before the first packet. */
static void write_head(struct ss_capture_writer *writer, const char *path)
{
    errno = 0;
    if (ss_pcapng_is_name(path)) {
        ss_output_file_remember(&writer->file,
                                ss_pcapng_write_start(writer->file.out, writer->link));
        return;
    }
    writer->pcap = ss_pcap_open(writer->file.out, writer->link);
    ss_output_file_remember(&writer->file, writer->pcap && fflush(writer->file.out) == 0);
}

enum ss_status ss_capture_writer_open(const char *path, struct ss_capture_writer **writer,
                                      struct ss_problem *problem)
{
    return ss_capture_writer_open_link(path, SS_LINK_IP, writer, problem);
}

enum ss_status ss_capture_writer_open_link(const char *path, enum ss_link link,
                                           struct ss_capture_writer **writer,
                                           struct ss_problem *problem)
{
    struct ss_capture_writer *made = calloc(1, sizeof(*made));
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the capture file");
    made->link = link;
    enum ss_status status = ss_output_file_open("the capture file", path, &made->file, problem);
    if (status != SS_OK) {
        free(made);
        return status;
    }
    write_head(made, path);
    if (made->file.error)
        return ss_capture_writer_close(made, problem);
    *writer = made;
    return SS_OK;
}

static void close_stream(struct ss_capture_writer *writer)
{
    if (!writer->pcap) {
        ss_output_file_close(&writer->file);
        return;
    }
    errno = 0;
    ss_output_file_remember(&writer->file, fflush(writer->file.out) == 0);
    ss_pcap_close(writer->pcap);
}

enum ss_status ss_capture_writer_close(struct ss_capture_writer *writer, struct ss_problem *problem)
{
    close_stream(writer);
    enum ss_status status = ss_output_file_ended(&writer->file, problem);
    free(writer);
    return status;
}
