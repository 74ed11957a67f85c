/* outputs: opens and closes the sinks. */
#include "outputs.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* https://no-color.org: set and not empty means no colour; the option is asked first. */
bool outputs_want_color(const struct run_options *options)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    switch (options->color) {
    case COLOR_ALWAYS:
        return true;
    case COLOR_NEVER:
        return false;
    case COLOR_AUTO:
        return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) &&
               !(term && strcmp(term, "dumb") == 0);
    }
    return false;
}

/* Of the terminal; all zero where there is none. One that does not know may have told its shell. */
static struct winsize terminal_size(void)
{
    struct winsize size = {0};
    const char *columns = getenv("COLUMNS");
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return (struct winsize){0};
    if (size.ws_col == 0 && columns)
        size.ws_col = (unsigned short)strtoul(columns, NULL, 10);
    return size;
}

unsigned outputs_columns(void)
{
    unsigned columns = terminal_size().ws_col;
    return columns > 0 ? columns : 80;
}

unsigned outputs_rows(void)
{
    return terminal_size().ws_row;
}

struct ss_ladder *outputs_open_ladder(const struct run_options *options, const char *file)
{
    struct ss_ladder_options ladder = {
        .out = stdout,
        .columns = outputs_columns(),
        .color = outputs_want_color(options),
        .ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .headers = options->headers,
        .quiet = options->quiet,
        .file = file,
    };
    return ss_ladder_open(&ladder);
}

/*
 * After each event of the ladder: so it is seen as it grows, in a pipe too, and a full disk is
 * found while its errno is still there.
 */
static void flush_ladder(void *context, const struct ss_event *event)
{
    (void)event;
    struct outputs *outputs = context;
    int error = ferror(stdout) ? errno : 0;
    if (fflush(stdout) != 0)
        error = errno;
    if (outputs->ladder_error == 0)
        outputs->ladder_error = error;
}

static bool attach_json(struct outputs *outputs, const char *file, struct ss_trace *trace)
{
    outputs->json = ss_json_open(stdout);
    if (!outputs->json)
        return false;
    ss_json_name(outputs->json, file);
    ss_trace_attach(trace, ss_json_sink(outputs->json));
    return true;
}

static bool attach_ladder(struct outputs *outputs, const struct run_options *options,
                          const char *file, struct ss_trace *trace)
{
    outputs->ladder = outputs_open_ladder(options, file);
    if (!outputs->ladder)
        return false;
    ss_trace_attach(trace, ss_ladder_sink(outputs->ladder));
    ss_trace_attach(trace, (struct ss_sink){outputs, flush_ladder});
    return true;
}

static enum ss_status open_shown(struct outputs *outputs, const struct run_options *options,
                                 const char *file, struct ss_trace *trace,
                                 struct ss_problem *problem)
{
    /* A capture that goes to standard output has it for itself. */
    if (options->capture_file && strcmp(options->capture_file, "-") == 0)
        return SS_OK;
    bool attached = options->json ? attach_json(outputs, file, trace)
                                  : attach_ladder(outputs, options, file, trace);
    return attached ? SS_OK : ss_problem_set(problem, SS_IO, "out of memory for the output");
}

/* A file is of one kind of link: of frames where ARP is all that is spoken of. */
static enum ss_link link_of(const struct ss_scenario *scenario)
{
    if (!scenario || !scenario->speaks_of[SS_PROTOCOL_ARP])
        return SS_LINK_IP;
    for (int i = 0; i < SS_PROTOCOLS; i++)
        if (i != SS_PROTOCOL_ARP && scenario->speaks_of[i])
            return SS_LINK_IP;
    return SS_LINK_ETHERNET;
}

enum ss_status outputs_open(struct outputs *outputs, const struct run_options *options,
                            const char *file, const struct ss_scenario *scenario,
                            struct ss_trace *trace, struct ss_problem *problem)
{
    *outputs = (struct outputs){0};
    enum ss_status status = open_shown(outputs, options, file, trace, problem);
    if (status != SS_OK || !options->capture_file)
        return status;
    status = ss_capture_writer_open_link(options->capture_file, link_of(scenario),
                                         &outputs->capture, problem);
    if (status == SS_OK)
        ss_trace_attach(trace, ss_capture_writer_sink(outputs->capture));
    return status;
}

/* A ladder that could not be written: a full disk behind a pipe or a redirection. */
static enum ss_status judge_ladder(int error, struct ss_problem *problem)
{
    if (error == 0)
        return SS_OK;
    return ss_problem_set(problem, error == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "standard output could not be written: %s", strerror(error));
}

enum ss_status outputs_close(struct outputs *outputs, struct ss_problem *problem)
{
    enum ss_status status = SS_OK, shown = SS_OK;
    if (outputs->capture)
        status = ss_capture_writer_close(outputs->capture, problem);
    if (outputs->json)
        shown = ss_json_close(outputs->json, status == SS_OK ? problem : NULL);
    if (outputs->ladder)
        shown = judge_ladder(outputs->ladder_error, status == SS_OK ? problem : NULL);
    ss_ladder_close(outputs->ladder);
    *outputs = (struct outputs){0};
    return status != SS_OK ? status : shown;
}
