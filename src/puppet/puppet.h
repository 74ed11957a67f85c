/*
 * puppet: the sockets that commands move: a listener, one connection, a crowd, one UDP socket.
 * Nothing waits.
 *
 * The connection's last error is kept, because the kernel tells it only once: SO_ERROR, and the
 * call that runs into it, both clear it.
 */
#ifndef PUPPET_PUPPET_H
#define PUPPET_PUPPET_H

#include "../peer/address.h"
#include "../peer/witness.h"
#include "answer.h"

enum { PUPPET_READ_MAX = 65536, PUPPET_SEND_MAX = 1 << 20, PUPPET_CROWD_MAX = 4096 };

/* One of the crowd; `fd` is -1 when it was sent away, but it may still stand in the queue. */
struct puppet_visitor {
    int fd;
    struct peer_address own;
};

struct puppet {
    struct peer_address local; /* where it listens, and connects from */
    struct peer_address peer;  /* whom it connects to */
    bool is_private;           /* the network namespace is its own: sysctl is permitted */

    int bare; /* a socket that neither listens nor connects yet: options are set on it; -1 */
    int listener;
    int connection;
    int datagram; /* its UDP socket; -1 */
    int early;    /* taken off the queue while the crowd was sent away: the next to be accepted */
    struct puppet_visitor *crowd;
    size_t crowd_size;

    bool had_connection;        /* `look` is about it, though it be closed */
    struct peer_address remote; /* of the connection */
    struct peer_witness_base base;
    bool is_opening;       /* its own SYN was not seen to be answered */
    bool has_shut;         /* our FIN was given to the kernel */
    bool is_sndbuf_chosen; /* by a command: it is not to be widened */
    int broken;            /* errno with which the connection ended; 0 */
    int last_error;        /* of any call; 0 */
    size_t carried;        /* octets in `inbox` that were taken before they were asked for */
    uint8_t inbox[PUPPET_READ_MAX];
    uint8_t message[PUPPET_READ_MAX]; /* the last datagram */
};

void puppet_init(struct puppet *puppet);
void puppet_close_all(struct puppet *puppet);

/* --- sockets.c --- */
/* Whether the local address can be bound at all; false with errno. */
bool puppet_try_local(const struct puppet *puppet);
/* The socket that options are set on: connection, listener, or one made for it; -1 with errno. */
int puppet_socket(struct puppet *puppet);
struct puppet_answer puppet_listen(struct puppet *puppet, int backlog);
struct puppet_answer puppet_accept(struct puppet *puppet);
struct puppet_answer puppet_connect(struct puppet *puppet);
struct puppet_answer puppet_shutdown_write(struct puppet *puppet);
struct puppet_answer puppet_close(struct puppet *puppet);
struct puppet_answer puppet_reset(struct puppet *puppet);

/* --- crowd.c --- */
/* So many more; 0 sends all away. */
struct puppet_answer puppet_crowd(struct puppet *puppet, size_t count);
/* accept4(2) without the crowd's own, which are taken off the queue; -1 with errno. */
int puppet_next_client(struct puppet *puppet, struct peer_address *client);
/* Sends all away and forgets them: when the listener is closed. */
void puppet_crowd_close(struct puppet *puppet);

/* --- stream.c --- */
struct puppet_answer puppet_send(struct puppet *puppet, const uint8_t *octets, size_t length,
                                 bool is_urgent);
struct puppet_answer puppet_read(struct puppet *puppet, size_t count);
/* What was read was passed on: it goes out of the inbox. */
void puppet_drop_read(struct puppet *puppet, size_t count);
/* Octets that could be read now. */
size_t puppet_waiting(const struct puppet *puppet);

/* --- datagram.c --- */
/* A UDP socket at the local address. */
struct puppet_answer puppet_bind(struct puppet *puppet);
/* One datagram, to the peer. */
struct puppet_answer puppet_sendto(struct puppet *puppet, const uint8_t *octets, size_t length);
/* The next datagram, whole. */
struct puppet_answer puppet_recvfrom(struct puppet *puppet);
/* Joins or leaves a multicast group, on the interface that has the local address. */
struct puppet_answer puppet_member(struct puppet *puppet, const struct peer_address *group,
                                   bool is_joining);

/* --- trouble.c --- */
/* FAILED, and remembered. */
struct puppet_answer puppet_failed(struct puppet *puppet, int trouble);
/* The same; and the connection is over with it. */
struct puppet_answer puppet_broke(struct puppet *puppet, int trouble);
/* Takes what the kernel has to say of the connection, SO_ERROR, before it is lost. */
void puppet_take_error(struct puppet *puppet);

#endif
