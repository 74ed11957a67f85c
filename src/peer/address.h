/*
 * address: what --listen means, and addresses as text.
 *
 * A listen specification is parsed without touching the network; resolving it gives one or more
 * socket addresses. Port numbers are in host order wherever they are numbers. Texts are written
 * to the caller's buffers. Nothing here prints.
 */
#ifndef PEER_ADDRESS_H
#define PEER_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
    PEER_DEFAULT_PORT = 8888,
    PEER_HOST_BYTES = 256,
    PEER_SERVICE_BYTES = 32,
    PEER_ADDRESS_TEXT_BYTES = 4 * sizeof(struct sockaddr_un) + 64,
    PEER_ERROR_BYTES = 1024,
};

enum peer_transport {
    PEER_TCP,
    PEER_UDP,
    PEER_UNIX_STREAM,
    PEER_UNIX_DATAGRAM,
    PEER_UNIX_SEQPACKET,
};

struct peer_error {
    char text[PEER_ERROR_BYTES];
};

/* One --listen as written: `host` holds the path for the Unix transports. */
struct peer_listen {
    enum peer_transport transport;
    char host[PEER_HOST_BYTES];
    char service[PEER_SERVICE_BYTES];
};

struct peer_address {
    enum peer_transport transport;
    socklen_t length;
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
        struct sockaddr_un local;
        struct sockaddr_storage storage;
    } is;
};

/* Parses [tcp:|udp:|unix:|unix-dgram:|unix-seqpacket:]ADDRESS; says in `error` what is wrong. */
bool peer_listen_parse(const char *text, struct peer_listen *listen, struct peer_error *error);

/* Resolves to a malloc'ed array that the caller frees. */
bool peer_listen_resolve(const struct peer_listen *listen, struct peer_address **addresses,
                         size_t *count, struct peer_error *error);

bool peer_transport_is_unix(enum peer_transport transport);
bool peer_transport_is_datagram(enum peer_transport transport);
int peer_transport_socket_type(enum peer_transport transport);

/* The host (numeric) or the path; "@name" for an abstract one, "unnamed" for none. */
void peer_address_host(const struct peer_address *address, char *text, size_t size);
uint16_t peer_address_port(const struct peer_address *address);
/* In the syntax of --listen: tcp:127.0.0.1:8888, udp:[::1]:8888, unix:/tmp/echo. */
void peer_address_text(const struct peer_address *address, char *text, size_t size);
/* As printed for a client: (127.0.0.1, 41234), (/tmp/me, unix). */
void peer_address_pair(const struct peer_address *address, char *text, size_t size);

/* From "127.0.0.1" and 41234; false when it is no IP address. A zone after % is understood. */
bool peer_address_from_ip(const char *host, uint16_t port, struct peer_address *address);
/* Same IP address and port; a zone counts only when both have one. */
bool peer_address_same_ip(const struct peer_address *a, const struct peer_address *b);
uint32_t peer_address_hash(const struct peer_address *address);

#endif
