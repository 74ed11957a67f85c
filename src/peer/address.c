/* address: socket addresses to and from text, and as keys. */
#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

bool peer_transport_is_unix(enum peer_transport transport)
{
    return transport != PEER_TCP && transport != PEER_UDP;
}

bool peer_transport_is_datagram(enum peer_transport transport)
{
    return transport == PEER_UDP || transport == PEER_UNIX_DATAGRAM;
}

int peer_transport_socket_type(enum peer_transport transport)
{
    switch (transport) {
    case PEER_TCP:
    case PEER_UNIX_STREAM:
        return SOCK_STREAM;
    case PEER_UDP:
    case PEER_UNIX_DATAGRAM:
        return SOCK_DGRAM;
    case PEER_UNIX_SEQPACKET:
        return SOCK_SEQPACKET;
    }
    return -1;
}

static const char *transport_prefix(enum peer_transport transport)
{
    switch (transport) {
    case PEER_TCP:
        return "tcp";
    case PEER_UDP:
        return "udp";
    case PEER_UNIX_STREAM:
        return "unix";
    case PEER_UNIX_DATAGRAM:
        return "unix-dgram";
    case PEER_UNIX_SEQPACKET:
        return "unix-seqpacket";
    }
    return "?";
}

static void unix_path_text(const struct peer_address *address, char *text, size_t size)
{
    const char *path = address->is.local.sun_path;
    const size_t head = offsetof(struct sockaddr_un, sun_path);
    size_t length = address->length > head ? address->length - head : 0;
    if (length == 0) {
        snprintf(text, size, "unnamed");
        return;
    }
    const bool is_abstract = path[0] == '\0';
    if (is_abstract) {
        path++;
        length--;
    } else {
        length = strnlen(path, length);
    }
    size_t used = (size_t)snprintf(text, size, "%s", is_abstract ? "@" : "");
    for (size_t i = 0; i < length && used + 5 < size; i++) {
        const unsigned char byte = (unsigned char)path[i];
        const bool is_plain = byte > ' ' && byte != 0x7f && byte != '\\';
        used += (size_t)snprintf(text + used, size - used, is_plain ? "%c" : "\\x%02x", byte);
    }
}

void peer_address_host(const struct peer_address *address, char *text, size_t size)
{
    if (peer_transport_is_unix(address->transport)) {
        unix_path_text(address, text, size);
        return;
    }
    if (getnameinfo(&address->is.any, address->length, text, (socklen_t)size, NULL, 0,
                    NI_NUMERICHOST) != 0)
        snprintf(text, size, "unknown");
}

uint16_t peer_address_port(const struct peer_address *address)
{
    if (peer_transport_is_unix(address->transport))
        return 0;
    if (address->is.any.sa_family == AF_INET6)
        return ntohs(address->is.ipv6.sin6_port);
    return ntohs(address->is.ipv4.sin_port);
}

void peer_address_text(const struct peer_address *address, char *text, size_t size)
{
    char host[PEER_ADDRESS_TEXT_BYTES];
    peer_address_host(address, host, sizeof host);
    const char *prefix = transport_prefix(address->transport);
    if (peer_transport_is_unix(address->transport))
        snprintf(text, size, "%s:%s", prefix, host);
    else if (address->is.any.sa_family == AF_INET6)
        snprintf(text, size, "%s:[%s]:%u", prefix, host, peer_address_port(address));
    else
        snprintf(text, size, "%s:%s:%u", prefix, host, peer_address_port(address));
}

void peer_address_pair(const struct peer_address *address, char *text, size_t size)
{
    char host[PEER_ADDRESS_TEXT_BYTES];
    peer_address_host(address, host, sizeof host);
    if (peer_transport_is_unix(address->transport))
        snprintf(text, size, "(%s, unix)", host);
    else
        snprintf(text, size, "(%s, %u)", host, peer_address_port(address));
}

bool peer_address_from_ip(const char *host, uint16_t port, struct peer_address *address)
{
    struct peer_address made = {.transport = PEER_TCP};
    char bare[INET6_ADDRSTRLEN + IF_NAMESIZE];
    const size_t bare_length = strcspn(host, "%");
    if (bare_length >= sizeof bare)
        return false;
    memcpy(bare, host, bare_length);
    bare[bare_length] = '\0';
    if (inet_pton(AF_INET, host, &made.is.ipv4.sin_addr) == 1) {
        made.is.ipv4.sin_family = AF_INET;
        made.is.ipv4.sin_port = htons(port);
        made.length = sizeof made.is.ipv4;
    } else if (inet_pton(AF_INET6, bare, &made.is.ipv6.sin6_addr) == 1) {
        made.is.ipv6.sin6_family = AF_INET6;
        made.is.ipv6.sin6_port = htons(port);
        made.length = sizeof made.is.ipv6;
        if (host[bare_length] == '%')
            made.is.ipv6.sin6_scope_id = if_nametoindex(host + bare_length + 1);
    } else {
        return false;
    }
    *address = made;
    return true;
}

bool peer_address_same_ip(const struct peer_address *a, const struct peer_address *b)
{
    if (peer_transport_is_unix(a->transport) || peer_transport_is_unix(b->transport) ||
        a->is.any.sa_family != b->is.any.sa_family || peer_address_port(a) != peer_address_port(b))
        return false;
    if (a->is.any.sa_family == AF_INET)
        return a->is.ipv4.sin_addr.s_addr == b->is.ipv4.sin_addr.s_addr;
    const uint32_t zone_a = a->is.ipv6.sin6_scope_id;
    const uint32_t zone_b = b->is.ipv6.sin6_scope_id;
    if (zone_a != 0 && zone_b != 0 && zone_a != zone_b)
        return false;
    return memcmp(&a->is.ipv6.sin6_addr, &b->is.ipv6.sin6_addr, sizeof a->is.ipv6.sin6_addr) == 0;
}

uint32_t peer_address_hash(const struct peer_address *address)
{
    const uint8_t *bytes = address->is.ipv6.sin6_addr.s6_addr;
    size_t length = sizeof address->is.ipv6.sin6_addr.s6_addr;
    uint8_t ipv4[4];
    if (address->is.any.sa_family == AF_INET) {
        memcpy(ipv4, &address->is.ipv4.sin_addr, sizeof ipv4);
        bytes = ipv4;
        length = sizeof ipv4;
    }
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return (hash ^ peer_address_port(address)) * 16777619u;
}
