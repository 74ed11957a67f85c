/* verify_input: a capture file or an interface behind one face. */
#include "verify_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"
#include "synstep/privilege.h"

enum { SILENCE_US = 1000 * 1000 };

/* --- the filter ---------------------------------------------------------------------------------
 */

/* Whoever names a file beside an interface would have its name looked up as a host's. */
static enum ss_status refuse_file(const char *word, struct ss_problem *problem)
{
    if (strpbrk(word, "./") == NULL || access(word, F_OK) != 0)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "-i takes no file beside it, but a filter: '%s' is a file", word);
}

/* As tcpdump takes them: the words are one expression. */
static enum ss_status join(struct verify_inputs *all, struct ss_problem *problem)
{
    const struct verify_options *options = all->options;
    enum ss_status status = SS_OK;
    size_t length = 1;
    for (int i = 0; i < options->file_count && status == SS_OK; i++) {
        status = refuse_file(options->files[i], problem);
        length += strlen(options->files[i]) + 1;
    }
    if (status != SS_OK)
        return status;
    all->words = calloc(1, length);
    if (!all->words)
        return ss_problem_set(problem, SS_IO, "out of memory for the filter");
    for (int i = 0; i < options->file_count; i++)
        strcat(strcat(all->words, i ? " " : ""), options->files[i]);
    return SS_OK;
}

enum ss_status verify_inputs_begin(struct verify_inputs *all, const struct verify_options *options,
                                   struct ss_problem *problem)
{
    *all = (struct verify_inputs){.options = options};
    const char *expression = options->where.filter;
    enum ss_status status = SS_OK;
    if (options->where.interface && options->file_count > 0) {
        status = join(all, problem);
        expression = all->words;
    }
    if (status == SS_OK && expression)
        status = ss_frame_filter_open(expression, &all->filter, problem);
    if (status == SS_OK && options->where.interface)
        all->stop = signals_heed();
    return status;
}

void verify_inputs_end(struct verify_inputs *all)
{
    ss_frame_filter_close(all->filter);
    free(all->words);
}

/* --- one of them --------------------------------------------------------------------------------
 */

static enum ss_status open_live(struct verify_input *input, struct ss_problem *problem)
{
    const struct verify_options *options = input->all->options;
    const struct ss_live_options live = {
        .interface = input->name,
        .filter = input->all->filter,
        .promiscuous = options->where.promiscuous,
        .lasts_us = options->where.timeout_us,
        .stop = input->all->stop,
    };
    ss_privilege_raise();
    enum ss_status status = ss_live_open(&live, &input->live, problem);
    ss_privilege_lower();
    if (status == SS_OK)
        status = ss_privilege_drop(problem);
    if (status != SS_OK)
        return status;
    setvbuf(stdout, NULL, _IOLBF, 0); /* what is found is to be seen, in a pipe too */
    if (!options->quiet)
        fprintf(stderr, "synstep verify: listening on %s (%s); ^C ends it, and tells the sum\n",
                input->name, ss_linktype_name(ss_live_linktype(input->live)));
    return SS_OK;
}

enum ss_status verify_input_open(struct verify_input *input, const struct verify_inputs *all,
                                 const char *name, struct ss_problem *problem)
{
    *input = (struct verify_input){.all = all, .name = name};
    if (all->options->where.interface)
        return open_live(input, problem);
    if (strcmp(name, "-") == 0)
        signals_leave_to_writer();
    return ss_capture_file_open(name, &input->file, problem);
}

void verify_input_close(struct verify_input *input)
{
    ss_capture_file_close(input->file);
    ss_live_close(input->live);
}

/* --- its frames ---------------------------------------------------------------------------------
 */

static enum ss_status next_of_file(struct verify_input *input, struct ss_capture_frame *frame,
                                   struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    bool wanted = false;
    while (status == SS_OK && !wanted) {
        if (!ss_capture_file_next(input->file, frame)) {
            status = ss_capture_file_ended(input->file, problem);
            return status == SS_OK ? SS_INTERRUPTED : status;
        }
        wanted = true;
        if (input->all->filter)
            status = ss_frame_filter_judge(input->all->filter, frame, &wanted, problem);
    }
    return status;
}

/* Where nobody reads any more what is found, nothing more is to be found. */
static enum ss_status next_of_live(struct verify_input *input, struct ss_capture_frame *frame,
                                   struct ss_problem *problem)
{
    if (ferror(stdout))
        return SS_INTERRUPTED;
    return ss_live_next(input->live, SILENCE_US, frame, problem);
}

enum ss_status verify_input_next(struct verify_input *input, struct ss_capture_frame *frame,
                                 struct ss_problem *problem)
{
    uint64_t most = input->all->options->where.count;
    if (most > 0 && input->taken == most)
        return SS_INTERRUPTED;
    enum ss_status status =
        input->live ? next_of_live(input, frame, problem) : next_of_file(input, frame, problem);
    input->taken += status == SS_OK;
    return status;
}

uint64_t verify_input_lost(const struct verify_input *input)
{
    return input->live ? ss_live_lost(input->live) : 0;
}
