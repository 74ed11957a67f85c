/* step_commands: the table of commands. */
#include "step_commands.h"

#include <stdio.h>
#include <string.h>

#include "synstep/words.h"

enum { WORD_SIZE = 32 };

struct verb {
    const char *name;
    enum ss_status (*act)(struct stepping *stepping, const char *words, struct ss_problem *problem);
    const char *words;
    const char *help;
};

/* --- those that move ---------------------------------------------------------------------------*/

static enum ss_status go_on(struct stepping *stepping, const char *words,
                            struct ss_problem *problem)
{
    (void)words;
    stepping->over = stepping->session.standing == SESSION_AT_END;
    if (stepping->over)
        return SS_OK;
    return session_choose(&stepping->session, CHOICE_GO, NULL, problem);
}

static enum ss_status drop(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    (void)words;
    return session_choose(&stepping->session, CHOICE_DROP, NULL, problem);
}

static enum ss_status duplicate(struct stepping *stepping, const char *words,
                                struct ss_problem *problem)
{
    (void)words;
    return session_choose(&stepping->session, CHOICE_DUPLICATE, NULL, problem);
}

static enum ss_status hold(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    (void)words;
    return session_choose(&stepping->session, CHOICE_HOLD, NULL, problem);
}

static enum ss_status release(struct stepping *stepping, const char *words,
                              struct ss_problem *problem)
{
    (void)words;
    return session_choose(&stepping->session, CHOICE_RELEASE, NULL, problem);
}

static enum ss_status set(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    if (!words[0])
        return ss_problem_set(problem, SS_USAGE, "set what? For example: set seq=J+2 ttl=1");
    return session_choose(&stepping->session, CHOICE_SET, words, problem);
}

static enum ss_status insert(struct stepping *stepping, const char *words,
                             struct ss_problem *problem)
{
    if (!words[0])
        return ss_problem_set(problem, SS_USAGE, "insert what? For example: insert > RST seq=J+1");
    return session_choose(&stepping->session, CHOICE_INSERT, words, problem);
}

static enum ss_status back(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    (void)words;
    enum ss_status status = session_back(&stepping->session, problem);
    if (status == SS_OK)
        stepping->shown_length = 0;
    return status;
}

static enum ss_status run(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    (void)words;
    (void)problem;
    stepping->running = true;
    return SS_OK;
}

static enum ss_status quit(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    const struct session *session = &stepping->session;
    (void)words;
    stepping->over = true;
    if (session->standing == SESSION_AT_END)
        return SS_OK;
    stepping->status = ss_problem_set(problem, SS_INTERRUPTED, "left before the end");
    return SS_OK;
}

static enum ss_status help(struct stepping *stepping, const char *words,
                           struct ss_problem *problem);

/* --- the table: what has no function is only told by help
 * ---------------------------------------*/

static const struct verb verbs[] = {
    {"send", go_on, "", "send the segment as it stands; enter alone does it, too"},
    {"set", set, "FIELD=VALUE ...", "change it, in the words of synstep-scenario(5)"},
    {"drop", drop, "", "send it, but lose it on its way"},
    {"dup", duplicate, "", "send it twice"},
    {"hold", hold, "", "send it, but hold it back until release"},
    {"release", release, "", "let go what is held back"},
    {"insert", insert, "STATEMENT", "what is not in the scenario: > RST seq=J, wait 1s"},
    {"show", step_show, "tcb", "both ends' variables"},
    {"show", NULL, "trace", "the ladder from its beginning"},
    {"show", NULL, "headers [N]", "the last segment field by field, or segment N"},
    {"show", NULL, "peer", "what the peer's kernel says"},
    {"show", NULL, "next", "the segment that is to be sent, once more"},
    {"explain", step_explain, "[last|N]", "why the next segment, or another, has its numbers"},
    {"back", back, "", "take back what was done last (--simulate)"},
    {"run", run, "", "go on to the end without asking"},
    {"quit", quit, "", "leave; an open connection is reset"},
    {"help", help, "", "this"},
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

_Static_assert((int)VERBS <= (int)STEP_COMMANDS_MAX, "room for all names");

static enum ss_status help(struct stepping *stepping, const char *words, struct ss_problem *problem)
{
    (void)stepping;
    (void)words;
    (void)problem;
    for (size_t i = 0; i < VERBS; i++) {
        char usage[WORD_SIZE];
        snprintf(usage, sizeof(usage), "%s %s", verbs[i].name, verbs[i].words);
        printf("  %-21s %s\n", usage, verbs[i].help);
    }
    return SS_OK;
}

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (verbs[i].act && strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

size_t step_command_names(const char *names[STEP_COMMANDS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < VERBS; i++)
        if (verbs[i].act)
            names[count++] = verbs[i].name;
    return count;
}

static enum ss_status unknown(const char *word, struct ss_problem *problem)
{
    const char *names[STEP_COMMANDS_MAX];
    const char *nearest = ss_words_nearest(word, names, step_command_names(names));
    if (nearest)
        return ss_problem_set(problem, SS_USAGE, "no command '%s'; did you mean %s?", word,
                              nearest);
    return ss_problem_set(problem, SS_USAGE, "no command '%s'; help lists them", word);
}

/* --- a line ------------------------------------------------------------------------------------*/

/* A statement needs no "insert" before it when it cannot be a command. */
static bool is_statement(const char *line)
{
    return line[0] == '>' || line[0] == '<';
}

static enum ss_status obey(struct stepping *stepping, const char *line, struct ss_problem *problem)
{
    char word[WORD_SIZE];
    size_t length = strcspn(line, " \t");
    if (line[0] == '#')
        return SS_OK;
    if (is_statement(line))
        return insert(stepping, line, problem);
    snprintf(word, sizeof(word), "%.*s", length < WORD_SIZE ? (int)length : WORD_SIZE - 1, line);
    const struct verb *verb = find(line[0] ? word : "send");
    const char *words = line + length + strspn(line + length, " \t");
    if (!verb)
        return unknown(word, problem);
    if (words[0] && !verb->words[0])
        return ss_problem_set(problem, SS_USAGE, "%s takes no words", verb->name);
    return verb->act(stepping, words, problem);
}

enum ss_status step_command(struct stepping *stepping, const char *line, struct ss_problem *problem)
{
    char words[PROMPT_LINE_SIZE];
    line += strspn(line, " \t");
    snprintf(words, sizeof(words), "%s", line);
    for (size_t end = strlen(words); end > 0 && strchr(" \t", words[end - 1]); end--)
        words[end - 1] = '\0';
    enum ss_status status = obey(stepping, words, problem);
    if (status != SS_USAGE)
        return status;
    if (problem->text[0])
        printf("%s\n", problem->text);
    return SS_OK;
}
