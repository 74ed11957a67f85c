/* verify_outputs: names of files, and the words of a comment. */
#include "verify_outputs.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verify_lines.h"

/* --- what may be --------------------------------------------------------------------------------
 */

static bool is_standard(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

bool verify_outputs_takes_all(const struct verify_options *options)
{
    return is_standard(options->write_file);
}

enum ss_status verify_outputs_check(const struct verify_options *options,
                                    struct ss_problem *problem)
{
    if (options->write_file && !ss_capture_copy_can_be(options->write_file))
        return ss_problem_set(problem, SS_USAGE,
                              "-w %s: only pcapng holds comments: its name must end in .pcapng",
                              options->write_file);
    if (options->svg_file && options->mode != VERIFY_GRAPH)
        return ss_problem_set(problem, SS_USAGE,
                              "--svg draws one connection: which? --graph=N; --list tells them");
    if (options->svg_file && !options->where.interface && options->file_count > 1)
        return ss_problem_set(problem, SS_USAGE, "--svg %s takes one capture, not %d",
                              options->svg_file, options->file_count);
    bool tells = options->mode != VERIFY_SUMMARY || options->stats || options->look.json;
    if (verify_outputs_takes_all(options) && tells)
        return ss_problem_set(problem, SS_USAGE,
                              "-w - has standard output for itself: write to a file, or tell "
                              "nothing else");
    return SS_OK;
}

/* --- what would be overwritten ------------------------------------------------------------------
 */

static bool is_file(const char *path, int descriptor, struct stat *found)
{
    int status = is_standard(path) ? fstat(descriptor, found) : stat(path, found);
    return status == 0 && S_ISREG(found->st_mode);
}

/* By whatever name: links are looked through. */
static enum ss_status spare_inputs(const struct verify_options *options, const char *path,
                                   struct ss_problem *problem)
{
    struct stat output, input;
    if (options->where.interface || !is_file(path, STDOUT_FILENO, &output))
        return SS_OK;
    for (int i = 0; i < options->file_count; i++)
        if (is_file(options->files[i], STDIN_FILENO, &input) && input.st_dev == output.st_dev &&
            input.st_ino == output.st_ino)
            return ss_problem_set(problem, SS_USAGE,
                                  "%s would be overwritten while it is read: write to another file",
                                  options->files[i]);
    return SS_OK;
}

enum ss_status verify_outputs_open(const struct verify_options *options,
                                   struct ss_capture_copy **copy, struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    if (options->svg_file)
        status = spare_inputs(options, options->svg_file, problem);
    if (status == SS_OK && options->write_file)
        status = spare_inputs(options, options->write_file, problem);
    if (status != SS_OK || !options->write_file)
        return status;
    return ss_capture_copy_open(options->write_file, copy, problem);
}

/* --- what is put in -----------------------------------------------------------------------------
 */

void verify_outputs_comment(struct ss_capture_copy *copy, const struct verify_seen *seen,
                            const struct ss_verdict *verdict)
{
    struct ss_verdict_words words;
    char line[SS_VERDICT_LINE_SIZE];
    verify_word_numbers(&words, seen, verdict);
    ss_verdict_line(line, verdict, &words);
    ss_capture_copy_comment(copy, line);
}
