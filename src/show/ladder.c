/*
 * ladder: its life, and which part shows which event.
 */
#include "synstep/ladder.h"

#include <stdlib.h>

#include "ladder_parts.h"

struct ss_ladder *ss_ladder_open(const struct ss_ladder_options *options)
{
    struct ss_ladder *ladder = calloc(1, sizeof(*ladder));
    if (!ladder)
        return NULL;
    ladder->options = *options;
    ss_lines_init(&ladder->lines, options->out, options->columns, options->color, options->ascii);
    return ladder;
}

void ss_ladder_redirect(struct ss_ladder *ladder, FILE *out)
{
    ladder->options.out = ladder->lines.out = out;
}

void ss_ladder_close(struct ss_ladder *ladder)
{
    free(ladder);
}

const char *ss_ladder_style(enum ss_side side)
{
    return side == SS_SIDE_A ? SS_LOCAL : SS_PEER;
}

void ss_ladder_begin_block(struct ss_ladder *ladder, bool tight)
{
    if (!tight || !ladder->tight)
        ss_lines_space(&ladder->lines);
    ladder->tight = tight;
    ladder->after_step = false;
    ladder->last_n = 0;
}

static void show(struct ss_ladder *ladder, const struct ss_event *event)
{
    switch (event->kind) {
    case SS_EVENT_START:
        ss_ladder_show_start(ladder, &event->start);
        break;
    case SS_EVENT_SEGMENT:
        ss_ladder_show_segment(ladder, &event->segment, event->time_us);
        break;
    case SS_EVENT_WITNESS:
        ss_ladder_show_witness(ladder, &event->witness);
        break;
    case SS_EVENT_STEP:
        ss_ladder_show_step(ladder, &event->step);
        break;
    case SS_EVENT_NOTE:
        ss_ladder_show_note(ladder, &event->note);
        break;
    case SS_EVENT_END:
        ss_ladder_show_end(ladder, &event->end);
        break;
    }
}

/* Flushed event by event: it is watched while the run goes on, through a pipe too. */
static void take(void *context, const struct ss_event *event)
{
    struct ss_ladder *ladder = context;
    if (event->kind == SS_EVENT_SEGMENT && event->segment.is_datagram)
        ladder->has_datagrams = true;
    if (ladder->options.quiet && event->kind != SS_EVENT_END)
        return;
    show(ladder, event);
    fflush(ladder->options.out);
}

struct ss_sink ss_ladder_sink(struct ss_ladder *ladder)
{
    return (struct ss_sink){.context = ladder, .take = take};
}
