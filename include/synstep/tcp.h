/*
 * tcp: the TCP header (RFC 9293 section 3.1), as values in host order, its flags, and the names of
 * the eleven states (section 3.3.2).
 */
#ifndef SYNSTEP_TCP_H
#define SYNSTEP_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/seq.h"

enum { SS_TCP_HEADER_BYTES = 20, SS_TCP_HEADER_BYTES_MAX = 60 };

enum ss_tcp_flag {
    SS_TCP_FIN = 0x001,
    SS_TCP_SYN = 0x002,
    SS_TCP_RST = 0x004,
    SS_TCP_PSH = 0x008,
    SS_TCP_ACK = 0x010,
    SS_TCP_URG = 0x020,
    SS_TCP_ECE = 0x040, /* RFC 3168 */
    SS_TCP_CWR = 0x080, /* RFC 3168 */
};

struct ss_tcp_header {
    uint16_t source_port;
    uint16_t destination_port;
    struct ss_seq seq;
    struct ss_seq ack;
    uint8_t offset_words; /* 4 bits: header length in 32-bit words */
    uint8_t reserved;     /* 4 bits, must be 0 */
    uint8_t flags;        /* enum ss_tcp_flag, or-ed */
    uint16_t window;      /* as in the header, unscaled */
    uint16_t checksum;
    uint16_t urgent;
};

/* Reads the fixed 20 octets, judging nothing. False, `header` untouched, when fewer are there. */
bool ss_tcp_decode(const uint8_t *octets, size_t length, struct ss_tcp_header *header);

/* Writes every field verbatim, the checksum too. */
void ss_tcp_encode(const struct ss_tcp_header *header, uint8_t octets[SS_TCP_HEADER_BYTES]);

enum { SS_TCP_FLAGS_TEXT_SIZE = 40 };

/* "SYN,ACK": the order SYN FIN RST PSH ACK URG ECE CWR; "none" when no flag is set. */
void ss_tcp_flags_format(char text[SS_TCP_FLAGS_TEXT_SIZE], uint8_t flags);

/* One flag's name, static storage; NULL when `flag` is not exactly one flag. */
const char *ss_tcp_flag_text(uint8_t flag);

enum ss_tcp_state {
    SS_TCP_CLOSED,
    SS_TCP_LISTEN,
    SS_TCP_SYN_SENT,
    SS_TCP_SYN_RECEIVED,
    SS_TCP_ESTABLISHED,
    SS_TCP_FIN_WAIT_1,
    SS_TCP_FIN_WAIT_2,
    SS_TCP_CLOSE_WAIT,
    SS_TCP_CLOSING,
    SS_TCP_LAST_ACK,
    SS_TCP_TIME_WAIT,
};

enum { SS_TCP_STATES = SS_TCP_TIME_WAIT + 1 };

/* "SYN-SENT", as RFC 9293 writes it; static storage. */
const char *ss_tcp_state_text(enum ss_tcp_state state);

/* The state of that name, RFC spelling, any case. False, `state` untouched, when there is none. */
bool ss_tcp_state_from_text(const char *text, enum ss_tcp_state *state);

#endif
