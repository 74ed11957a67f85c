/* cmd_record: `synstep record CAPTURE`: a scenario from a connection in a capture file. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "record_options.h"
#include "synstep/transcript.h"
#include "synstep/unwrap.h"
#include "verify_lines.h"

/* A reading under way. */
struct recording {
    const struct record_options *options;
    struct ss_flows *flows;
    struct ss_fragments *fragments;
    struct ss_transcript *transcript; /* NULL until the connection is met */
    uint32_t chosen;                  /* its number */
};

/* --- reading ------------------------------------------------------------------------------------
 */

static void hear_over(void *context, const struct ss_flow *flow)
{
    const struct recording *recording = context;
    if (recording->options->list)
        verify_print_flow(flow);
}

/* The one that was asked for, or the first whose beginning is there. */
static bool is_chosen(const struct recording *recording, const struct ss_flow *flow)
{
    if (recording->options->list)
        return false;
    if (recording->options->connection > 0)
        return flow->number == recording->options->connection;
    return recording->transcript ? flow->number == recording->chosen : !flow->late;
}

static enum ss_status keep(struct recording *recording, const struct ss_capture_frame *frame,
                           const struct ss_packet *packet, const struct ss_flow_packet *taken,
                           struct ss_problem *problem)
{
    const struct ss_transcript_options options = {
        .file = strcmp(recording->options->capture, "-") == 0 ? "standard input"
                                                              : recording->options->capture,
        .flow = taken->flow,
        .crafted = recording->options->crafted,
    };
    const struct ss_transcript_place place = {frame->number, frame->time_us};
    if (!recording->transcript)
        recording->transcript = ss_transcript_new(&options);
    if (!recording->transcript)
        return ss_problem_set(problem, SS_IO, "out of memory for the scenario");
    recording->chosen = taken->flow->number;
    return ss_transcript_add(recording->transcript, &place, packet, taken, problem);
}

static enum ss_status take_segment(struct recording *recording,
                                   const struct ss_capture_frame *frame,
                                   const struct ss_packet *packet, struct ss_problem *problem)
{
    struct ss_packet whole = *packet;
    struct ss_flow_packet taken;
    bool cut;
    if (!ss_unwrap_mend(frame, &whole, &cut))
        return SS_OK;
    if (ss_flows_take(recording->flows, &whole, frame->number, frame->time_us,
                      cut ? 0 : SS_WISH_DIGEST, &taken) != SS_OK)
        return ss_problem_set(problem, SS_IO, "out of memory for the connections");
    if (!is_chosen(recording, taken.flow))
        return SS_OK;
    return keep(recording, frame, packet, &taken, problem);
}

static enum ss_status read_frames(struct recording *recording, struct ss_capture_file *file,
                                  struct ss_problem *problem)
{
    struct ss_capture_frame frame;
    struct ss_unwrapped unwrapped;
    enum ss_status status = SS_OK;
    while (status == SS_OK && ss_capture_file_next(file, &frame)) {
        ss_unwrap(recording->fragments, &frame, &unwrapped);
        if (unwrapped.packet.transport == SS_TRANSPORT_TCP && !unwrapped.packet.fragment)
            status = take_segment(recording, &frame, &unwrapped.packet, problem);
    }
    return status;
}

/* A file that breaks off is read as far as it goes, and that is said. */
static enum ss_status read_capture(struct recording *recording, struct ss_problem *problem)
{
    const struct ss_flows_options flows = {.over = hear_over, .context = recording};
    struct ss_capture_file *file;
    struct ss_problem broken;
    recording->flows = ss_flows_new(&flows);
    recording->fragments = ss_fragments_new();
    if (!recording->flows || !recording->fragments)
        return ss_problem_set(problem, SS_IO, "out of memory for the connections");
    enum ss_status status = ss_capture_file_open(recording->options->capture, &file, problem);
    if (status != SS_OK)
        return status;
    status = read_frames(recording, file, problem);
    if (status == SS_OK && ss_capture_file_ended(file, &broken) != SS_OK)
        (void)complain("record", &broken);
    ss_capture_file_close(file);
    ss_flows_finish(recording->flows);
    return status;
}

/* --- what is written ----------------------------------------------------------------------------
 */

static uint64_t count_of(const struct recording *recording)
{
    return ss_flows_count(recording->flows).begun;
}

/* Why there is no connection to record. */
static enum ss_status miss(const struct recording *recording, struct ss_problem *problem)
{
    const char *file = recording->options->capture;
    uint64_t count = count_of(recording);
    if (count == 0)
        return ss_problem_set(problem, SS_UNREADABLE, "there is no TCP connection in %s", file);
    if (recording->options->connection > 0)
        return ss_problem_set(problem, SS_USAGE,
                              "there is no connection %" PRIu64 " in %s: it has %" PRIu64
                              "; 'synstep "
                              "record --list %s' tells them",
                              recording->options->connection, file, count, file);
    return ss_problem_set(problem, SS_UNREADABLE,
                          "no connection in %s begins there: the SYN of %s is missing", file,
                          count == 1 ? "its only one" : "each");
}

static void tell_others(const struct recording *recording)
{
    uint64_t count = count_of(recording);
    if (recording->options->connection > 0 || count == 1)
        return;
    fprintf(stderr,
            "synstep record: %" PRIu64 " connections in %s; this is number %" PRIu32
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
    if (status == SS_OK && (missing || count_of(&recording) == 0))
        status = miss(&recording, &problem);
    if (status == SS_OK && !options.list)
        status = write_scenario(&recording, &problem);
    ss_transcript_free(recording.transcript);
    ss_flows_free(recording.flows);
    ss_fragments_free(recording.fragments);
    return status == SS_OK ? printed("record", ss_status_exit(status))
                           : complain("record", &problem);
}
