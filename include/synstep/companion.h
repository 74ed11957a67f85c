/*
 * companion: starts synstep-peer, the ordinary-socket server, waits until it is ready, asks it what
 * its kernel believes of a connection (the witness), and ends it. It dies with this process.
 */
#ifndef SYNSTEP_COMPANION_H
#define SYNSTEP_COMPANION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "synstep/address.h"
#include "synstep/seq.h"
#include "synstep/status.h"
#include "synstep/tcp.h"

struct ss_companion {
    pid_t process; /* 0: none */
    int control;   /* the control socket; -1 */
};

struct ss_companion_options {
    struct ss_socket_address listen; /* port 0: the kernel chooses */
    int network_namespace;           /* descriptor of the one to enter; -1: stay in this one */
    const char *const
        *arguments; /* more arguments for synstep-peer, NULL-terminated; may be NULL */
};

/*
 * Starts it and waits for its ready line (bounded); `listening` gets the address it serves. SS_IO
 * with the peer's own words when it cannot serve.
 */
enum ss_status ss_companion_start(struct ss_companion *companion,
                                  const struct ss_companion_options *options,
                                  struct ss_socket_address *listening, struct ss_problem *problem);

enum ss_witness_answer {
    SS_WITNESS_ANSWERED,
    SS_WITNESS_NONE,   /* it has accepted no connection from that client */
    SS_WITNESS_DENIED, /* its kernel does not let it look (CAP_NET_ADMIN) */
};

/* What the peer's kernel believes: TCP_REPAIR's numbers and TCP_INFO's state. */
struct ss_witness {
    enum ss_witness_answer answer;
    enum ss_tcp_state state;
    struct ss_seq rcv_nxt;
    struct ss_seq write_seq;
};

/* Asks about the connection from `client`. SS_IO when the companion is gone or does not answer. */
enum ss_status ss_companion_ask(struct ss_companion *companion,
                                const struct ss_socket_address *client, struct ss_witness *witness,
                                struct ss_problem *problem);

/* Ends it and waits for it. Twice does nothing. */
void ss_companion_stop(struct ss_companion *companion);

#endif
