/* step_prompt: waiting for input while the wire is listened to; plain lines. */
#include "step_prompt.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "step_prompt_parts.h"

enum { NOTICE_COLUMNS = 68 };

struct prompt *prompt_open(const struct prompt_options *options)
{
    struct prompt *prompt = calloc(1, sizeof(*prompt));
    if (!prompt)
        return NULL;
    prompt->options = *options;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || terminal_open(prompt))
        return prompt;
    free(prompt);
    return NULL;
}

void prompt_close(struct prompt *prompt)
{
    if (!prompt)
        return;
    terminal_close(prompt);
    free(prompt);
}

/* --- waiting ------------------------------------------------------------------------------------
 */

/* Whether something can be read; without anybody to listen, waits until it can. */
static bool can_read(const struct prompt *prompt)
{
    static const struct timespec now = {0};
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t waiting;
    sigprocmask(SIG_BLOCK, NULL, &waiting);
    sigdelset(&waiting, SIGINT);
    sigdelset(&waiting, SIGTERM);
    sigdelset(&waiting, SIGHUP);
    return ppoll(&input, 1, prompt->options.listen ? &now : NULL, &waiting) > 0;
}

static enum ss_status listen_once(struct prompt *prompt)
{
    size_t events = prompt->events;
    bool shown = prompt->shown;
    if (!prompt->options.listen)
        return SS_OK;
    enum ss_status status = prompt->options.listen(prompt->options.context, prompt->problem);
    if (shown && prompt->events != events)
        terminal_restore(prompt);
    return status;
}

enum ss_status prompt_wait(struct prompt *prompt)
{
    enum ss_status status = SS_OK;
    while (status == SS_OK) {
        if (*prompt->options.stop)
            return ss_problem_set(prompt->problem, SS_INTERRUPTED, "interrupted");
        if (can_read(prompt))
            return SS_OK;
        status = listen_once(prompt);
    }
    return status;
}

/* --- plain lines --------------------------------------------------------------------------------
 */

/* The first line of what was read, whose `length` octets are followed by its end. */
static void take_line(struct prompt *prompt, size_t length, size_t end, char line[PROMPT_LINE_SIZE])
{
    memcpy(line, prompt->octets, length);
    line[length] = '\0';
    prompt->length -= length + end;
    memmove(prompt->octets, prompt->octets + length + end, prompt->length);
}

static enum ss_status read_more(struct prompt *prompt)
{
    size_t room = sizeof(prompt->octets) - prompt->length;
    if (room == 0)
        return ss_problem_set(prompt->problem, SS_USAGE, "a command has at most %d octets",
                              PROMPT_LINE_SIZE - 1);
    enum ss_status status = prompt_wait(prompt);
    if (status != SS_OK)
        return status;
    ssize_t got = read(STDIN_FILENO, prompt->octets + prompt->length, room);
    if (got > 0)
        prompt->length += (size_t)got;
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        prompt->ended = true;
    return SS_OK;
}

static void read_plain(struct prompt *prompt, char line[PROMPT_LINE_SIZE])
{
    while (prompt->status == SS_OK) {
        const char *end = memchr(prompt->octets, '\n', prompt->length);
        if (end) {
            prompt->ended = false;
            take_line(prompt, (size_t)(end - prompt->octets), 1, line);
            return;
        }
        if (prompt->ended && prompt->length > 0) {
            prompt->ended = false;
            take_line(prompt, prompt->length, 0, line);
            return;
        }
        if (prompt->ended)
            return;
        prompt->status = read_more(prompt);
    }
}

enum ss_status prompt_read(struct prompt *prompt, const char *label, char line[PROMPT_LINE_SIZE],
                           bool *ended, struct ss_problem *problem)
{
    prompt->problem = problem;
    prompt->status = SS_OK;
    prompt->ended = false;
    line[0] = '\0';
    prompt_clear(prompt);
    fflush(stdout);
    if (prompt->edit)
        terminal_read(prompt, label, line);
    else
        read_plain(prompt, line);
    *ended = prompt->ended;
    line[strcspn(line, "\r\n")] = '\0';
    return prompt->status;
}

/* --- what else is written -----------------------------------------------------------------------
 */

void prompt_notice(struct prompt *prompt, const char *text)
{
    if (!prompt->edit)
        return;
    prompt_clear(prompt);
    fputs("waiting: ", stdout);
    for (size_t at = 0; at < NOTICE_COLUMNS && text[at]; at++)
        putchar(isprint((unsigned char)text[at]) ? text[at] : '?');
    fflush(stdout);
    prompt->noticed = true;
}

void prompt_clear(struct prompt *prompt)
{
    if (prompt->shown)
        terminal_clear(prompt);
    else if (prompt->noticed)
        fputs("\r\x1b[K", stdout);
    prompt->shown = prompt->noticed = false;
}

static void make_room(void *context, const struct ss_event *event)
{
    struct prompt *prompt = context;
    (void)event;
    prompt->events++;
    prompt_clear(prompt);
}

struct ss_sink prompt_sink(struct prompt *prompt)
{
    return (struct ss_sink){.context = prompt, .take = make_room};
}
