/* control: lines in, lines out. It has nothing else to do, so it waits here and nowhere else. */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "obey.h"

struct control {
    int fd;
    struct puppet *puppet;
    size_t length;
    bool is_overlong; /* the rest of this line is skipped */
    char line[PUPPET_LINE_MAX];
    char answer[PUPPET_ANSWER_MAX];
};

static bool say(const struct control *control, const char *text, size_t length)
{
    while (length > 0) {
        const ssize_t sent = send(control->fd, text, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            text += sent;
            length -= (size_t)sent;
        }
    }
    return true;
}

static bool say_words(const struct control *control, const char *words)
{
    return say(control, words, strlen(words));
}

static bool end_line(struct control *control)
{
    const size_t length = control->length;
    const bool is_overlong = control->is_overlong;
    control->line[length] = '\0';
    control->length = 0;
    control->is_overlong = false;
    if (is_overlong)
        return say_words(control, "error this line is too long\n");
    if (strlen(control->line) != length)
        return say_words(control, "error an octet of 0 is no text\n");
    return say(control, control->answer,
               puppet_obey(control->puppet, control->line, control->answer));
}

static void keep(struct control *control, const char *octets, size_t length)
{
    const size_t room = PUPPET_LINE_MAX - 1 - control->length;
    control->is_overlong = control->is_overlong || length > room;
    if (control->is_overlong)
        return;
    memcpy(control->line + control->length, octets, length);
    control->length += length;
}

static bool take(struct control *control, const char *octets, size_t length)
{
    while (length > 0) {
        const char *end = memchr(octets, '\n', length);
        const size_t part = end != NULL ? (size_t)(end - octets) : length;
        keep(control, octets, part);
        if (end == NULL)
            return true;
        if (!end_line(control))
            return false;
        octets += part + 1;
        length -= part + 1;
    }
    return true;
}

static bool serve(struct control *control)
{
    char octets[65536];
    bool is_well = say_words(control, "ready\n");
    while (is_well) {
        const ssize_t got = recv(control->fd, octets, sizeof octets, 0);
        if (got == 0)
            return true;
        if (got > 0)
            is_well = take(control, octets, (size_t)got);
        else
            is_well = errno == EINTR;
    }
    return errno == EPIPE || errno == ECONNRESET; /* the parent is gone: as good as its end */
}

bool puppet_control_serve(struct puppet *puppet, int fd)
{
    struct control *control = malloc(sizeof *control);
    if (control == NULL)
        return false;
    control->fd = fd;
    control->puppet = puppet;
    control->length = 0;
    control->is_overlong = false;
    const bool is_well = serve(control);
    free(control);
    return is_well;
}
