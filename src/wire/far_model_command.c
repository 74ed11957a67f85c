/* far_model_command: what an application does with its sockets, done to an endpoint. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "far_answer.h"
#include "far_model.h"

enum { RECEIVE_BUFFER_MAX = 1 << 24, MSS_LEAST = 88, MSS_MOST = 32767 };

/* --- trouble, as a socket has it --------------------------------------------------------------*/

static void fail(struct ss_far_model *model, struct ss_far_answer *answer, const char *error)
{
    model->last_error = error;
    ss_far_answer_set(answer, SS_FAR_FAILED, error);
}

/* SO_ERROR: what the connection ended with is heard of once. */
static void take_pending(struct ss_far_model *model)
{
    if (!model->pending)
        return;
    model->broken = model->pending;
    model->last_error = model->pending;
    model->pending = NULL;
}

/* --- opening ----------------------------------------------------------------------------------*/

static bool is_in_use(const struct ss_far_model *model)
{
    return model->endpoint.state != SS_TCP_CLOSED && model->endpoint.state != SS_TCP_LISTEN;
}

static void do_listen(struct ss_far_model *model, struct ss_far_answer *answer)
{
    model->listening = true;
    if (model->tenant != SS_FAR_OPEN)
        model->had_connection = false;
    if (model->tenant != SS_FAR_OPEN && model->endpoint.state == SS_TCP_CLOSED) {
        ss_far_model_renew(model, ss_far_model_next_isn(model));
        ss_endpoint_listen(&model->endpoint);
    }
    ss_far_answer_set(answer, SS_FAR_DONE, "");
}

static void do_accept(struct ss_far_model *model, struct ss_far_answer *answer)
{
    if (model->tenant == SS_FAR_OPEN) {
        ss_far_answer_set(answer, SS_FAR_CANNOT,
                          "there is a connection already, and it has one at a time");
    } else if (!model->listening) {
        fail(model, answer, "EINVAL");
    } else if (model->tenant != SS_FAR_QUEUED) {
        ss_far_answer_set(answer, SS_FAR_NOT_YET, "");
    } else {
        ss_far_model_accept(model);
        ss_far_answer_set(answer, SS_FAR_DONE, "");
    }
}

static void do_connect(struct ss_far_model *model, struct ss_far_answer *answer)
{
    if (model->tenant == SS_FAR_OPEN) {
        ss_far_answer_set(answer, SS_FAR_CANNOT,
                          "there is a connection already, and it has one at a time");
    } else if (model->listening) {
        fail(model, answer, "EADDRINUSE");
    } else if (is_in_use(model)) {
        fail(model, answer, "EADDRNOTAVAIL"); /* what is left of the last one */
    } else {
        ss_far_model_renew(model, ss_far_model_next_isn(model));
        ss_endpoint_connect(&model->endpoint);
        model->remote = model->options.peer;
        ss_far_model_accept(model);
        ss_far_answer_set(answer, SS_FAR_DONE, "");
    }
}

/* --- sending and reading ----------------------------------------------------------------------*/

static bool is_opening(const struct ss_far_model *model)
{
    return model->endpoint.state == SS_TCP_SYN_SENT || model->endpoint.state == SS_TCP_SYN_RECEIVED;
}

/* Why nothing can be sent; NULL when it can. */
static const char *broken_pipe(struct ss_far_model *model)
{
    if (model->tenant != SS_FAR_OPEN)
        return "ENOTCONN";
    if (model->pending) {
        take_pending(model);
        return model->broken;
    }
    return model->endpoint.state == SS_TCP_CLOSED || model->endpoint.fin_wanted ? "EPIPE" : NULL;
}

static void do_send(struct ss_far_model *model, const struct ss_far_command *command,
                    struct ss_far_answer *answer)
{
    const char *error = broken_pipe(model);
    ss_far_answer_set(answer, SS_FAR_DONE, "");
    if (error) {
        fail(model, answer, error);
    } else if (command->urgent) {
        ss_far_answer_set(answer, SS_FAR_CANNOT, "the simulated far end sends nothing urgent");
    } else if (command->length > SS_FAR_SEND_MAX) {
        ss_far_answer_set(answer, SS_FAR_CANNOT, "1 MiB at most is sent at once");
    } else if (is_opening(model) || command->length > ss_far_model_room(model)) {
        answer->outcome = SS_FAR_NOT_YET;
    } else {
        ss_far_model_write(model, command->octets, command->length);
    }
}

/* Fewer octets than asked for are there; they are shown, and stay. */
static void fall_short(struct ss_far_model *model, struct ss_far_answer *answer)
{
    take_pending(model);
    if (model->broken) {
        fail(model, answer, model->broken);
    } else if (model->endpoint.fin_received) {
        answer->outcome = SS_FAR_END;
        answer->length = (size_t)ss_endpoint_readable(&model->endpoint);
        ss_far_model_copy(model, answer->octets, answer->length, false);
    } else if (model->endpoint.state == SS_TCP_CLOSED) {
        fail(model, answer, "ENOTCONN"); /* shut down before it was one */
    } else {
        answer->outcome = SS_FAR_NOT_YET;
    }
}

static void do_read(struct ss_far_model *model, int64_t number, struct ss_far_answer *answer)
{
    ss_far_answer_set(answer, SS_FAR_DONE, "");
    if (model->tenant != SS_FAR_OPEN) {
        fail(model, answer, "ENOTCONN");
    } else if (number < 0 || number > SS_FAR_READ_MAX) {
        ss_far_answer_set(answer, SS_FAR_CANNOT, "a read is 65536 octets at most");
    } else if ((uint64_t)number > ss_endpoint_readable(&model->endpoint)) {
        fall_short(model, answer);
    } else {
        answer->length = (size_t)number;
        ss_far_model_copy(model, answer->octets, answer->length, true);
    }
}

/* --- ending -----------------------------------------------------------------------------------*/

static void do_shutdown(struct ss_far_model *model, struct ss_far_answer *answer)
{
    if (model->tenant != SS_FAR_OPEN || model->endpoint.state == SS_TCP_CLOSED) {
        fail(model, answer, "ENOTCONN");
        return;
    }
    ss_endpoint_close(&model->endpoint);
    ss_far_answer_set(answer, SS_FAR_DONE, "");
}

/* Whoever waits to be accepted is reset; what an application has closed before goes on. */
static void close_listener(struct ss_far_model *model, struct ss_far_answer *answer)
{
    if (!model->listening) {
        fail(model, answer, "ENOTCONN");
        return;
    }
    model->listening = false;
    if (model->tenant != SS_FAR_ORPHANED) {
        ss_far_model_abort(model);
        model->tenant = SS_FAR_NOBODY;
    }
    ss_far_answer_set(answer, SS_FAR_DONE, "");
}

/* RFC 9293 section 3.6.1 (SHLD-3), RFC 2525 section 2.17: unread octets make it a RST. */
static void do_close(struct ss_far_model *model, struct ss_far_answer *answer)
{
    if (model->tenant != SS_FAR_OPEN) {
        close_listener(model, answer);
        return;
    }
    take_pending(model);
    if (ss_endpoint_readable(&model->endpoint) > 0)
        ss_far_model_abort(model);
    else
        ss_endpoint_close(&model->endpoint);
    model->tenant = SS_FAR_ORPHANED;
    ss_far_answer_set(answer, SS_FAR_DONE, "");
}

static void do_reset(struct ss_far_model *model, struct ss_far_answer *answer)
{
    if (model->tenant != SS_FAR_OPEN) {
        fail(model, answer, "ENOTCONN");
        return;
    }
    take_pending(model);
    ss_far_model_abort(model);
    model->tenant = SS_FAR_ORPHANED;
    ss_far_answer_set(answer, SS_FAR_DONE, "");
}

/* --- options ----------------------------------------------------------------------------------*/

static bool set_receive_buffer(struct ss_far_model *model, int64_t octets)
{
    uint8_t *ring = octets >= 1 && octets <= RECEIVE_BUFFER_MAX ? calloc(1, (size_t)octets) : NULL;
    if (!ring)
        return false;
    free(model->received);
    model->received = ring;
    model->options.receive_buffer = (uint32_t)octets;
    return true;
}

static bool set_mss(struct ss_far_model *model, int64_t mss)
{
    if (mss < MSS_LEAST || mss > MSS_MOST)
        return false;
    model->options.mss = (uint16_t)mss;
    return true;
}

/* The number of the next connection; -1 is 2^32-1. */
static bool set_isn(struct ss_far_model *model, int64_t isn)
{
    if (isn < INT32_MIN || isn > (int64_t)UINT32_MAX)
        return false;
    model->options.isn_given = true;
    model->options.isn = ss_seq_from((uint32_t)isn);
    return true;
}

static const struct option {
    const char *name;
    bool (*set)(struct ss_far_model *model, int64_t number);
} options[] = {
    {"isn", set_isn},
    {"maxseg", set_mss},
    {"rcvbuf", set_receive_buffer},
};

static const struct option *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

/* Before the SYN, a listening endpoint takes up what has changed; else with the number it has. */
static void take_up(struct ss_far_model *model)
{
    struct ss_seq isn = model->endpoint.options.isn;
    if (model->endpoint.state != SS_TCP_LISTEN)
        return;
    ss_far_model_renew(model, model->options.isn_given ? ss_far_model_next_isn(model) : isn);
    ss_endpoint_listen(&model->endpoint);
}

static void do_set(struct ss_far_model *model, const char *name, int64_t number,
                   struct ss_far_answer *answer)
{
    const struct option *option = find_option(name);
    ss_far_answer_set(answer, SS_FAR_DONE, "");
    if (strcmp(name, "nodelay") == 0 && number != 0)
        return; /* it always is */
    if (!option)
        ss_far_answer_set(answer, SS_FAR_CANNOT, "the simulated far end has no such option");
    else if (is_in_use(model) || ss_far_model_is_held(model))
        ss_far_answer_set(answer, SS_FAR_CANNOT,
                          "the simulated far end takes this option before a connection only");
    else if (!option->set(model, number))
        fail(model, answer, "EINVAL");
    else
        take_up(model);
}

/* --- looking ----------------------------------------------------------------------------------*/

/* Of the connection that waits, or the listener's. */
static enum ss_tcp_state state_of_listener(const struct ss_far_model *model)
{
    enum ss_tcp_state state = model->endpoint.state;
    bool begun =
        state == SS_TCP_SYN_RECEIVED || state == SS_TCP_ESTABLISHED || state == SS_TCP_CLOSE_WAIT;
    return begun ? state : SS_TCP_LISTEN;
}

/* Of the application's connection, or of what is left of it; else of the listener. */
static enum ss_tcp_state state_of(const struct ss_far_model *model)
{
    enum ss_tcp_state state = model->endpoint.state;
    if (model->had_connection)
        return state == SS_TCP_LISTEN ? SS_TCP_CLOSED : state; /* it listens for the next one */
    return model->listening ? state_of_listener(model) : SS_TCP_CLOSED;
}

static void do_look(struct ss_far_model *model, struct ss_far_answer *answer)
{
    const struct ss_endpoint *endpoint = &model->endpoint;
    bool open = model->tenant == SS_FAR_OPEN;
    if (open)
        take_pending(model);
    ss_far_answer_set(answer, SS_FAR_DONE, model->last_error ? model->last_error : "");
    answer->state_known = true;
    answer->state = state_of(model);
    answer->numbers_known = model->synchronized && (open || model->options.echo);
    if (answer->numbers_known) {
        /* As a kernel counts: all that it was given, the FIN too. */
        uint32_t given = (uint32_t)endpoint->written + 1 + (endpoint->fin_wanted ? 1 : 0);
        answer->rcv_nxt = endpoint->rcv_nxt;
        answer->write_seq = ss_seq_add(endpoint->iss, given);
    }
    answer->waiting = open ? (size_t)ss_endpoint_readable(endpoint) : 0;
}

/* --- all of them ------------------------------------------------------------------------------*/

static void obey(struct ss_far_model *model, const struct ss_far_command *command,
                 struct ss_far_answer *answer)
{
    switch (command->verb) {
    case SS_FAR_LISTEN:
        do_listen(model, answer);
        break;
    case SS_FAR_ACCEPT:
        do_accept(model, answer);
        break;
    case SS_FAR_CONNECT:
        do_connect(model, answer);
        break;
    case SS_FAR_SEND:
        do_send(model, command, answer);
        break;
    case SS_FAR_READ:
        do_read(model, command->number, answer);
        break;
    case SS_FAR_SHUTDOWN_WRITE:
        do_shutdown(model, answer);
        break;
    case SS_FAR_CLOSE:
        do_close(model, answer);
        break;
    case SS_FAR_RESET:
        do_reset(model, answer);
        break;
    case SS_FAR_SET:
        do_set(model, command->name, command->number, answer);
        break;
    case SS_FAR_CROWD:
        ss_far_answer_set(answer, SS_FAR_CANNOT, "there is no crowd behind the simulated wire");
        break;
    case SS_FAR_SYSCTL:
        ss_far_answer_set(answer, SS_FAR_CANNOT, "the simulated far end has no kernel");
        break;
    case SS_FAR_BIND:
    case SS_FAR_SENDTO:
    case SS_FAR_RECVFROM:
    case SS_FAR_JOIN:
    case SS_FAR_LEAVE:
        ss_far_answer_set(answer, SS_FAR_CANNOT, "the simulated far end speaks TCP only");
        break;
    case SS_FAR_LOOK:
        do_look(model, answer);
        break;
    }
}

enum ss_status ss_far_model_command(struct ss_far *far, const struct ss_far_command *command,
                                    struct ss_far_answer *answer, struct ss_problem *problem)
{
    struct ss_far_model *model = (struct ss_far_model *)far;
    (void)problem;
    assert(model->wire);
    if (model->options.echo && command->verb != SS_FAR_LOOK) {
        ss_far_answer_set(answer, SS_FAR_CANNOT,
                          "an echo server takes no orders: it listens, echoes, and closes");
        return SS_OK;
    }
    obey(model, command, answer);
    ss_far_model_emit(model, ss_simulated_now_us(model->wire));
    return SS_OK;
}
