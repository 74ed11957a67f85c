/*
 * ethernet: the 14-octet header (IEEE 802.3, RFC 894).
 */
#ifndef SYNSTEP_ETHERNET_H
#define SYNSTEP_ETHERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SS_ETHERNET_HEADER_BYTES = 14, SS_ETHERNET_ADDRESS_BYTES = 6 };

enum { SS_ETHERNET_TEXT_SIZE = 18 };

enum ss_ethertype {
    SS_ETHERTYPE_IPV4 = 0x0800,
    SS_ETHERTYPE_ARP = 0x0806,
    SS_ETHERTYPE_VLAN = 0x8100,
    SS_ETHERTYPE_IPV6 = 0x86dd,
};

struct ss_ethernet_header {
    uint8_t destination[SS_ETHERNET_ADDRESS_BYTES];
    uint8_t source[SS_ETHERNET_ADDRESS_BYTES];
    uint16_t type; /* host order */
};

/* The two cards that a frame toward some target goes between. */
struct ss_ethernet_ends {
    uint8_t own[SS_ETHERNET_ADDRESS_BYTES];
    uint8_t next_hop[SS_ETHERNET_ADDRESS_BYTES];
};

/* False when fewer than 14 octets are there; then `header` is untouched. */
bool ss_ethernet_decode(const uint8_t *octets, size_t length, struct ss_ethernet_header *header);

/* "02:00:00:00:00:01" */
void ss_ethernet_format(char text[SS_ETHERNET_TEXT_SIZE],
                        const uint8_t card[SS_ETHERNET_ADDRESS_BYTES]);

void ss_ethernet_encode(const struct ss_ethernet_header *header,
                        uint8_t octets[SS_ETHERNET_HEADER_BYTES]);

#endif
