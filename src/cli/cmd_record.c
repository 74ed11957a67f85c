/* cmd_record: `synstep record CAPTURE`: a scenario from a connection in a capture file. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "record_options.h"
#include "synstep/capture_file.h"
#include "synstep/connections.h"
#include "synstep/transcript.h"

/* A reading under way. */
struct recording {
    const struct record_options *options;
    struct ss_connections *connections;
    struct ss_transcript *transcript; /* NULL until the connection is met */
    uint64_t chosen;                  /* its number */
};

/* --- reading ------------------------------------------------------------------------------------
 */

/* The one that was asked for, or the first whose beginning is there. */
static bool is_chosen(const struct recording *recording, const struct ss_connection *connection)
{
    if (recording->options->list)
        return false;
    if (recording->options->connection > 0)
        return connection->number == recording->options->connection;
    return recording->transcript ? connection->number == recording->chosen : !connection->late;
}

static enum ss_status keep(struct recording *recording, const struct ss_capture_frame *frame,
                           const struct ss_packet *packet, const struct ss_connection_packet *taken,
                           struct ss_problem *problem)
{
    const struct ss_transcript_options options = {
        .file = strcmp(recording->options->capture, "-") == 0 ? "standard input"
                                                              : recording->options->capture,
        .connection = taken->connection,
        .crafted = recording->options->crafted,
    };
    const struct ss_transcript_place place = {frame->number, frame->time_us};
    if (!recording->transcript)
        recording->transcript = ss_transcript_new(&options);
    if (!recording->transcript)
        return ss_problem_set(problem, SS_IO, "out of memory for the scenario");
    recording->chosen = taken->connection->number;
    return ss_transcript_add(recording->transcript, &place, packet, taken, problem);
}

static enum ss_status take_frame(struct recording *recording, const struct ss_capture_frame *frame,
                                 struct ss_problem *problem)
{
    struct ss_packet packet;
    struct ss_connection_packet taken;
    ss_packet_decode(frame->link, frame->octets, frame->length, &packet);
    if (packet.transport != SS_TRANSPORT_TCP || packet.fragment)
        return SS_OK;
    if (ss_connections_take(recording->connections, &packet, frame->time_us, &taken) != SS_OK)
        return ss_problem_set(problem, SS_IO, "out of memory for the connections");
    if (!is_chosen(recording, taken.connection))
        return SS_OK;
    return keep(recording, frame, &packet, &taken, problem);
}

/* A file that breaks off is read as far as it goes, and that is said. */
static enum ss_status read_capture(struct recording *recording, struct ss_problem *problem)
{
    struct ss_capture_file *file;
    struct ss_capture_frame frame;
    struct ss_problem broken;
    recording->connections = ss_connections_new();
    if (!recording->connections)
        return ss_problem_set(problem, SS_IO, "out of memory for the connections");
    enum ss_status status = ss_capture_file_open(recording->options->capture, &file, problem);
    if (status != SS_OK)
        return status;
    while (status == SS_OK && ss_capture_file_next(file, &frame))
        status = take_frame(recording, &frame, problem);
    if (status == SS_OK && ss_capture_file_ended(file, &broken) != SS_OK)
        (void)complain("record", &broken);
    ss_capture_file_close(file);
    return status;
}

/* --- what is written ----------------------------------------------------------------------------
 */

static void list(const struct ss_connections *connections)
{
    for (size_t i = 0; i < ss_connections_count(connections); i++) {
        const struct ss_connection *each = ss_connections_at(connections, i);
        char from[SS_SOCKET_ADDRESS_TEXT_SIZE], to[SS_SOCKET_ADDRESS_TEXT_SIZE];
        ss_socket_address_format(from, &each->ends[SS_SIDE_A]);
        ss_socket_address_format(to, &each->ends[SS_SIDE_B]);
        printf("%4" PRIu64 "  %-21s  %-21s  %6" PRIu64 " segment%s  %8" PRIu64 " octet%s  %s%s\n",
               each->number, from, to, each->segments, each->segments == 1 ? " " : "s",
               each->payload_bytes, each->payload_bytes == 1 ? " " : "s",
               ss_connection_end_text(ss_connection_end(each)), each->late ? ", begins late" : "");
    }
}

/* Why there is no connection to record. */
static enum ss_status miss(const struct recording *recording, struct ss_problem *problem)
{
    const char *file = recording->options->capture;
    size_t count = ss_connections_count(recording->connections);
    if (count == 0)
        return ss_problem_set(problem, SS_UNREADABLE, "there is no TCP connection in %s", file);
    if (recording->options->connection > 0)
        return ss_problem_set(problem, SS_USAGE,
                              "there is no connection %" PRIu64 " in %s: it has %zu; 'synstep "
                              "record --list %s' tells them",
                              recording->options->connection, file, count, file);
    return ss_problem_set(problem, SS_UNREADABLE,
                          "no connection in %s begins there: the SYN of %s is missing", file,
                          count == 1 ? "its only one" : "each");
}

static void tell_others(const struct recording *recording)
{
    size_t count = ss_connections_count(recording->connections);
    if (recording->options->connection > 0 || count == 1)
        return;
    fprintf(stderr,
            "synstep record: %zu connections in %s; this is number %" PRIu64
            ": --connection=N takes another, --list tells them\n",
            count, recording->options->capture, recording->chosen);
}

static enum ss_status unwritable(const char *path, struct ss_problem *problem)
{
    return ss_problem_set(problem, errno == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "%s could not be written: %s", path ? path : "standard output",
                          strerror(errno));
}

static enum ss_status save(const char *path, const char *text, size_t length,
                           struct ss_problem *problem)
{
    bool named = path && strcmp(path, "-") != 0;
    FILE *out = named ? fopen(path, "we") : stdout;
    if (!out)
        return ss_problem_set(problem, SS_USAGE, "%s cannot be written: %s", path, strerror(errno));
    bool written = fwrite(text, 1, length, out) == length && fflush(out) == 0;
    enum ss_status status = written ? SS_OK : unwritable(named ? path : NULL, problem);
    if (named && fclose(out) != 0 && status == SS_OK)
        status = unwritable(path, problem);
    return status;
}

/* Into memory first: a scenario that cannot be made leaves no half of it. */
static enum ss_status write_scenario(const struct recording *recording, struct ss_problem *problem)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return ss_problem_set(problem, SS_IO, "out of memory for the scenario");
    enum ss_status status = ss_transcript_write(recording->transcript, memory, problem);
    bool whole = !ferror(memory);
    if ((fclose(memory) != 0 || !whole) && status == SS_OK)
        status = ss_problem_set(problem, SS_IO, "out of memory for the scenario");
    if (status == SS_OK)
        tell_others(recording);
    if (status == SS_OK)
        status = save(recording->options->output, text, length, problem);
    free(text);
    return status;
}

int cmd_record(int argc, char **argv)
{
    struct record_options options;
    struct recording recording = {.options = &options};
    struct ss_problem problem = {.status = SS_OK};
    enum ss_status status = record_options_read(argc, argv, &options, &problem);
    if (status == SS_OK)
        status = read_capture(&recording, &problem);
    bool missing = !recording.transcript && !options.list;
    if (status == SS_OK && (missing || ss_connections_count(recording.connections) == 0))
        status = miss(&recording, &problem);
    if (status == SS_OK && options.list)
        list(recording.connections);
    else if (status == SS_OK)
        status = write_scenario(&recording, &problem);
    ss_transcript_free(recording.transcript);
    ss_connections_free(recording.connections);
    return status == SS_OK ? printed("record", ss_status_exit(status))
                           : complain("record", &problem);
}
