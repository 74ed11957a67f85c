/* datagram: a UDP socket: bound, sending, receiving whole datagrams, in groups. Part of the puppet.
 */
#include "puppet.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

/*
 * In a network of its own it takes what comes to any address: a socket at one address hears
 * nothing of its groups.
 */
static struct peer_address place_of(const struct puppet *puppet)
{
    struct peer_address place = puppet->local;
    if (!puppet->is_private)
        return place;
    if (place.is.any.sa_family == AF_INET6)
        place.is.ipv6.sin6_addr = in6addr_any;
    else
        place.is.ipv4.sin_addr.s_addr = INADDR_ANY;
    return place;
}

/*
 * It asks for the errors that ICMP brings (ip(7), IP_RECVERR): a socket that is not connected hears
 * of none otherwise, though RFC 1122 section 4.1.3.3 wants them passed on.
 */
static int new_socket(const struct puppet *puppet)
{
    const int on = 1;
    const sa_family_t family = puppet->local.is.any.sa_family;
    const int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (fd < 0)
        return -1;
    const struct peer_address place = place_of(puppet);
    const bool is_v6 = family == AF_INET6;
    if (setsockopt(fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_RECVERR : IP_RECVERR, &on,
                   sizeof on) == 0 &&
        bind(fd, &place.is.any, place.length) == 0)
        return fd;
    const int trouble = errno;
    close(fd);
    errno = trouble;
    return -1;
}

struct puppet_answer puppet_bind(struct puppet *puppet)
{
    if (puppet->datagram >= 0)
        return puppet_cannot("there is a UDP socket already, and it has one");
    puppet->datagram = new_socket(puppet);
    return puppet->datagram < 0 ? puppet_failed(puppet, errno) : puppet_done();
}

struct puppet_answer puppet_sendto(struct puppet *puppet, const uint8_t *octets, size_t length)
{
    if (puppet->datagram < 0)
        return puppet_failed(puppet, ENOTCONN);
    const ssize_t sent = sendto(puppet->datagram, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL,
                                &puppet->peer.is.any, puppet->peer.length);
    if (sent < 0)
        return errno == EAGAIN ? puppet_not_yet() : puppet_failed(puppet, errno);
    return puppet_done();
}

struct puppet_answer puppet_recvfrom(struct puppet *puppet)
{
    if (puppet->datagram < 0)
        return puppet_failed(puppet, ENOTCONN);
    const ssize_t got = recv(puppet->datagram, puppet->message, sizeof puppet->message, 0);
    if (got < 0)
        return errno == EAGAIN ? puppet_not_yet() : puppet_failed(puppet, errno);
    return (struct puppet_answer){
        .outcome = PUPPET_DONE, .octets = puppet->message, .length = (size_t)got};
}

/* The interface that has the local address; 0 for none. */
static unsigned local_interface(const struct puppet *puppet)
{
    struct ifaddrs *all = NULL;
    unsigned index = 0;
    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *each = all; each != NULL && index == 0; each = each->ifa_next) {
        struct peer_address own = {.length = sizeof own.is.ipv6};
        if (each->ifa_addr == NULL || each->ifa_addr->sa_family != puppet->local.is.any.sa_family)
            continue;
        const bool is_v6 = each->ifa_addr->sa_family == AF_INET6;
        memcpy(&own.is, each->ifa_addr, is_v6 ? sizeof own.is.ipv6 : sizeof own.is.ipv4);
        const bool is_same =
            is_v6 ? memcmp(&own.is.ipv6.sin6_addr, &puppet->local.is.ipv6.sin6_addr,
                           sizeof own.is.ipv6.sin6_addr) == 0
                  : own.is.ipv4.sin_addr.s_addr == puppet->local.is.ipv4.sin_addr.s_addr;
        if (is_same)
            index = if_nametoindex(each->ifa_name);
    }
    freeifaddrs(all);
    return index;
}

struct puppet_answer puppet_member(struct puppet *puppet, const struct peer_address *group,
                                   bool is_joining)
{
    const bool is_v6 = group->is.any.sa_family == AF_INET6;
    struct group_req request = {.gr_interface = local_interface(puppet)};
    if (group->is.any.sa_family != puppet->local.is.any.sa_family)
        return puppet_cannot("the group is of the other IP version");
    if (puppet->datagram < 0 && is_joining)
        puppet->datagram = new_socket(puppet);
    if (puppet->datagram < 0)
        return puppet_failed(puppet, is_joining ? errno : ENOTCONN);
    memcpy(&request.gr_group, &group->is.storage, group->length);
    if (setsockopt(puppet->datagram, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
                   is_joining ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, &request,
                   sizeof request) != 0)
        return puppet_failed(puppet, errno);
    return puppet_done();
}
