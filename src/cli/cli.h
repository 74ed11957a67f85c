/*
 * cli: what the subcommands share. Private to src/cli.
 */
#ifndef SYNSTEP_CLI_H
#define SYNSTEP_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "synstep/status.h"

/* One subcommand: `argv[0]` is its own name. Returns the exit status. */
struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

int cmd_run(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_step(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_explain(int argc, char **argv);

/* `peer` and `talk`: becomes the program synstep-peer or synstep-talk that lies beside this one. */
int cmd_exec(int argc, char **argv);

/*
 * --help, --usage and --version, as children of a command's options. argp's own say nothing under
 * ARGP_NO_ERRS, so give ARGP_NO_HELP too. Needs argv[0] to be "synstep COMMAND".
 */
extern const struct argp_child help_options[];

/*
 * Says which word argp, which had opterr off, stopped at: `next` is its state->next at
 * ARGP_KEY_ERROR. The option of `table` that may have been meant is named. Always SS_USAGE.
 */
enum ss_status unknown_option(const char *command, const struct argp_option *table, int argc,
                              char **argv, int next, struct ss_problem *problem);

/*
 * Prints "synstep COMMAND: TEXT" in one line on standard error, unless the text is empty: it has
 * been said; returns the exit status for it.
 */
int complain(const char *command, const struct ss_problem *problem);

/* Whether standard output took all that was printed; right after the last of it, for its errno. */
enum ss_status output_written(struct ss_problem *problem);

/*
 * Flushes standard output at the end of `command`; returns `status`, or says that something was not
 * written and returns the exit status for that.
 */
int printed(const char *command, int status);

#endif
