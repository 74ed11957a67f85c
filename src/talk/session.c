/* session: the talk itself. */
#include "session.h"

#include "clock.h"
#include "lines.h"
#include "show.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PAUSE_MS = 200,       /* a server that pauses so long has said a piece */
    KEEP_BYTES = 1048576, /* shown as a piece when nothing was awaited */
    RECEIVES_AT_ONCE = 64,
};

enum phase {
    ASKING,   /* the next word, please */
    AWAITING, /* the echo of the word */
    ENDING,   /* our end was told to the server; what it still sends, until its own end */
    DONE,
};

struct session {
    const struct talk_options *options;
    struct talk_link link;
    struct talk_lines lines;
    struct talk_show show;
    struct talk_bytes got; /* a stream's bytes that are not shown yet */
    enum phase phase;
    size_t word_bytes; /* of the word at the front of `lines`, while it is being sent */
    size_t word_sent;
    bool is_sending;
    bool is_exit;      /* the word was "exit" */
    uint64_t awaited;  /* bytes (messages) until the word's echo is whole */
    uint64_t sent;     /* bytes (messages) that should come back */
    uint64_t received; /* bytes (messages) */
    int64_t deadline_ms;
    int64_t pause_ms; /* when bytes not shown yet are shown in any case */
    bool has_failed;
};

__attribute__((format(printf, 2, 3))) static void note(struct session *s, const char *format, ...)
{
    char text[TALK_ERROR_BYTES + 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    talk_show_note(&s->show, text);
}

/* Says what went wrong with the server; that ends the talk. */
static void give_up(struct session *s, const char *what, int trouble)
{
    struct talk_error error = {.text = ""};
    talk_reach_explain(s->options, what, trouble, &error);
    note(s, "%s", error.text);
    s->has_failed = true;
    s->phase = DONE;
}

static void show_got(struct session *s)
{
    if (s->got.length > 0)
        talk_show_received(&s->show, s->got.block, s->got.length, s->got.length);
    s->got.length = 0;
}

static void restart_timeout(struct session *s)
{
    s->deadline_ms = talk_clock_ms() + s->options->timeout_ms;
}

static void begin_ending(struct session *s)
{
    show_got(s);
    s->phase = DONE;
    if (!s->link.has_end)
        return;
    if (shutdown(s->link.fd, SHUT_WR) != 0 && errno != ENOTCONN) {
        give_up(s, "cannot end the talk with", errno);
        return;
    }
    s->phase = ENDING;
    restart_timeout(s);
}

static void end_word(struct session *s)
{
    s->phase = ASKING;
    s->awaited = 0;
    if (s->is_exit)
        begin_ending(s);
}

static void begin_word(struct session *s, size_t length)
{
    s->word_bytes = length;
    s->word_sent = 0;
    s->is_exit = length == 4 && memcmp(s->lines.bytes.block, "exit", 4) == 0;
    s->awaited = s->link.keeps_messages ? 1 : length;
    if (!s->is_exit)
        s->sent += s->awaited;
    s->show.is_prompted = false;
    if (s->awaited == 0) { /* an empty line is no byte of a stream: nothing to send */
        talk_lines_drop(&s->lines, 0);
        return;
    }
    s->phase = AWAITING;
    s->is_sending = true;
    restart_timeout(s);
}

/* True when there may be another word to look at right now. */
static bool next_word(struct session *s)
{
    size_t length = 0;
    switch (talk_lines_next(&s->lines, &length)) {
    case TALK_LINE:
        begin_word(s, length);
        return s->phase == ASKING;
    case TALK_NO_LINE:
        talk_show_prompt(&s->show);
        return false;
    case TALK_NO_MORE:
        begin_ending(s);
        return false;
    case TALK_TOO_LONG:
        note(s, "a line has more than %d bytes: break it up", TALK_LINE_BYTES);
        s->has_failed = true;
        begin_ending(s);
        return false;
    }
    return false;
}

/* False when the word was given up. */
static bool send_word(struct session *s)
{
    bool is_taken = false;
    const uint8_t *rest = s->lines.bytes.block + s->word_sent;
    const ssize_t sent = talk_link_send(&s->link, rest, s->word_bytes - s->word_sent, &is_taken);
    if (sent < 0 && errno == EMSGSIZE) {
        note(s, "a message of %zu bytes is too long for this socket: it was not sent",
             s->word_bytes);
        s->has_failed = true;
        s->is_sending = false;
        talk_lines_drop(&s->lines, s->word_bytes);
        s->sent--;
        end_word(s);
        return false;
    }
    if (sent < 0) {
        give_up(s, "cannot send to", errno);
        return false;
    }
    if (!is_taken)
        return true;
    restart_timeout(s);
    s->word_sent += (size_t)sent;
    if (s->word_sent == s->word_bytes) {
        s->is_sending = false;
        talk_lines_drop(&s->lines, s->word_bytes);
    }
    return true;
}

/* `count`: bytes of a stream, or 1 for a message. */
static void count_received(struct session *s, uint64_t count)
{
    s->received += count;
    s->awaited -= count < s->awaited ? count : s->awaited;
    restart_timeout(s);
}

static void at_end(struct session *s)
{
    show_got(s);
    if (s->phase != ENDING && !(s->is_exit && !s->is_sending)) {
        char name[TALK_NAME_BYTES];
        talk_reach_name(s->options, name);
        note(s, "%s has closed the connection", name);
        s->has_failed = true;
    }
    s->phase = DONE;
}

/* Takes what has come; false when nothing more is there now. */
static bool receive(struct session *s)
{
    size_t length = 0;
    size_t whole = 0;
    uint8_t *room = talk_bytes_room(&s->got, s->options->buffer_bytes);
    if (room == NULL) {
        give_up(s, "cannot receive from", ENOMEM);
        return false;
    }
    switch (talk_link_receive(&s->link, room, s->options->buffer_bytes, &length, &whole)) {
    case TALK_GOT:
        break;
    case TALK_GOT_NOTHING:
        return false;
    case TALK_GOT_END:
        at_end(s);
        return false;
    case TALK_GOT_TROUBLE:
        give_up(s, "cannot receive from", errno);
        return false;
    }
    if (s->link.keeps_messages) {
        talk_show_received(&s->show, room, length, whole);
        count_received(s, 1);
    } else {
        s->got.length += length;
        s->pause_ms = talk_clock_ms() + PAUSE_MS;
        count_received(s, length);
        if (s->awaited == 0 && s->got.length >= KEEP_BYTES)
            show_got(s);
    }
    return true;
}

static void receive_all(struct session *s)
{
    for (int i = 0; i < RECEIVES_AT_ONCE && receive(s); i++)
        ;
    if (s->phase == ASKING)
        show_got(s);
    if (s->phase == AWAITING && s->awaited == 0 && !s->is_sending) {
        show_got(s);
        end_word(s);
    }
}

static void check_time(struct session *s)
{
    const int64_t now = talk_clock_ms();
    const double seconds = (double)s->options->timeout_ms / 1000.0;
    char name[TALK_NAME_BYTES];
    if (s->got.length > 0 && now >= s->pause_ms)
        show_got(s);
    if (now < s->deadline_ms || (s->phase != AWAITING && s->phase != ENDING))
        return;
    show_got(s);
    talk_reach_name(s->options, name);
    if (s->phase == ENDING) {
        note(s, "%s did not close within %g s", name, seconds);
        s->has_failed = true;
        s->phase = DONE;
    } else if (s->is_sending) {
        give_up(s, "cannot send to", ETIMEDOUT);
    } else if (s->link.keeps_messages) {
        note(s, "no answer from %s within %g s", name, seconds);
        end_word(s);
    } else {
        note(s, "no answer from %s within %g s: %zu of %zu bytes have come back", name, seconds,
             s->word_bytes - (size_t)s->awaited, s->word_bytes);
        end_word(s);
    }
}

static int wait_ms(const struct session *s)
{
    int64_t until_ms = INT64_MAX;
    if (s->phase == AWAITING || s->phase == ENDING)
        until_ms = s->deadline_ms;
    if (s->got.length > 0 && s->pause_ms < until_ms)
        until_ms = s->pause_ms;
    if (until_ms == INT64_MAX)
        return -1;
    const int64_t left_ms = until_ms - talk_clock_ms();
    return left_ms <= 0 ? 0 : left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

/* Who types on does not want to wait for an echo any more. */
static bool wants_input(const struct session *s)
{
    return !s->lines.is_at_end &&
           (s->phase == ASKING || (s->phase == AWAITING && s->show.has_prompts && !s->is_sending));
}

static void read_input(struct session *s)
{
    size_t length = 0;
    if (!talk_lines_read(&s->lines)) {
        note(s, "standard input: %s", strerror(errno));
        s->has_failed = true;
        s->lines.is_at_end = true;
    }
    if (s->phase == AWAITING && talk_lines_next(&s->lines, &length) != TALK_NO_LINE) {
        show_got(s);
        end_word(s);
    }
}

static void step(struct session *s)
{
    while (s->phase == ASKING && next_word(s))
        ;
    if (s->is_sending && !send_word(s))
        return; /* there may be another word: no time to wait */
    if (s->phase == DONE)
        return;
    struct pollfd fds[2] = {
        {.fd = wants_input(s) ? STDIN_FILENO : -1, .events = POLLIN},
        {.fd = s->link.fd, .events = (short)(POLLIN | (s->is_sending ? POLLOUT : 0))},
    };
    const int count = poll(fds, 2, wait_ms(s));
    if (count < 0 && errno != EINTR) {
        give_up(s, "poll", errno);
        return;
    }
    if (count > 0 && fds[1].revents != 0)
        receive_all(s);
    if (count > 0 && fds[0].revents != 0 && wants_input(s))
        read_input(s);
    check_time(s);
}

int talk_session_run(const struct talk_options *options, int fd)
{
    struct session s = {
        .options = options,
        .link =
            {
                .fd = fd,
                .keeps_messages = talk_transport_keeps_messages(options->transport),
                .has_end = !talk_transport_is_datagram(options->transport),
            },
        .show = {.has_prompts = isatty(STDIN_FILENO) != 0},
    };
    while (s.phase != DONE && s.show.trouble == 0)
        step(&s);
    if (s.show.trouble != 0) {
        note(&s, "standard output could not be written: %s", strerror(s.show.trouble));
        s.has_failed = true;
    }
    talk_lines_close(&s.lines);
    talk_bytes_close(&s.got);
    close(fd);
    return s.has_failed || s.received < s.sent ? EXIT_FAILURE : EXIT_SUCCESS;
}
