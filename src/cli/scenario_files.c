/* scenario_files: finding them, and reading them. */
#include "scenario_files.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"

/* --- finding -----------------------------------------------------------------------------------*/

static enum ss_status out_of_memory(struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_IO, "out of memory for the scenarios");
}

static enum ss_status add(struct scenario_files *files, const char *name,
                          struct ss_problem *problem)
{
    if (files->count == files->room) {
        size_t room = files->room ? files->room * 2 : 16;
        struct scenario_file *list = realloc(files->list, room * sizeof(*list));
        if (!list)
            return out_of_memory(problem);
        files->list = list;
        files->room = room;
    }
    char *copy = strdup(name);
    if (!copy)
        return out_of_memory(problem);
    files->list[files->count++] = (struct scenario_file){.name = copy};
    return SS_OK;
}

static bool ends_in_step(const FTSENT *entry)
{
    static const char suffix[] = ".step";
    size_t least = sizeof(suffix) - 1;
    return entry->fts_namelen > least &&
           strcmp(entry->fts_name + entry->fts_namelen - least, suffix) == 0;
}

/* What is below the folder, but not the folder itself, however it is written. */
static bool is_hidden(const FTSENT *entry)
{
    return entry->fts_level > FTS_ROOTLEVEL && entry->fts_name[0] == '.';
}

static enum ss_status take(struct scenario_files *files, FTS *tree, FTSENT *entry,
                           struct ss_problem *problem)
{
    switch (entry->fts_info) {
    case FTS_D:
        if (is_hidden(entry))
            (void)fts_set(tree, entry, FTS_SKIP);
        return SS_OK;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return ss_problem_set(problem, SS_UNREADABLE, "cannot read %s: %s", entry->fts_path,
                              strerror(entry->fts_errno));
    case FTS_DP:
    case FTS_DC:
        return SS_OK;
    default: /* files of all kinds */
        return ends_in_step(entry) && !is_hidden(entry) ? add(files, entry->fts_path, problem)
                                                        : SS_OK;
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct scenario_file *)a)->name, ((const struct scenario_file *)b)->name);
}

/* The scenarios of a tree, or the one file that the path is. */
static enum ss_status walk(struct scenario_files *files, FTS *tree, const char *path,
                           struct ss_problem *problem)
{
    size_t before = files->count;
    FTSENT *entry = fts_read(tree);
    if (entry && entry->fts_info != FTS_D && entry->fts_info != FTS_DNR &&
        entry->fts_info != FTS_NS)
        return add(files, path, problem);
    for (; entry; entry = fts_read(tree)) {
        enum ss_status status = take(files, tree, entry, problem);
        if (status != SS_OK)
            return status;
    }
    if (files->count == before)
        return ss_problem_set(problem, SS_USAGE, "no scenario (*.step) is in %s", path);
    qsort(files->list + before, files->count - before, sizeof(*files->list), by_name);
    return SS_OK;
}

static enum ss_status find(struct scenario_files *files, const char *path,
                           struct ss_problem *problem)
{
    char *copy = strdup(path);
    char *const roots[] = {copy, NULL};
    FTS *tree = copy ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL) : NULL;
    enum ss_status status = tree ? walk(files, tree, path, problem) : out_of_memory(problem);
    if (tree)
        fts_close(tree);
    free(copy);
    return status;
}

enum ss_status scenario_files_find(struct scenario_files *files, const struct run_options *options,
                                   struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    for (size_t i = 0; status == SS_OK && i < options->path_count; i++)
        status = find(files, options->paths[i], problem);
    return status;
}

/* --- reading -----------------------------------------------------------------------------------*/

static enum ss_status read_included(void *context, const char *path, uint8_t **octets,
                                    size_t *length, struct ss_problem *problem)
{
    struct data data = {0};
    (void)context;
    enum ss_status status = data_read_file("", path, &data, problem);
    if (status != SS_OK) {
        data_free(&data);
        return status;
    }
    *octets = data.octets;
    *length = data.length;
    return SS_OK;
}

static void print_diagnostics(const struct ss_diagnostics *diagnostics)
{
    char text[1024];
    for (size_t i = 0; i < diagnostics->count; i++) {
        ss_diagnostic_format(&diagnostics->list[i], text, sizeof(text));
        fputs(text, stderr);
    }
    if (diagnostics->found > diagnostics->count)
        fprintf(stderr, "and %zu more\n", diagnostics->found - diagnostics->count);
}

/* Reads and parses one; what is wrong with it is said here. */
static enum ss_status parse(struct scenario_file *file, const struct run_options *options)
{
    struct data data = {0};
    struct ss_problem problem;
    struct ss_diagnostics diagnostics = {0};
    enum ss_status status = data_read_file("", file->name, &data, &problem);
    if (status != SS_OK) {
        fprintf(stderr, "synstep %s: %s\n", options->command, problem.text);
        data_free(&data);
        return status;
    }
    const struct ss_scenario_source source = {
        .file = file->name,
        .text = (const char *)data.octets,
        .length = data.length,
        .params = options->params,
        .param_count = options->param_count,
        .reader = {.read = read_included},
    };
    status = ss_scenario_parse(&source, &file->scenario, &diagnostics);
    print_diagnostics(&diagnostics);
    if (status == SS_IO)
        fprintf(stderr, "synstep %s: out of memory for %s\n", options->command, file->name);
    data_free(&data);
    return status;
}

enum ss_status scenario_files_parse(struct scenario_files *files, const struct run_options *options,
                                    struct ss_problem *problem)
{
    enum ss_status first = SS_OK;
    for (size_t i = 0; i < files->count; i++) {
        enum ss_status status = parse(&files->list[i], options);
        if (first == SS_OK)
            first = status;
    }
    return first == SS_OK ? SS_OK : ss_problem_set(problem, first, "%s", "");
}

void scenario_files_free(struct scenario_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        ss_scenario_free(files->list[i].scenario);
        free(files->list[i].name);
    }
    free(files->list);
    *files = (struct scenario_files){0};
}
