/* unknown: which word on the command line is no option, and which one may have been meant. */
#include <argp.h>
#include <string.h>

#include "cli.h"
#include "synstep/words.h"

enum { OPTIONS_MAX = 64, WORD_SIZE = 32 };

/* The long option nearest to a wrong one, its value cut off. */
static const char *nearest_option(const char *typed, const struct argp_option *table)
{
    char word[WORD_SIZE] = "";
    const char *names[OPTIONS_MAX];
    size_t count = 0, length = strcspn(typed, "=");
    if (length >= sizeof(word))
        return NULL;
    memcpy(word, typed, length);
    for (const struct argp_option *option = table; option->name || option->doc; option++)
        if (option->name && count < OPTIONS_MAX)
            names[count++] = option->name;
    return ss_words_nearest(word, names, count);
}

/* The row of `letter`; help_options has -? and -V. */
static const struct argp_option *of_letter(char letter, const struct argp_option *table)
{
    static const struct argp_option help = {0};
    if (letter == '?' || letter == 'V')
        return &help;
    for (const struct argp_option *option = table; option->name || option->doc; option++)
        if (option->name && option->key == letter)
            return option;
    return NULL;
}

/* Whether `word` is a row of letters of which one is no option. */
static bool has_wrong_letter(const char *word, const struct argp_option *table)
{
    if (word[0] != '-' || word[1] == '-')
        return false;
    for (const char *letter = word + 1; *letter; letter++) {
        const struct argp_option *option = of_letter(*letter, table);
        if (!option || option->arg)
            return !option; /* what follows an option with a value is that value */
    }
    return false;
}

/*
 * The word that getopt, which has said nothing, stopped at: it is past a word that it has finished,
 * and still at a row of letters of which the wrong one is not the last.
 */
static const char *stopped_at(const struct argp_option *table, int argc, char **argv, int next)
{
    if (next < argc && has_wrong_letter(argv[next], table))
        return argv[next];
    return argv[next > 1 ? next - 1 : 1];
}

enum ss_status unknown_option(const char *command, const struct argp_option *table, int argc,
                              char **argv, int next, struct ss_problem *problem)
{
    const char *word = stopped_at(table, argc, argv, next);
    const char *nearest = strncmp(word, "--", 2) == 0 ? nearest_option(word + 2, table) : NULL;
    size_t length = strcspn(word, "=");
    if (nearest && length == strlen(nearest) + 2 && strncmp(word + 2, nearest, length - 2) == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "%s: a value is missing or one too many; 'synstep %s --help' tells",
                              word, command);
    return ss_problem_set(problem, SS_USAGE,
                          "unknown option '%s'%s%s; 'synstep %s --help' lists all", word,
                          nearest ? "; did you mean --" : "", nearest ? nearest : "", command);
}
