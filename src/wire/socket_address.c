/*
 * socket_address: copies between our addresses and the kernel's sockaddr.
 */
#include "socket_address.h"

#include <netinet/in.h>
#include <string.h>

#include "synstep/bytes.h"

/* A port lies in a sockaddr as two octets in network order. */
static in_port_t port_store(uint16_t port)
{
    uint8_t octets[2];
    in_port_t stored;
    ss_bytes_put16(octets, port);
    memcpy(&stored, octets, sizeof stored);
    return stored;
}

static uint16_t port_load(in_port_t stored)
{
    uint8_t octets[2];
    memcpy(octets, &stored, sizeof octets);
    return ss_bytes_get16(octets);
}

static socklen_t store_v4(const struct ss_socket_address *from, struct sockaddr_storage *storage)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port_store(from->port)};
    memcpy(&in.sin_addr, from->address.octets, sizeof in.sin_addr);
    memcpy(storage, &in, sizeof in);
    return sizeof in;
}

static socklen_t store_v6(const struct ss_socket_address *from, unsigned interface_index,
                          struct sockaddr_storage *storage)
{
    struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = port_store(from->port)};
    memcpy(&in.sin6_addr, from->address.octets, sizeof in.sin6_addr);
    if (ss_address_is_link_local(&from->address))
        in.sin6_scope_id = interface_index;
    memcpy(storage, &in, sizeof in);
    return sizeof in;
}

socklen_t ss_socket_address_store(const struct ss_socket_address *from, unsigned interface_index,
                                  struct sockaddr_storage *storage)
{
    *storage = (struct sockaddr_storage){0};
    return from->address.version == 6 ? store_v6(from, interface_index, storage)
                                      : store_v4(from, storage);
}

bool ss_socket_address_load(const struct sockaddr_storage *storage, struct ss_socket_address *to)
{
    uint8_t octets[16];
    if (storage->ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, storage, sizeof in);
        memcpy(octets, &in.sin_addr, 4);
        *to = (struct ss_socket_address){ss_address_v4(octets), port_load(in.sin_port)};
        return true;
    }
    if (storage->ss_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, storage, sizeof in);
        memcpy(octets, &in.sin6_addr, 16);
        *to = (struct ss_socket_address){ss_address_v6(octets), port_load(in.sin6_port)};
        return true;
    }
    return false;
}
