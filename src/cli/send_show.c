/* send_show: the packets of a plan, printed or written, none sent. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli.h"
#include "outputs.h"
#include "send_series.h"
#include "synstep/capture_writer.h"
#include "synstep/dissection.h"

/* Takes each frame of the plan in its turn; the first that cannot be made ends it. */
static enum ss_status for_each(const struct send_plan *plan,
                               enum ss_status (*take)(void *context, uint64_t n,
                                                      const uint8_t *octets, size_t length,
                                                      struct ss_problem *problem),
                               void *context, struct ss_problem *problem)
{
    uint8_t *octets = malloc(SS_FRAME_BYTES_MAX);
    enum ss_status status = SS_OK;
    if (!octets)
        return ss_problem_set(problem, SS_IO, "out of memory for a frame");
    for (uint64_t n = 0; n < plan->count && status == SS_OK; n++) {
        size_t length = 0;
        status = ss_probe_build(plan->probe, n, octets, SS_FRAME_BYTES_MAX, &length, problem);
        if (status == SS_OK)
            status = take(context, n, octets, length, problem);
    }
    free(octets);
    return status;
}

struct showing {
    const struct send_plan *plan;
    const struct ss_tally_options *shown;
};

/* With --quiet: what can be given to synstep explain, or pasted elsewhere. */
static void show_hex(FILE *out, const struct ss_dissection_frame *frame)
{
    enum { PER_LINE = 16 };
    fprintf(out, "packet %zu, %zu octet%s\n", frame->probe, frame->length,
            frame->length == 1 ? "" : "s");
    for (size_t i = 0; i < frame->length; i += PER_LINE) {
        fprintf(out, "  %04zx ", i);
        for (size_t j = i; j < frame->length && j < i + PER_LINE; j++)
            fprintf(out, " %02x", frame->octets[j]);
        fputc('\n', out);
    }
}

/* What is illegal about it was asked for: it is told, and no failure. */
static enum ss_status show_frame(void *context, uint64_t n, const uint8_t *octets, size_t length,
                                 struct ss_problem *problem)
{
    const struct showing *showing = context;
    const struct ss_tally_options *shown = showing->shown;
    size_t illegal;
    const struct ss_dissection_options look = {
        .out = shown->out,
        .columns = outputs_columns(),
        .color = shown->color,
        .ascii = shown->ascii,
    };
    const struct ss_dissection_frame frame = {
        .link = ss_probe_link(showing->plan->probe),
        .number = showing->plan->count > 1 ? (size_t)n + 1 : 0,
        .probe = (size_t)n + 1,
        .octets = octets,
        .length = length,
    };
    if (shown->json)
        return ss_dissection_json(shown->out, &frame, &illegal, problem);
    if (shown->quiet) {
        show_hex(shown->out, &frame);
        return SS_OK;
    }
    if (n > 0)
        fputc('\n', shown->out);
    (void)ss_dissection_show(&look, &frame);
    return SS_OK;
}

/* Nobody reads on, or nothing more fits: no further one is made. */
static enum ss_status show(void *context, uint64_t n, const uint8_t *octets, size_t length,
                           struct ss_problem *problem)
{
    const struct showing *showing = context;
    enum ss_status status = show_frame(context, n, octets, length, problem);
    return status == SS_OK && ferror(showing->shown->out) ? output_written(problem) : status;
}

enum ss_status send_show(const struct send_plan *plan, const struct ss_tally_options *shown,
                         struct ss_problem *problem)
{
    struct showing showing = {plan, shown};
    return for_each(plan, show, &showing, problem);
}

/* Where the frames go, and at what times they would have left. */
struct writing {
    const struct send_plan *plan;
    struct ss_sink sink;
};

static uint64_t time_of(const struct send_plan *plan, uint64_t n)
{
    if (plan->per_second > 0)
        return n * 1000000 / plan->per_second;
    return n * plan->interval_us;
}

static enum ss_status write_frame(void *context, uint64_t n, const uint8_t *octets, size_t length,
                                  struct ss_problem *problem)
{
    (void)problem; /* trouble is told when the writer is closed */
    struct writing *writing = context;
    struct ss_event event = {
        .kind = SS_EVENT_SEGMENT,
        .time_us = time_of(writing->plan, n),
        .segment = {.n = (uint32_t)n + 1, .from = SS_SIDE_A, .octets = octets, .length = length},
    };
    writing->sink.take(writing->sink.context, &event);
    return SS_OK;
}

static void write_start(const struct writing *writing)
{
    struct timespec now = {0};
    struct ss_event event = {.kind = SS_EVENT_START};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    event.start.epoch_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    writing->sink.take(writing->sink.context, &event);
}

enum ss_status send_write(const struct send_plan *plan, struct ss_problem *problem)
{
    struct ss_capture_writer *writer = NULL;
    struct writing writing = {.plan = plan};
    enum ss_status status = ss_capture_writer_open_link(
        plan->options->capture_file, ss_probe_link(plan->probe), &writer, problem);
    if (status != SS_OK)
        return status;
    writing.sink = ss_capture_writer_sink(writer);
    write_start(&writing);
    status = for_each(plan, write_frame, &writing, problem);
    enum ss_status written = ss_capture_writer_close(writer, status == SS_OK ? problem : NULL);
    return status != SS_OK ? status : written;
}
