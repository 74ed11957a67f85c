/* step_terminal: the prompt on a terminal: editing, history and completion by libedit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "edit_late.h"
#include "step_prompt_parts.h"

enum { HISTORY_LINES = 500, COLUMNS_USUAL = 80 };

static struct prompt *prompt_of(EditLine *edit)
{
    void *prompt = NULL;
    (void)el_get(edit, EL_CLIENTDATA, &prompt);
    return prompt;
}

static char *label_of(EditLine *edit)
{
    return prompt_of(edit)->label;
}

static size_t columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return COLUMNS_USUAL;
}

/* Characters in UTF-8, each taken as one column. */
static size_t count_characters(const char *from, const char *to)
{
    size_t count = 0;
    for (; from < to; from++)
        count += ((unsigned char)*from & 0xc0) != 0x80;
    return count;
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* libedit's way to its input: so that waiting is ours. 0 at the end, -1 when it is broken off. */
static int read_character(EditLine *edit, wchar_t *character)
{
    struct prompt *prompt = prompt_of(edit);
    mbstate_t state = {0};
    for (;;) {
        char octet;
        prompt->shown = true;
        prompt->status = prompt_wait(prompt);
        if (prompt->status != SS_OK)
            return -1;
        ssize_t got = read(STDIN_FILENO, &octet, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return 0;
        size_t used = mbrtowc(character, &octet, 1, &state);
        if (used <= 1)
            return 1;
        if (used == (size_t)-1)
            memset(&state, 0, sizeof(state)); /* no character: left out */
    }
}

static void remember(struct prompt *prompt, const char *line)
{
    HistEvent event;
    if (line[0] && line[0] != '\n')
        (void)history(prompt->history, &event, H_ENTER, line);
}

/* \1 stands around what takes no column. */
static void set_label(struct prompt *prompt, const char *label)
{
    bool color = prompt->options.color;
    prompt->label_width = strlen(label) + 2;
    snprintf(prompt->label, sizeof(prompt->label), "%s%.40s>%s ", color ? "\1\x1b[1m\1" : "", label,
             color ? "\1\x1b[0m\1" : "");
}

void terminal_read(struct prompt *prompt, const char *label, char line[PROMPT_LINE_SIZE])
{
    int length = 0;
    set_label(prompt, label);
    el_resize(prompt->edit);
    el_set(prompt->edit, EL_PREP_TERM,
           1); /* before the label is seen: what is typed then is ours */
    const char *typed = el_gets(prompt->edit, &length);
    el_set(prompt->edit, EL_PREP_TERM, 1); /* what is typed until the next one is not echoed */
    prompt->shown = false;
    prompt->ended = !typed && prompt->status == SS_OK;
    if (!typed) {
        putchar('\n');
        return;
    }
    remember(prompt, typed);
    snprintf(line, PROMPT_LINE_SIZE, "%s", typed);
}

/* --- the screen ---------------------------------------------------------------------------------
 */

void terminal_clear(struct prompt *prompt)
{
    const LineInfo *line = el_line(prompt->edit);
    size_t rows = (prompt->label_width + count_characters(line->buffer, line->cursor)) / columns();
    putchar('\r');
    if (rows > 0)
        printf("\x1b[%zuA", rows);
    fputs("\x1b[J", stdout);
}

void terminal_restore(struct prompt *prompt)
{
    fflush(stdout);
    el_set(prompt->edit, EL_REFRESH);
    prompt->shown = true;
}

/* --- completion ---------------------------------------------------------------------------------
 */

/* Those of `words` that begin with `start` come first; returns how many. */
static size_t choose(const char *words[], size_t count, const char *start)
{
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(words[i], start, strlen(start)) == 0)
            words[chosen++] = words[i];
    return chosen;
}

/* How many characters all of them begin with. */
static size_t common_length(const char *const words[], size_t count)
{
    size_t length = strlen(words[0]);
    for (size_t i = 1; i < count; i++)
        for (size_t at = 0; at < length; at++)
            if (words[i][at] != words[0][at])
                length = at;
    return length;
}

static void print_words(const char *const words[], size_t count)
{
    size_t at = 0, width = columns();
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        if (at > 0 && at + strlen(words[i]) + 2 > width) {
            putchar('\n');
            at = 0;
        }
        at += (size_t)printf("%s  ", words[i]);
    }
    putchar('\n');
    fflush(stdout);
}

/* Puts in what all of them begin with, past the `typed` characters; a space after a whole word. */
static bool insert_common(EditLine *edit, const char *const words[], size_t count, size_t typed)
{
    char more[PROMPT_LABEL_SIZE];
    size_t length = common_length(words, count);
    bool whole = count == 1 && words[0][length - 1] != '=';
    snprintf(more, sizeof(more), "%.*s%s", (int)(length - typed), words[0] + typed,
             whole ? " " : "");
    return more[0] && el_insertstr(edit, more) == 0;
}

static unsigned char complete(EditLine *edit, int key)
{
    struct prompt *prompt = prompt_of(edit);
    const LineInfo *line = el_line(edit);
    const char *words[PROMPT_WORDS_MAX];
    char before[PROMPT_LINE_SIZE];
    size_t from = 0;
    (void)key;
    snprintf(before, sizeof(before), "%.*s", (int)(line->cursor - line->buffer), line->buffer);
    size_t count = prompt->options.complete(prompt->options.context, before, &from, words);
    count = choose(words, count, before + from);
    if (count == 0)
        return CC_ERROR;
    if (insert_common(edit, words, count, strlen(before + from)))
        return CC_REFRESH;
    print_words(words, count);
    return CC_REDISPLAY;
}

/* --- opening ------------------------------------------------------------------------------------
 */

static void set_up(struct prompt *prompt)
{
    HistEvent event;
    (void)history(prompt->history, &event, H_SETSIZE, HISTORY_LINES);
    (void)history(prompt->history, &event, H_SETUNIQUE, 1);
    el_set(prompt->edit, EL_CLIENTDATA, prompt);
    el_set(prompt->edit, EL_SIGNAL, 0);
    el_set(prompt->edit, EL_EDITOR, "emacs");
    el_set(prompt->edit, EL_PROMPT_ESC, label_of, '\1');
    el_set(prompt->edit, EL_HIST, EDIT_LATE(history), prompt->history);
    el_set(prompt->edit, EL_GETCFN, read_character);
    /* Wide: of narrow names libedit 3.1 makes copies that it never frees. */
    el_wset(prompt->edit, EL_ADDFN, L"step-complete", L"Complete a word", complete);
    el_set(prompt->edit, EL_BIND, "^I", "step-complete", NULL);
}

bool terminal_open(struct prompt *prompt)
{
    if (!edit_late_is_there())
        return true; /* lines are read as from a file */
    prompt->history = history_init();
    prompt->edit = prompt->history ? el_init("synstep", stdin, stdout, stderr) : NULL;
    if (prompt->edit) {
        set_up(prompt);
        return true;
    }
    terminal_close(prompt);
    return false;
}

void terminal_close(struct prompt *prompt)
{
    if (prompt->edit)
        el_end(prompt->edit);
    if (prompt->history)
        history_end(prompt->history);
    prompt->edit = NULL;
    prompt->history = NULL;
}
