/*
 * far: the application at the far end, as a scenario drives it: listen, accept, connect, send, …
 *
 * One small interface, three kinds: `puppet`, ordinary sockets in a process of its own on a real
 * kernel; `companion`, the echo server, which can only be looked at; `model`, an endpoint of ours
 * behind the simulated wire. No command waits: what cannot be done yet is answered NOT_YET, and
 * whoever drives lets the wire's time go on and asks again.
 */
#ifndef SYNSTEP_FAR_H
#define SYNSTEP_FAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/companion.h"
#include "synstep/random.h"
#include "synstep/simulated.h"
#include "synstep/status.h"

enum ss_far_verb {
    SS_FAR_LISTEN,  /* number: the backlog (0 to 65535), or -1 for the usual */
    SS_FAR_CROWD,   /* number: so many more connections to its own listener, never accepted; 0: none
                     */
    SS_FAR_ACCEPT,  /* NOT_YET until one waits */
    SS_FAR_CONNECT, /* begins; DONE at once */
    SS_FAR_SEND,    /* octets; NOT_YET, nothing taken, when they do not fit */
    SS_FAR_READ,    /* number: exactly so many octets, or NOT_YET with none taken, or END */
    SS_FAR_SHUTDOWN_WRITE,
    SS_FAR_CLOSE,
    SS_FAR_RESET,    /* close with SO_LINGER 0: a RST leaves */
    SS_FAR_SET,      /* name, number: a socket option (see ss_far_option_names) */
    SS_FAR_SYSCTL,   /* name, text: of its network namespace; private hosts only */
    SS_FAR_LOOK,     /* state, numbers, last error */
    SS_FAR_BIND,     /* a UDP socket where it would listen */
    SS_FAR_SENDTO,   /* octets: one datagram to the crafted end; NOT_YET while it does not fit */
    SS_FAR_RECVFROM, /* the next datagram, whole, or NOT_YET */
    SS_FAR_JOIN,     /* text: the multicast group's address */
    SS_FAR_LEAVE,    /* likewise */
};

/* "listen", "shutdown write"; static storage. */
const char *ss_far_verb_text(enum ss_far_verb verb);

struct ss_far_command {
    enum ss_far_verb verb;
    const uint8_t *octets; /* borrowed */
    size_t length;
    bool urgent; /* SEND: MSG_OOB */
    int64_t number;
    const char *name; /* borrowed */
    const char *text; /* borrowed */
};

enum ss_far_outcome {
    SS_FAR_DONE,
    SS_FAR_NOT_YET,
    SS_FAR_END,    /* READ: the end of the stream, before so many octets */
    SS_FAR_FAILED, /* `error` says why */
    SS_FAR_CANNOT, /* this kind of far end does not do that; `error` says so in words */
};

enum {
    SS_FAR_READ_MAX = 65536,
    SS_FAR_SEND_MAX = 1 << 20,
    SS_FAR_DATAGRAM_MAX = 65507, /* 65,535 less the headers of IPv4 and UDP */
    SS_FAR_ERROR_SIZE = 96,
};

struct ss_far_answer {
    enum ss_far_outcome outcome;
    char error[SS_FAR_ERROR_SIZE]; /* FAILED: "ECONNRESET"; LOOK: the last one, "" for none */
    /* LOOK */
    bool state_known;
    enum ss_tcp_state state; /* of the connection; of the listener while there is none */
    bool numbers_known;      /* not of a closed socket */
    struct ss_seq rcv_nxt;
    struct ss_seq write_seq;
    size_t waiting; /* octets that could be read now */
    /* READ, RECVFROM */
    size_t length;
    uint8_t octets[SS_FAR_READ_MAX];
};

struct ss_far;

struct ss_far_operations {
    enum ss_status (*command)(struct ss_far *far, const struct ss_far_command *command,
                              struct ss_far_answer *answer, struct ss_problem *problem);
    void (*close)(struct ss_far *far);
};

/* First member of every kind. */
struct ss_far {
    const struct ss_far_operations *operations;
};

/* SS_IO when the far end is gone or does not answer; what its sockets say is in the answer. */
static inline enum ss_status ss_far_command(struct ss_far *far,
                                            const struct ss_far_command *command,
                                            struct ss_far_answer *answer,
                                            struct ss_problem *problem)
{
    return far->operations->command(far, command, answer, problem);
}

/* NULL is fine. */
static inline void ss_far_close(struct ss_far *far)
{
    if (far)
        far->operations->close(far);
}

/* The names that SET knows, NULL-terminated, static storage: "nodelay", "rcvbuf", … */
const char *const *ss_far_option_names(void);

/* --- puppet: synstep-puppet, started like the companion ----------------------------------------*/

struct ss_far_puppet_options {
    struct ss_socket_address local; /* where it listens, and connects from */
    struct ss_socket_address peer;  /* whom it connects to: the crafted end */
    int network_namespace;          /* to enter; -1: stay in this one */
};

enum ss_status ss_far_puppet_open(const struct ss_far_puppet_options *options, struct ss_far **far,
                                  struct ss_problem *problem);

/* --- companion: LOOK only; `companion` and `client` are the caller's ---------------------------*/

enum ss_status ss_far_companion_open(struct ss_companion *companion,
                                     const struct ss_socket_address *client, struct ss_far **far,
                                     struct ss_problem *problem);

/* --- model: an endpoint behind the simulated wire ----------------------------------------------*/

struct ss_far_model_options {
    struct ss_socket_address local;
    struct ss_socket_address peer;
    struct ss_random random; /* its ISNs */
    bool isn_given;          /* the first of them is `isn` */
    struct ss_seq isn;
    uint16_t mss;
    uint32_t receive_buffer; /* octets */
    bool echo; /* it listens at once, and the application echoes and closes after the client */
};

enum ss_status ss_far_model_open(const struct ss_far_model_options *options, struct ss_far **far,
                                 struct ss_problem *problem);

/* The host to give to ss_simulated_open. Commands act at the wire's time. */
struct ss_simulated_host ss_far_model_as_host(struct ss_far *far);

/* Tells it the wire on which what it sends by command leaves. Before the first command. */
void ss_far_model_attach(struct ss_far *far, struct ss_wire *simulated);

#endif
