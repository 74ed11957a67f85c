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
static bool wants_color(enum color_choice choice)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    switch (choice) {
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

/* The terminal's width; 80 in a pipe. */
static unsigned columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

static struct ss_ladder *open_ladder(const struct run_options *options)
{
    struct ss_ladder_options ladder = {
        .out = stdout,
        .columns = columns(),
        .color = wants_color(options->color),
        .ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .headers = options->headers,
        .quiet = options->quiet,
    };
    return ss_ladder_open(&ladder);
}

static enum ss_status open_shown(struct outputs *outputs, const struct run_options *options,
                                 struct ss_trace *trace, struct ss_problem *problem)
{
    /* A capture that goes to standard output has it for itself. */
    if (options->capture_file && strcmp(options->capture_file, "-") == 0)
        return SS_OK;
    if (options->json)
        outputs->json = ss_json_open(stdout);
    else
        outputs->ladder = open_ladder(options);
    if (outputs->json)
        ss_trace_attach(trace, ss_json_sink(outputs->json));
    else if (outputs->ladder)
        ss_trace_attach(trace, ss_ladder_sink(outputs->ladder));
    else
        return ss_problem_set(problem, SS_IO, "out of memory for the output");
    return SS_OK;
}

enum ss_status outputs_open(struct outputs *outputs, const struct run_options *options,
                            struct ss_trace *trace, struct ss_problem *problem)
{
    *outputs = (struct outputs){0};
    enum ss_status status = open_shown(outputs, options, trace, problem);
    if (status != SS_OK || !options->capture_file)
        return status;
    status = ss_capture_writer_open(options->capture_file, &outputs->capture, problem);
    if (status == SS_OK)
        ss_trace_attach(trace, ss_capture_writer_sink(outputs->capture));
    return status;
}

/* A ladder that could not be written: a full disk behind a pipe or a redirection. */
static enum ss_status flush_shown(struct ss_problem *problem)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return SS_OK;
    return ss_problem_set(problem, errno == ENOSPC ? SS_NO_SPACE : SS_IO,
                          "standard output could not be written: %s", strerror(errno));
}

enum ss_status outputs_close(struct outputs *outputs, struct ss_problem *problem)
{
    enum ss_status status = SS_OK, shown = SS_OK;
    if (outputs->capture)
        status = ss_capture_writer_close(outputs->capture, problem);
    if (outputs->json)
        shown = ss_json_close(outputs->json, status == SS_OK ? problem : NULL);
    ss_ladder_close(outputs->ladder);
    if (shown == SS_OK && !outputs->json)
        shown = flush_shown(status == SS_OK ? problem : NULL);
    *outputs = (struct outputs){0};
    return status != SS_OK ? status : shown;
}
