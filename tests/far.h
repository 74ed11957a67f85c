/* far: the far one of two private hosts, for tests that look at what crosses the wire from there.
 */
#ifndef SS_TESTS_FAR_H
#define SS_TESTS_FAR_H

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/time.h>

#include "private.h"
#include "synstep/hosts.h"
#include "synstep/packet.h"

enum { FAR_PATIENCE_S = 10 };

/* A socket of the far host. */
static inline int far_socket(const struct ss_hosts *hosts, int family, int type, int protocol)
{
    int near = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    must(near >= 0 && setns(hosts->far_namespace, CLONE_NEWNET) == 0);
    int made = socket(family, type | SOCK_CLOEXEC, protocol);
    must(made >= 0);
    must(setns(near, CLONE_NEWNET) == 0);
    close(near);
    return made;
}

static inline struct sockaddr_storage far_sockaddr(uint8_t version, int host, uint16_t port)
{
    struct sockaddr_storage storage = {0};
    struct ss_address address = ss_hosts_address(host, version);
    if (version == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *)&storage;
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        memcpy(&in->sin_addr, address.octets, 4);
    } else {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)&storage;
        in->sin6_family = AF_INET6;
        in->sin6_port = htons(port);
        memcpy(&in->sin6_addr, address.octets, 16);
    }
    return storage;
}

static inline int far_family(uint8_t version)
{
    return version == 4 ? AF_INET : AF_INET6;
}

/* An ordinary TCP listener of the far host on `port`. */
static inline int far_listen(const struct ss_hosts *hosts, uint8_t version, uint16_t port)
{
    struct sockaddr_storage at = far_sockaddr(version, 1, port);
    int listener = far_socket(hosts, far_family(version), SOCK_STREAM, 0);
    must(bind(listener, (struct sockaddr *)&at, sizeof at) == 0);
    must(listen(listener, 8) == 0);
    return listener;
}

/* The far host's kernel sends a SYN to a port of the near host. Returns the socket. */
static inline int far_connect(const struct ss_hosts *hosts, uint8_t version, uint16_t port)
{
    struct sockaddr_storage to = far_sockaddr(version, 0, port);
    int client = far_socket(hosts, far_family(version), SOCK_STREAM | SOCK_NONBLOCK, 0);
    must(connect(client, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS ||
         errno == ECONNREFUSED);
    return client;
}

/* All that the far host's interfaces hand to its IP, from now on. */
static inline int far_capture(const struct ss_hosts *hosts, uint8_t version)
{
    struct timeval patience = {.tv_sec = FAR_PATIENCE_S};
    int capture =
        far_socket(hosts, AF_PACKET, SOCK_DGRAM, htons(version == 4 ? ETH_P_IP : ETH_P_IPV6));
    must(setsockopt(capture, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    return capture;
}

/* The next TCP segment in a capture; `octets` holds it. */
static inline struct ss_packet far_next(int capture, uint8_t octets[2048])
{
    struct ss_packet packet;
    do {
        ssize_t length = recv(capture, octets, 2048, 0);
        must(length > 0, "no more segments");
        ss_packet_decode(SS_LINK_IP, octets, (size_t)length, &packet);
    } while (packet.transport != SS_TRANSPORT_TCP);
    return packet;
}

#endif
