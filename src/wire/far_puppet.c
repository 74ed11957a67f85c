/*
 * far_puppet: synstep-puppet as a far end: a command becomes a line, a line becomes the answer.
 */
#include "synstep/far.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "companion_process.h"
#include "far_answer.h"

enum {
    LINE_BYTES = 2 * SS_FAR_SEND_MAX + 512, /* the longest said; the longest heard is shorter */
    WORD_MAX = 128,                         /* a name, or a sysctl's value */
    WORD_BYTES = 32,                        /* of an answer */
};

struct far_puppet {
    struct ss_far far;
    struct ss_companion companion;
    bool is_private; /* it has a network namespace of its own */
    char line[LINE_BYTES];
};

/* --- what is said -----------------------------------------------------------------------------*/

__attribute__((format(printf, 2, 3))) static size_t write_line(struct far_puppet *self,
                                                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(self->line, LINE_BYTES, format, arguments);
    va_end(arguments);
    return length > 0 ? (size_t)length : 0;
}

static size_t write_octets(char *text, const uint8_t *octets, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    if (length == 0)
        text[0] = '-';
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    return length == 0 ? 1 : 2 * length;
}

static size_t write_send(struct far_puppet *self, const struct ss_far_command *command)
{
    size_t length = write_line(self, "%s ", ss_far_verb_text(command->verb));
    length += write_octets(self->line + length, command->octets, command->length);
    length += (size_t)sprintf(self->line + length, "%s\n", command->urgent ? " urgent" : "");
    return length;
}

static size_t write_sysctl(struct far_puppet *self, const struct ss_far_command *command)
{
    size_t length = write_line(self, "sysctl %s ", command->name);
    length +=
        write_octets(self->line + length, (const uint8_t *)command->text, strlen(command->text));
    self->line[length++] = '\n';
    return length;
}

static size_t write_command(struct far_puppet *self, const struct ss_far_command *command)
{
    switch (command->verb) {
    case SS_FAR_LISTEN:
        return command->number < 0 ? write_line(self, "listen\n")
                                   : write_line(self, "listen %" PRId64 "\n", command->number);
    case SS_FAR_CROWD:
        return write_line(self, "crowd %" PRId64 "\n", command->number);
    case SS_FAR_ACCEPT:
    case SS_FAR_CONNECT:
    case SS_FAR_CLOSE:
    case SS_FAR_RESET:
    case SS_FAR_LOOK:
    case SS_FAR_BIND:
    case SS_FAR_RECVFROM:
        return write_line(self, "%s\n", ss_far_verb_text(command->verb));
    case SS_FAR_JOIN:
    case SS_FAR_LEAVE:
        return write_line(self, "%s %s\n", ss_far_verb_text(command->verb), command->text);
    case SS_FAR_SEND:
    case SS_FAR_SENDTO:
        return write_send(self, command);
    case SS_FAR_READ:
        return write_line(self, "read %" PRId64 "\n", command->number);
    case SS_FAR_SHUTDOWN_WRITE:
        return write_line(self, "shutdown\n");
    case SS_FAR_SET:
        return write_line(self, "set %s %" PRId64 "\n", command->name, command->number);
    case SS_FAR_SYSCTL:
        return write_sysctl(self, command);
    }
    return 0;
}

/* --- what must not be said --------------------------------------------------------------------*/

/* One word of a line, and nothing that ends the word or the line. */
static bool is_word(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return length > 0 && length <= WORD_MAX;
}

/* Why the command cannot be given to this far end; NULL when it can. */
static const char *objection(const struct far_puppet *self, const struct ss_far_command *command)
{
    if (command->verb == SS_FAR_SYSCTL && !self->is_private)
        return "a sysctl is set in private hosts only";
    if (command->verb == SS_FAR_SYSCTL && strlen(command->text) > WORD_MAX)
        return "the value of a sysctl has 128 octets at most";
    if ((command->verb == SS_FAR_SYSCTL || command->verb == SS_FAR_SET) && !is_word(command->name))
        return "a name is one word of at most 128 octets";
    if ((command->verb == SS_FAR_JOIN || command->verb == SS_FAR_LEAVE) && !is_word(command->text))
        return "a group is an address";
    if (command->verb == SS_FAR_SEND && command->length > SS_FAR_SEND_MAX)
        return "1 MiB at most is sent at once";
    if (command->verb == SS_FAR_SENDTO && command->length > SS_FAR_DATAGRAM_MAX)
        return "a datagram has 65507 octets at most";
    return NULL;
}

/* --- what is heard ----------------------------------------------------------------------------*/

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c == '\0' ? NULL : strchr(digits, c);
    return found ? (int)(found - digits) : -1;
}

static bool parse_octets(const char *text, struct ss_far_answer *answer)
{
    size_t digits = strcmp(text, "-") == 0 ? 0 : strlen(text);
    size_t length = digits / 2;
    if (text[0] == '\0' || length > SS_FAR_READ_MAX || digits % 2 != 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        int high = digit(text[2 * i]);
        int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        answer->octets[i] = (uint8_t)(high * 16 + low);
    }
    answer->length = length;
    return true;
}

/* A sequence number in decimal. */
static bool parse_seq(const char *text, struct ss_seq *seq)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > UINT32_MAX)
        return false;
    *seq = ss_seq_from((uint32_t)value);
    return true;
}

/* "STATE RCV_NXT WRITE_SEQ WAITING ERROR", with "-" for what is not known */
static bool parse_look(const char *text, struct ss_far_answer *answer)
{
    char state[WORD_BYTES];
    char rcv_nxt[WORD_BYTES];
    char write_seq[WORD_BYTES];
    char error[WORD_BYTES];
    size_t waiting;
    if (sscanf(text, "%31s %31s %31s %zu %31s", state, rcv_nxt, write_seq, &waiting, error) != 5)
        return false;
    ss_far_answer_set(answer, SS_FAR_DONE, strcmp(error, "-") == 0 ? "" : error);
    answer->waiting = waiting;
    answer->state_known = strcmp(state, "-") != 0;
    answer->numbers_known = strcmp(rcv_nxt, "-") != 0;
    return (!answer->state_known || ss_tcp_state_from_text(state, &answer->state)) &&
           (!answer->numbers_known ||
            (parse_seq(rcv_nxt, &answer->rcv_nxt) && parse_seq(write_seq, &answer->write_seq)));
}

/* The line's first word, if it is that one: what comes after it, else NULL. */
static const char *after(const char *line, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0)
        return NULL;
    return line[length] == '\0' ? line + length : line[length] == ' ' ? line + length + 1 : NULL;
}

static bool parse_answer(const char *line, struct ss_far_answer *answer)
{
    const char *rest;
    ss_far_answer_set(answer, SS_FAR_DONE, "");
    if ((rest = after(line, "done")))
        return rest[0] == '\0' || parse_octets(rest, answer);
    if ((rest = after(line, "look")))
        return parse_look(rest, answer);
    if (after(line, "not-yet"))
        answer->outcome = SS_FAR_NOT_YET;
    else if ((rest = after(line, "failed")))
        ss_far_answer_set(answer, SS_FAR_FAILED, rest);
    else if ((rest = after(line, "cannot")) || (rest = after(line, "error")))
        ss_far_answer_set(answer, SS_FAR_CANNOT, rest);
    else if ((rest = after(line, "end"))) {
        answer->outcome = SS_FAR_END;
        return parse_octets(rest, answer);
    } else
        return false;
    return true;
}

/* --- the far end ------------------------------------------------------------------------------*/

static enum ss_status far_puppet_command(struct ss_far *far, const struct ss_far_command *command,
                                         struct ss_far_answer *answer, struct ss_problem *problem)
{
    struct far_puppet *self = (struct far_puppet *)far;
    const char *why_not = objection(self, command);
    if (why_not) {
        ss_far_answer_set(answer, SS_FAR_CANNOT, why_not);
        return SS_OK;
    }
    size_t length = write_command(self, command);
    if (!ss_companion_say(self->companion.control, self->line, length) ||
        !ss_companion_hear(self->companion.control, self->line, LINE_BYTES, SS_COMPANION_ANSWER_US))
        return ss_problem_set(problem, SS_IO, "the peer is gone, or does not answer a command");
    if (!parse_answer(self->line, answer))
        return ss_problem_set(problem, SS_IO, "the peer's answer cannot be read: '%.80s'",
                              self->line);
    return SS_OK;
}

static void far_puppet_close(struct ss_far *far)
{
    struct far_puppet *self = (struct far_puppet *)far;
    ss_companion_stop(&self->companion);
    free(self);
}

static const struct ss_far_operations far_puppet_operations = {
    .command = far_puppet_command,
    .close = far_puppet_close,
};

static bool await_ready(int control, void *context)
{
    char line[16];
    (void)context;
    return ss_companion_hear(control, line, sizeof line, SS_COMPANION_READY_US) &&
           strcmp(line, "ready") == 0;
}

static enum ss_status begin(struct ss_companion *companion,
                            const struct ss_far_puppet_options *options, struct ss_problem *problem)
{
    char local[SS_SOCKET_ADDRESS_TEXT_SIZE + 16] = "--local=";
    char peer[SS_SOCKET_ADDRESS_TEXT_SIZE + 16] = "--peer=";
    const char *last = options->network_namespace >= 0 ? "--private" : NULL;
    const char *arguments[] = {local, peer, last, NULL};
    struct ss_companion_program program = {
        .name = "synstep-puppet",
        .variable = "SYNSTEP_PUPPET",
        .arguments = arguments,
        .network_namespace = options->network_namespace,
        .await_ready = await_ready,
    };
    ss_socket_address_format(local + strlen(local), &options->local);
    ss_socket_address_format(peer + strlen(peer), &options->peer);
    return ss_companion_begin(companion, &program, problem);
}

enum ss_status ss_far_puppet_open(const struct ss_far_puppet_options *options, struct ss_far **far,
                                  struct ss_problem *problem)
{
    struct far_puppet *self = malloc(sizeof(*self));
    if (!self)
        return ss_problem_set(problem, SS_IO, "out of memory for the far end");
    self->far.operations = &far_puppet_operations;
    self->is_private = options->network_namespace >= 0;
    enum ss_status status = begin(&self->companion, options, problem);
    if (status != SS_OK) {
        free(self);
        return status;
    }
    *far = &self->far;
    return SS_OK;
}
