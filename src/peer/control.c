/* control: the parent's questions. */
#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { LINE_BYTES = 512, PENDING_BYTES = 1 << 20 };

struct peer_control {
    struct peer_watch watch;
    struct peer_queue answers;
    char line[LINE_BYTES];
    size_t length;
    bool is_overlong; /* the rest of this line is skipped */
    bool is_packets;  /* SEQPACKET: one line, one packet */
};

static bool flush(struct peer_control *control)
{
    while (!peer_queue_is_empty(&control->answers)) {
        size_t length = 0;
        const uint8_t *data = peer_queue_front(&control->answers, &length);
        const ssize_t sent = send(control->watch.fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent >= 0)
            peer_queue_drop(&control->answers, (size_t)sent);
        else if (errno != EINTR)
            return errno == EAGAIN;
    }
    return true;
}

__attribute__((format(printf, 2, 3))) static void answer(struct peer_control *control,
                                                         const char *format, ...)
{
    char text[PEER_ADDRESS_TEXT_BYTES + 64];
    va_list arguments;
    va_start(arguments, format);
    const int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (written > 0 && (size_t)written < sizeof text)
        (void)peer_queue_push(&control->answers, (const uint8_t *)text, (size_t)written,
                              PENDING_BYTES);
}

static void answer_witness(struct peer_control *control, struct peer_server *server,
                           const struct peer_address *client)
{
    peer_server_accept_waiting(server);
    struct peer_connection *c = peer_ledger_find(&server->ledger, client);
    if (c == NULL) {
        answer(control, "witness none\n");
        return;
    }
    peer_server_catch_up(server, c);
    c = peer_ledger_find(&server->ledger, client);
    if (c == NULL) {
        answer(control, "witness none\n");
        return;
    }
    struct peer_witness witness = c->last;
    if (c->phase != PEER_KEPT)
        peer_witness_ask(c->watch.fd, &c->base, &witness);
    if (witness.trouble == EPERM)
        answer(control, "witness denied TCP_REPAIR needs CAP_NET_ADMIN here\n");
    else if (witness.trouble != 0)
        answer(control, "witness denied %s\n", strerror(witness.trouble));
    else
        answer(control, "witness %s %" PRIu32 " %" PRIu32 "\n",
               peer_witness_state_name(witness.state), witness.rcv_nxt, witness.write_seq);
}

static bool parse_client(char **words, struct peer_address *client)
{
    const char *host = strtok_r(NULL, " ", words);
    const char *port = strtok_r(NULL, " ", words);
    if (host == NULL || port == NULL || strtok_r(NULL, " ", words) != NULL || strlen(port) > 5 ||
        port[strspn(port, "0123456789")] != '\0')
        return false;
    const unsigned long number = strtoul(port, NULL, 10);
    return number <= 65535 && peer_address_from_ip(host, (uint16_t)number, client);
}

static void obey(struct peer_control *control, struct peer_server *server, char *line)
{
    struct peer_address client;
    char *words = NULL;
    const char *verb = strtok_r(line, " ", &words);
    const bool is_witness = verb != NULL && strcmp(verb, "witness") == 0;
    const bool is_forget = verb != NULL && strcmp(verb, "forget") == 0;
    if (!is_witness && !is_forget) {
        answer(control, "error unknown request: say 'witness ADDR PORT' or 'forget ADDR PORT'\n");
    } else if (!parse_client(&words, &client)) {
        answer(control, "error after '%s' come an IP address and a port\n", verb);
    } else if (is_witness) {
        answer_witness(control, server, &client);
    } else {
        struct peer_connection *c = peer_ledger_find(&server->ledger, &client);
        if (c != NULL)
            peer_ledger_forget(&server->ledger, c);
    }
}

static void take_byte(struct peer_control *control, struct peer_server *server, char byte)
{
    if (byte != '\n') {
        if (control->length == LINE_BYTES - 1)
            control->is_overlong = true;
        else
            control->line[control->length++] = byte;
        return;
    }
    control->line[control->length] = '\0';
    if (control->is_overlong)
        answer(control, "error this line is too long\n");
    else
        obey(control, server, control->line);
    control->length = 0;
    control->is_overlong = false;
}

bool peer_control_serve(struct peer_control *control, struct peer_server *server)
{
    if (!flush(control))
        return false;
    if (peer_queue_is_empty(&control->answers)) {
        char bytes[4096];
        const ssize_t got = recv(control->watch.fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        for (ssize_t i = 0; i < got; i++)
            take_byte(control, server, bytes[i]);
        if (control->is_packets && got > 0 && bytes[got - 1] != '\n')
            take_byte(control, server, '\n');
        if (!flush(control))
            return false;
    }
    const bool is_stuck = !peer_queue_is_empty(&control->answers);
    return peer_watch_set(&control->watch, server->context.epoll_fd, is_stuck ? EPOLLOUT : EPOLLIN);
}

static void say_ready(struct peer_control *control, const struct peer_server *server)
{
    char host[PEER_ADDRESS_TEXT_BYTES];
    for (size_t i = 0; i < server->listener_count; i++) {
        const struct peer_address *local = &server->listeners[i].local;
        peer_address_host(local, host, sizeof host);
        answer(control, "ready %s %u\n", host, peer_address_port(local));
    }
    answer(control, "ready\n");
}

bool peer_control_open(struct peer_server *server)
{
    const int fd = server->context.options->control_fd;
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0)
        return false;
    struct peer_control *control = calloc(1, sizeof *control);
    if (control == NULL)
        return false;
    control->watch = (struct peer_watch){.kind = PEER_WATCH_CONTROL, .fd = fd};
    control->is_packets = type == SOCK_SEQPACKET;
    control->answers.keeps_messages = control->is_packets;
    server->control = control;
    say_ready(control, server);
    return flush(control) &&
           peer_watch_set(&control->watch, server->context.epoll_fd,
                          peer_queue_is_empty(&control->answers) ? EPOLLIN : EPOLLOUT);
}

void peer_control_close(struct peer_control *control)
{
    if (control == NULL)
        return;
    peer_queue_close(&control->answers);
    peer_watch_close(&control->watch);
    free(control);
}
