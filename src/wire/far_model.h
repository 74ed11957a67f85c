/* far_model: the endpoint behind the simulated wire, and the streams' octets, which it lacks. */
#ifndef SS_WIRE_FAR_MODEL_H
#define SS_WIRE_FAR_MODEL_H

#include "synstep/endpoint.h"
#include "synstep/far.h"
#include "synstep/wire.h"

/* Who has the connection, or would have it. */
enum ss_far_tenant {
    SS_FAR_NOBODY,   /* there is none, or its handshake is not done */
    SS_FAR_QUEUED,   /* it waits to be accepted */
    SS_FAR_OPEN,     /* the application */
    SS_FAR_ORPHANED, /* the application has closed it; the endpoint goes on to its end */
};

struct ss_far_model {
    struct ss_far far;
    struct ss_far_model_options options;
    struct ss_simulated *wire; /* borrowed; NULL until it is attached */
    struct ss_endpoint endpoint;
    struct ss_socket_address remote; /* of the connection */
    enum ss_far_tenant tenant;
    bool listening;
    bool had_connection; /* the application had one since it began to listen */
    bool synchronized;   /* the peer's numbers are known */
    bool told_failure;   /* endpoint.failure is in `pending` */
    /* Names of errors, static storage, NULL for none; as a socket has them. */
    const char *pending;    /* that the connection ended with, and nobody has heard of yet */
    const char *broken;     /* that the connection ended with */
    const char *last_error; /* of anything */
    uint8_t *received;      /* the octet of offset n stands at n modulo the ring's size */
    uint8_t *sent;
    uint8_t datagram[SS_DATAGRAM_BYTES_MAX];
    uint8_t payload[SS_DATAGRAM_BYTES_MAX];
};

/* A new endpoint in CLOSED, for the next connection. */
void ss_far_model_renew(struct ss_far_model *model, struct ss_seq isn);
struct ss_seq ss_far_model_next_isn(struct ss_far_model *model);

/* The connection becomes the application's. Whether it is, or waits to be. */
void ss_far_model_accept(struct ss_far_model *model);
bool ss_far_model_is_held(const struct ss_far_model *model);

/* All that the endpoint has to send at this moment leaves. */
void ss_far_model_emit(struct ss_far_model *model, uint64_t now_us);

/* Ends the connection with a RST as a kernel sends it. */
void ss_far_model_abort(struct ss_far_model *model);

/* Octets of the sent stream that find room. */
size_t ss_far_model_room(const struct ss_far_model *model);

/* From the received stream; `take`: it is read thereby. */
void ss_far_model_copy(struct ss_far_model *model, uint8_t *octets, size_t length, bool take);

/* Into the sent stream; there is room. */
void ss_far_model_write(struct ss_far_model *model, const uint8_t *octets, size_t length);

/* A command in the words of far.h. */
enum ss_status ss_far_model_command(struct ss_far *far, const struct ss_far_command *command,
                                    struct ss_far_answer *answer, struct ss_problem *problem);

#endif
