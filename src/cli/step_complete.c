/* step_complete: which words may stand where one is begun. */
#include <stdio.h>
#include <string.h>

#include "step_commands.h"

/* Beside the fields, what a segment may have (synstep-scenario(5)). */
static const char *const item_words[] = {"flags=",
                                         "mss=",
                                         "wscale=",
                                         "sackok",
                                         "ts=",
                                         "sack=",
                                         "nop",
                                         "eol",
                                         "opt=",
                                         "tfo",
                                         "no",
                                         "options",
                                         "size",
                                         "hex:",
                                         "file:",
                                         "corrupt=tcp.checksum",
                                         "corrupt=ip.checksum",
                                         NULL};

static const char *const statement_words[] = {">",    "<",    "<?",        "<*",    "<!",  "peer",
                                              "wait", "drop", "duplicate", "delay", "set", NULL};

static const char *const explain_words[] = {"last", NULL};

void step_words_init(struct step_words *words)
{
    for (int field = 0; field < SS_FIELDS; field++)
        snprintf(words->fields[field], STEP_WORD_SIZE, "%s=", ss_field_text((enum ss_field)field));
}

static size_t copy_words(const char *const *from, size_t count, const char *words[PROMPT_WORDS_MAX])
{
    for (; count < PROMPT_WORDS_MAX && *from; from++)
        words[count++] = *from;
    return count;
}

static size_t copy_items(const struct step_words *known, const char *words[PROMPT_WORDS_MAX])
{
    for (size_t field = 0; field < SS_FIELDS; field++)
        words[field] = known->fields[field];
    return copy_words(item_words, SS_FIELDS, words);
}

/* Where the last word begins, and how many stand before it. */
static size_t last_word(const char *before, size_t *count)
{
    size_t from = 0;
    *count = 0;
    for (size_t at = 0; before[at]; at++)
        if (before[at] == ' ') {
            *count += at > from;
            from = at + 1;
        }
    return from;
}

static bool begins(const char *line, const char *command)
{
    size_t length = strlen(command);
    return strncmp(line, command, length) == 0 && line[length] == ' ';
}

size_t step_complete(const struct step_words *known, const char *before, size_t *from,
                     const char *words[PROMPT_WORDS_MAX])
{
    size_t count;
    *from = last_word(before, &count);
    before += strspn(before, " ");
    if (count == 0)
        return step_command_names(words);
    if (count == 1 && begins(before, "show"))
        return copy_words(step_show_words(), 0, words);
    if (count == 1 && begins(before, "explain"))
        return copy_words(explain_words, 0, words);
    if (count == 1 && begins(before, "insert"))
        return copy_words(statement_words, 0, words);
    if (begins(before, "set") || begins(before, "insert") || strchr("<>", before[0]))
        return copy_items(known, words);
    return 0;
}
