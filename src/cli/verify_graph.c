/* verify_graph: from frames to a picture. */
#include "verify_graph.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "outputs.h"
#include "synstep/graph_svg.h"
#include "synstep/graph_terminal.h"
#include "verify_lines.h"

static enum ss_status find(struct ss_graph *graph, const struct verify_seen *seen,
                           const struct ss_verdict *verdict)
{
    struct ss_verdict_words words;
    char line[SS_VERDICT_LINE_SIZE];
    verify_word_numbers(&words, seen, verdict);
    ss_verdict_line(line, verdict, &words);
    return ss_graph_find(graph, seen->taken, seen->packet, seen->frame->number, verdict, line);
}

enum ss_status verify_graph_take(struct ss_graph *graph, const struct verify_options *options,
                                 const struct verify_seen *seen, struct ss_problem *problem)
{
    const struct ss_verdicts *verdicts = &seen->taken->verdicts;
    enum ss_status status =
        ss_graph_take(graph, seen->taken, seen->packet, seen->frame->number, seen->frame->time_us);
    for (size_t i = 0; i < verdicts->count && status == SS_OK; i++)
        if (verify_tells(options, &verdicts->list[i]))
            status = find(graph, seen, &verdicts->list[i]);
    return status == SS_OK ? SS_OK : ss_problem_set(problem, status, "out of memory for the graph");
}

static enum ss_status draw(const struct ss_graph *graph, const struct verify_options *options,
                           const char *file, struct ss_problem *problem)
{
    const struct ss_graph_terminal terminal = {
        .out = stdout,
        .columns = outputs_columns(),
        .rows = outputs_rows(),
        .color = outputs_want_color(&options->look),
        .ascii = options->look.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .file = file,
    };
    if (options->svg_file)
        return ss_graph_svg_write(options->svg_file, graph, file, problem);
    if (options->quiet || ss_graph_terminal_draw(&terminal, graph))
        return SS_OK;
    return ss_problem_set(problem, SS_IO, "out of memory for the graph");
}

enum ss_status verify_graph_close(struct ss_graph *graph, const struct verify_options *options,
                                  const char *file, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    if (graph->packets > 0)
        status = draw(graph, options, file, problem);
    ss_graph_free(graph);
    return status;
}
