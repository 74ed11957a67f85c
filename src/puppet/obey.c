/* obey: one command line to one answer line. */
#include "obey.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "look.h"
#include "setting.h"
#include "words.h"

struct command {
    char *words[PUPPET_WORDS_MAX];
    size_t count;
};

/* --- the commands: false when their words make no sense --------------------------------------- */

static bool do_listen(struct puppet *puppet, const struct command *command,
                      struct puppet_answer *answer)
{
    int64_t backlog = SOMAXCONN;
    if (command->count == 2 && !puppet_words_number(command->words[1], 0, 65535, &backlog))
        return false;
    *answer = puppet_listen(puppet, (int)backlog);
    return true;
}

static bool do_crowd(struct puppet *puppet, const struct command *command,
                     struct puppet_answer *answer)
{
    int64_t count = 0;
    if (!puppet_words_number(command->words[1], 0, INT32_MAX, &count))
        return false;
    *answer = puppet_crowd(puppet, (size_t)count);
    return true;
}

static bool do_accept(struct puppet *puppet, const struct command *command,
                      struct puppet_answer *answer)
{
    (void)command;
    *answer = puppet_accept(puppet);
    return true;
}

static bool do_connect(struct puppet *puppet, const struct command *command,
                       struct puppet_answer *answer)
{
    (void)command;
    *answer = puppet_connect(puppet);
    return true;
}

static bool do_send(struct puppet *puppet, const struct command *command,
                    struct puppet_answer *answer)
{
    uint8_t *octets = NULL;
    size_t length = 0;
    const bool is_urgent = command->count == 3;
    if (is_urgent && strcmp(command->words[2], "urgent") != 0)
        return false;
    if (!puppet_words_octets(command->words[1], &octets, &length) || length > PUPPET_SEND_MAX)
        return false;
    *answer = puppet_send(puppet, octets, length, is_urgent);
    return true;
}

static bool do_read(struct puppet *puppet, const struct command *command,
                    struct puppet_answer *answer)
{
    int64_t count = 0;
    if (!puppet_words_number(command->words[1], 0, INT32_MAX, &count))
        return false;
    *answer = puppet_read(puppet, (size_t)count);
    return true;
}

static bool do_shutdown(struct puppet *puppet, const struct command *command,
                        struct puppet_answer *answer)
{
    (void)command;
    *answer = puppet_shutdown_write(puppet);
    return true;
}

static bool do_close(struct puppet *puppet, const struct command *command,
                     struct puppet_answer *answer)
{
    (void)command;
    *answer = puppet_close(puppet);
    return true;
}

static bool do_reset(struct puppet *puppet, const struct command *command,
                     struct puppet_answer *answer)
{
    (void)command;
    *answer = puppet_reset(puppet);
    return true;
}

static bool do_set(struct puppet *puppet, const struct command *command,
                   struct puppet_answer *answer)
{
    int64_t value = 0;
    if (!puppet_words_number(command->words[2], INT64_MIN, INT64_MAX, &value))
        return false;
    *answer = puppet_set(puppet, command->words[1], value);
    return true;
}

static bool do_sysctl(struct puppet *puppet, const struct command *command,
                      struct puppet_answer *answer)
{
    uint8_t *octets = NULL;
    size_t length = 0;
    if (!puppet_words_octets(command->words[2], &octets, &length))
        return false;
    *answer = puppet_sysctl(puppet, command->words[1], octets, length);
    return true;
}

static bool do_bind(struct puppet *puppet, const struct command *command,
                    struct puppet_answer *answer)
{
    (void)command;
    *answer = puppet_bind(puppet);
    return true;
}

static bool do_sendto(struct puppet *puppet, const struct command *command,
                      struct puppet_answer *answer)
{
    uint8_t *octets = NULL;
    size_t length = 0;
    if (!puppet_words_octets(command->words[1], &octets, &length) || length > PUPPET_READ_MAX)
        return false;
    *answer = puppet_sendto(puppet, octets, length);
    return true;
}

static bool do_recvfrom(struct puppet *puppet, const struct command *command,
                        struct puppet_answer *answer)
{
    (void)command;
    *answer = puppet_recvfrom(puppet);
    return true;
}

/* join, leave */
static bool do_member(struct puppet *puppet, const struct command *command,
                      struct puppet_answer *answer)
{
    struct peer_address group;
    if (!peer_address_from_ip(command->words[1], 0, &group))
        return false;
    *answer = puppet_member(puppet, &group, strcmp(command->words[0], "join") == 0);
    return true;
}

static const struct verb {
    const char *name;
    size_t words_least; /* itself among them */
    size_t words_most;
    bool (*act)(struct puppet *puppet, const struct command *command, struct puppet_answer *answer);
} verbs[] = {
    {"accept", 1, 1, do_accept},     {"bind", 1, 1, do_bind},     {"close", 1, 1, do_close},
    {"connect", 1, 1, do_connect},   {"crowd", 2, 2, do_crowd},   {"join", 2, 2, do_member},
    {"leave", 2, 2, do_member},      {"listen", 1, 2, do_listen}, {"read", 2, 2, do_read},
    {"recvfrom", 1, 1, do_recvfrom}, {"reset", 1, 1, do_reset},   {"send", 2, 3, do_send},
    {"sendto", 2, 2, do_sendto},     {"set", 3, 3, do_set},       {"shutdown", 1, 1, do_shutdown},
    {"sysctl", 3, 3, do_sysctl},
};

static const struct verb *find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

/* --- the answers ------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static size_t say(char answer[PUPPET_ANSWER_MAX],
                                                        const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(answer, PUPPET_ANSWER_MAX, format, arguments);
    va_end(arguments);
    return length > 0 ? (size_t)length : 0;
}

static size_t say_octets(char answer[PUPPET_ANSWER_MAX], const char *word,
                         const struct puppet_answer *what)
{
    size_t length = say(answer, "%s ", word);
    length += puppet_words_hex(what->octets, what->length, answer + length);
    answer[length++] = '\n';
    return length;
}

static const char *error_name(int trouble)
{
    const char *name = trouble != 0 ? strerrorname_np(trouble) : "-";
    return name != NULL ? name : "EUNKNOWN";
}

static size_t say_answer(char answer[PUPPET_ANSWER_MAX], const struct puppet_answer *what)
{
    switch (what->outcome) {
    case PUPPET_DONE:
        return what->octets != NULL ? say_octets(answer, "done", what) : say(answer, "done\n");
    case PUPPET_NOT_YET:
        return say(answer, "not-yet\n");
    case PUPPET_END:
        return say_octets(answer, "end", what);
    case PUPPET_FAILED:
        return say(answer, "failed %s\n", error_name(what->trouble));
    case PUPPET_CANNOT:
        return say(answer, "cannot %s\n", what->words);
    }
    return 0;
}

static size_t say_sight(struct puppet *puppet, char answer[PUPPET_ANSWER_MAX])
{
    struct puppet_sight sight;
    char numbers[32] = "- -";
    puppet_look(puppet, &sight);
    const char *state = sight.is_state_known ? peer_witness_state_name(sight.state) : "-";
    if (sight.are_numbers_known)
        snprintf(numbers, sizeof numbers, "%" PRIu32 " %" PRIu32, sight.rcv_nxt, sight.write_seq);
    return say(answer, "look %s %s %zu %s\n", state, numbers, sight.waiting,
               error_name(sight.last_error));
}

size_t puppet_obey(struct puppet *puppet, char *line, char answer[PUPPET_ANSWER_MAX])
{
    struct command command = {.count = 0};
    struct puppet_answer came = {.outcome = PUPPET_DONE};
    if (!puppet_words_split(line, command.words, &command.count) || command.count == 0)
        return say(answer, "error no command has so many words\n");
    if (command.count == 1 && strcmp(command.words[0], "look") == 0)
        return say_sight(puppet, answer);
    const struct verb *verb = find(command.words[0]);
    if (verb == NULL)
        return say(answer, "error unknown command\n");
    if (command.count < verb->words_least || command.count > verb->words_most ||
        !verb->act(puppet, &command, &came))
        return say(answer, "error these words do not make a %s command\n", verb->name);
    const size_t length = say_answer(answer, &came);
    if (came.outcome == PUPPET_DONE && came.octets == puppet->inbox)
        puppet_drop_read(puppet, came.length);
    return length;
}
