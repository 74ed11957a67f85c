/* connection: one accepted socket, from its greeting to the kernel's last word on it. */
#include "connection.h"

#include "transfer.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { READS_PER_EVENT = 16, READS_TO_THE_END = 65536 };

bool peer_connection_is_witnessed(const struct peer_context *context,
                                  const struct peer_connection *c)
{
    const struct peer_options *options = context->options;
    return options->control_fd >= 0 && !options->no_witness && c->client.transport == PEER_TCP;
}

static bool is_collecting(const struct peer_context *context, const struct peer_connection *c)
{
    return context->options->half_close && c->phase == PEER_OPEN;
}

static uint32_t wanted_events(const struct peer_context *context, const struct peer_connection *c)
{
    switch (c->phase) {
    case PEER_GREETING:
    case PEER_ENDING:
        return EPOLLOUT;
    case PEER_OPEN:
        if (is_collecting(context, c) || peer_queue_is_empty(&c->queue))
            return EPOLLIN | EPOLLRDHUP;
        return EPOLLOUT;
    case PEER_LEAVING:
        return EPOLLIN | EPOLLRDHUP;
    case PEER_LINGERING:
        /* Both directions shut is EPOLLHUP all the time: only its edges are of interest. */
        return (uint32_t)EPOLLET;
    case PEER_KEPT:
        return 0;
    }
    return 0;
}

static enum peer_fate wait_on(struct peer_context *context, struct peer_connection *c)
{
    if (!peer_watch_set(&c->watch, context->epoll_fd, wanted_events(context, c)))
        return PEER_ENDED;
    return PEER_GOES_ON;
}

static enum peer_fate broken(struct peer_context *context, struct peer_connection *c)
{
    peer_print_note(&context->printer, &c->client, strerror(errno));
    return PEER_ENDED;
}

/* Both directions are at their end. */
static enum peer_fate finish(struct peer_context *context, struct peer_connection *c)
{
    if (!peer_connection_is_witnessed(context, c))
        return PEER_ENDED;
    if (c->phase != PEER_LEAVING) {
        if (shutdown(c->watch.fd, SHUT_WR) != 0)
            return PEER_ENDED;
        c->base.taken++;
    }
    c->phase = PEER_LINGERING;
    return wait_on(context, c);
}

static enum peer_fate flush(struct peer_context *context, struct peer_connection *c)
{
    if (!peer_transfer_flush(context, c))
        return broken(context, c);
    if (!peer_queue_is_empty(&c->queue))
        return wait_on(context, c);
    if (c->phase == PEER_ENDING)
        return finish(context, c);
    c->phase = PEER_OPEN;
    return wait_on(context, c);
}

static enum peer_fate end_of_stream(struct peer_context *context, struct peer_connection *c)
{
    if (c->phase == PEER_LEAVING)
        return finish(context, c);
    c->phase = PEER_ENDING;
    return flush(context, c);
}

/* How many bytes the kernel holds for us now. */
static size_t waiting_bytes(const struct peer_connection *c)
{
    int waiting = 0;
    return ioctl(c->watch.fd, SIOCINQ, &waiting) == 0 && waiting > 0 ? (size_t)waiting : 0;
}

/* The answer goes first: printing takes its time. */
static bool answer_and_print(struct peer_context *context, struct peer_connection *c,
                             const struct peer_read *got)
{
    const bool wants_answer = c->phase == PEER_OPEN && !context->options->discard;
    const bool is_answered =
        !wants_answer ||
        peer_transfer_answer(context, c, context->scratch, got->length, is_collecting(context, c));
    const int trouble = errno;
    peer_print_data(&context->printer, context->scratch, got->length, got->whole);
    errno = trouble;
    return is_answered;
}

/*
 * Reads as much as is fair towards the others; `to_the_end`: all that the kernel holds at this
 * moment, and the end of the stream if it stands behind that.
 */
static enum peer_fate read_and_echo(struct peer_context *context, struct peer_connection *c,
                                    bool to_the_end)
{
    const size_t waiting = to_the_end ? waiting_bytes(c) : 0;
    const int reads = to_the_end ? READS_TO_THE_END : READS_PER_EVENT;
    size_t done = 0;
    for (int i = 0; i < reads && (!to_the_end || done <= waiting); i++) {
        struct peer_read got;
        switch (peer_transfer_receive(context, c, &got)) {
        case PEER_RECEIVED:
            break;
        case PEER_NOTHING:
            return wait_on(context, c);
        case PEER_END_OF_STREAM:
            return end_of_stream(context, c);
        case PEER_FAILED:
            return broken(context, c);
        }
        done += got.length;
        if (!answer_and_print(context, c, &got))
            return broken(context, c);
        if (!is_collecting(context, c) && !peer_queue_is_empty(&c->queue))
            break;
        if (!to_the_end && got.length < context->options->stream_bytes)
            break;
    }
    return wait_on(context, c);
}

static enum peer_fate linger(struct peer_connection *c)
{
    uint8_t state = TCP_CLOSE;
    if (peer_witness_state(c->watch.fd, &state) && state != TCP_CLOSE)
        return PEER_GOES_ON;
    return PEER_ENDED;
}

static enum peer_fate serve(struct peer_context *context, struct peer_connection *c,
                            bool to_the_end)
{
    switch (c->phase) {
    case PEER_GREETING:
    case PEER_ENDING:
        return flush(context, c);
    case PEER_OPEN:
        if (is_collecting(context, c) || peer_queue_is_empty(&c->queue))
            return read_and_echo(context, c, to_the_end);
        return flush(context, c);
    case PEER_LEAVING:
        return read_and_echo(context, c, to_the_end);
    case PEER_LINGERING:
        return linger(c);
    case PEER_KEPT:
        return PEER_GOES_ON;
    }
    return PEER_ENDED;
}

enum peer_fate peer_connection_serve(struct peer_context *context, struct peer_connection *c,
                                     uint32_t events)
{
    return serve(context, c, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

enum peer_fate peer_connection_catch_up(struct peer_context *context, struct peer_connection *c)
{
    const enum peer_phase before = c->phase;
    const bool was_waiting = !peer_queue_is_empty(&c->queue);
    const enum peer_fate fate = serve(context, c, true);
    if (fate == PEER_GOES_ON && (c->phase != before || was_waiting))
        return serve(context, c, true);
    return fate;
}

enum peer_fate peer_connection_greet(struct peer_context *context, struct peer_connection *c)
{
    const char *greet = context->options->greet;
    if (greet == NULL)
        return PEER_GOES_ON;
    if (!peer_transfer_answer(context, c, (const uint8_t *)greet, strlen(greet), false))
        return broken(context, c);
    if (peer_queue_is_empty(&c->queue))
        return PEER_GOES_ON;
    c->phase = PEER_GREETING;
    return wait_on(context, c);
}

enum peer_fate peer_connection_hang_up(struct peer_context *context, struct peer_connection *c)
{
    if (!peer_connection_is_witnessed(context, c) || c->phase == PEER_LEAVING ||
        c->phase == PEER_LINGERING)
        return PEER_ENDED;
    peer_queue_close(&c->queue);
    if (shutdown(c->watch.fd, SHUT_WR) != 0)
        return PEER_ENDED;
    c->base.taken++;
    /* Its end of stream may have been read already: then there is nothing more to come. */
    c->phase = c->phase == PEER_ENDING ? PEER_LINGERING : PEER_LEAVING;
    return wait_on(context, c);
}

struct peer_connection *peer_connection_open(struct peer_context *context, int fd,
                                             const struct peer_address *client)
{
    const int on = 1;
    struct peer_connection *c = calloc(1, sizeof *c);
    if (c == NULL) {
        close(fd);
        errno = ENOMEM;
        return NULL;
    }
    c->watch = (struct peer_watch){.kind = PEER_WATCH_CONNECTION, .fd = fd, .owner = c};
    c->client = *client;
    c->phase = PEER_OPEN;
    c->queue.keeps_messages = client->transport == PEER_UNIX_SEQPACKET;
    if (client->transport == PEER_TCP)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (client->transport == PEER_UNIX_SEQPACKET) /* tells an empty message from the end */
        (void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    if (peer_connection_is_witnessed(context, c)) {
        struct peer_witness first;
        peer_witness_ask(fd, &c->base, &first);
        c->base.is_known = first.trouble == 0;
        c->base.write_seq = first.write_seq;
    }
    if (!peer_watch_set(&c->watch, context->epoll_fd, wanted_events(context, c))) {
        const int trouble = errno;
        peer_watch_close(&c->watch);
        free(c);
        errno = trouble;
        return NULL;
    }
    return c;
}

void peer_connection_close(const struct peer_context *context, struct peer_connection *c)
{
    if (peer_connection_is_witnessed(context, c) && c->watch.fd >= 0) {
        peer_witness_ask(c->watch.fd, &c->base, &c->last);
        c->last.state = TCP_CLOSE; /* what is left of it after close() below */
    }
    peer_watch_close(&c->watch);
    peer_queue_close(&c->queue);
    c->phase = PEER_KEPT;
}
