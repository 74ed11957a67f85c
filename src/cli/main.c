/* main: the table of subcommands. */
#include <argp.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "synstep/privilege.h"
#include "synstep/words.h"

static const struct command commands[] = {
    {"run", cmd_run, "take one connection, or play scenarios, every number checked"},
    {"record", cmd_record, "write a scenario from a connection in a capture file"},
    {"step", cmd_step, "step through a scenario by hand, one segment at a time"},
    {"send", cmd_send, "send any packet, and tell what answers"},
    {"peer", cmd_exec, "the ordinary echo server that answers (synstep-peer)"},
    {"talk", cmd_exec, "the ordinary client: type a word, see its echo (synstep-talk)"},
    {"verify", cmd_verify, "judge every sequence number in captures, or live"},
    {"explain", cmd_explain, "explain frames field by field, and what is wrong with them"},
    {"doctor", cmd_doctor, "check what this machine permits, and say how to mend it"},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *out)
{
    fprintf(out, "Usage: synstep COMMAND [OPTION...] [ARGUMENT...]\n"
                 "Step through TCP, one hand-built segment at a time.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\nsynstep COMMAND --help tells its options; man synstep tells the rest.\n"
                 "Try: synstep run\n");
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown(const char *name)
{
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = ss_words_nearest(name, names, COMMANDS);
    if (nearest)
        fprintf(stderr, "synstep: no command '%s'; did you mean 'synstep %s'?\n", name, nearest);
    else
        fprintf(stderr, "synstep: no command '%s'; 'synstep --help' lists them\n", name);
    return ss_status_exit(SS_USAGE);
}

/*
 * A closed standard descriptor would be given to the next socket or capture file, and printed into.
 * Reading a closed standard input still fails, as it should.
 */
static void fill_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_WRONLY) != fd)
            exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    ss_privilege_lower();
    fill_standard_descriptors();
    setlocale(LC_CTYPE, ""); /* which characters; numbers, and JSON, are written with a point */
    argp_program_version = PACKAGE_STRING;
    if (argc < 2) {
        print_help(stderr);
        return ss_status_exit(SS_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return printed(argv[1], EXIT_SUCCESS);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts(PACKAGE_STRING);
        return printed(argv[1], EXIT_SUCCESS);
    }
    const struct command *command = find(argv[1]);
    return command ? command->run(argc - 1, argv + 1) : unknown(argv[1]);
}
