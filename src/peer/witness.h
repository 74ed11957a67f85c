/*
 * witness: what the kernel itself believes of one TCP connection.
 *
 * TCP_REPAIR and TCP_QUEUE_SEQ give its rcv_nxt and write_seq, TCP_INFO its state. Asking puts no
 * segment on the wire and takes none from it. It needs CAP_NET_ADMIN in the user namespace that
 * owns the network namespace. Sequence numbers are in host order.
 */
#ifndef PEER_WITNESS_H
#define PEER_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

struct peer_witness {
    int trouble; /* errno of the call that failed; 0 when the rest holds */
    uint8_t state;
    uint32_t rcv_nxt;
    uint32_t write_seq;
};

/*
 * What is known beforehand: the kernel's write_seq when the connection was accepted, and how many
 * sequence numbers (bytes and FIN) the kernel has taken since.
 */
struct peer_witness_base {
    bool is_known;
    uint32_t write_seq;
    uint64_t taken;
};

void peer_witness_ask(int fd, const struct peer_witness_base *base, struct peer_witness *witness);
/* The RFC 9293 name of a state of TCP_INFO: "ESTABLISHED", "CLOSE-WAIT". */
const char *peer_witness_state_name(uint8_t state);
/* The state by TCP_INFO alone, which needs no capability; false with errno. */
bool peer_witness_state(int fd, uint8_t *state);

#endif
