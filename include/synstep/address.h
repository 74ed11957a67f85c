/*
 * address: IPv4 and IPv6 addresses as octets, and their text. Pure: resolves no names.
 */
#ifndef SYNSTEP_ADDRESS_H
#define SYNSTEP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An address; `octets` in network order: the first 4 for version 4, all 16 for version 6. */
struct ss_address {
    uint8_t version; /* 4, 6, or 0: none */
    uint8_t octets[16];
};

struct ss_socket_address {
    struct ss_address address;
    uint16_t port; /* host order */
};

/*
 * Written where they are to be, and inline: made elsewhere and copied, the processor would have to
 * wait for its own stores, twice for every packet.
 */
static inline void ss_address_set_v4(struct ss_address *address, const uint8_t octets[4])
{
    address->version = 4;
    memcpy(address->octets, octets, 4);
    memset(address->octets + 4, 0, 12);
}

static inline void ss_address_set_v6(struct ss_address *address, const uint8_t octets[16])
{
    address->version = 6;
    memcpy(address->octets, octets, 16);
}

struct ss_address ss_address_v4(const uint8_t octets[4]);
struct ss_address ss_address_v6(const uint8_t octets[16]);

/* 4 or 16; 0 for no address. */
static inline size_t ss_address_length(const struct ss_address *address)
{
    if (address->version == 4)
        return 4;
    return address->version == 6 ? 16 : 0;
}

bool ss_address_equal(const struct ss_address *a, const struct ss_address *b);
bool ss_socket_address_equal(const struct ss_socket_address *a, const struct ss_socket_address *b);

/* 127.0.0.0/8 or ::1. */
bool ss_address_is_loopback(const struct ss_address *address);

/* fe80::/10, which means nothing without an interface. */
bool ss_address_is_link_local(const struct ss_address *address);

enum { SS_ADDRESS_TEXT_SIZE = 46, SS_SOCKET_ADDRESS_TEXT_SIZE = 56 };

/* "10.0.0.1" or the canonical text of RFC 5952 ("fd00::1"); "none" for version 0. */
void ss_address_format(char text[SS_ADDRESS_TEXT_SIZE], const struct ss_address *address);

/* "10.0.0.1:80" or "[fd00::1]:80". */
void ss_socket_address_format(char text[SS_SOCKET_ADDRESS_TEXT_SIZE],
                              const struct ss_socket_address *address);

#endif
