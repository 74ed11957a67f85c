/* tally_parts: the two ways to tell the same. Private to src/show. */
#ifndef SYNSTEP_SHOW_TALLY_PARTS_H
#define SYNSTEP_SHOW_TALLY_PARTS_H

#include "synstep/tally.h"

void ss_tally_json_start(FILE *out, const struct ss_tally_start *start);
void ss_tally_json_answer(FILE *out, const struct ss_tally_answer *answer);
void ss_tally_json_end(FILE *out, const struct ss_tally_end *end);

/* An ARP message that came. */
struct ss_tally_arp {
    uint16_t operation;
    const uint8_t *card; /* the sender's, borrowed from the answer; likewise its address */
    struct ss_address sender;
};

/* False when the answer is another thing. */
bool ss_tally_arp_of(const struct ss_tally_answer *answer, struct ss_tally_arp *arp);

enum { SS_TALLY_CARD_TEXT_SIZE = 18 };

/* "02:00:00:00:00:01" */
void ss_tally_format_card(char text[SS_TALLY_CARD_TEXT_SIZE], const uint8_t card[6]);

/* What an answer is, in a word: "tcp", "udp", "icmp", "arp", or "other". */
const char *ss_tally_kind(const struct ss_tally_answer *answer);

/* Whom it is from; version 0: it does not say. */
struct ss_address ss_tally_source(const struct ss_tally_answer *answer);

/* Ports of TCP and UDP, 0 for others; the octets behind UDP's header. */
uint16_t ss_tally_source_port(const struct ss_packet *packet);

enum { SS_TALLY_RANGES_MAX = 16 };

/* The next run of probes without an answer at or after `*at`, counted from 0; false: none. */
bool ss_tally_silent(const struct ss_tally_end *end, uint64_t *at, uint64_t *first, uint64_t *last);

#endif
