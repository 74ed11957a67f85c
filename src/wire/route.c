/*
 * route: asks the kernel which way leads to an address, within what the user asked for.
 */
#include "synstep/route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"
#include "target.h"

/* "lo, eth0": for the user who named one that is not there. Cut when it does not fit. */
static void list_interfaces(char *text, size_t size)
{
    struct if_nameindex *all = if_nameindex();
    size_t used = 0;
    text[0] = '\0';
    for (const struct if_nameindex *each = all; each && each->if_index != 0; each++) {
        int wrote = snprintf(text + used, size - used, "%s%s", used ? ", " : "", each->if_name);
        if (wrote < 0 || (size_t)wrote >= size - used)
            break;
        used += (size_t)wrote;
    }
    if (all)
        if_freenameindex(all);
}

static enum ss_status find_interface(const char *name, unsigned *index, struct ss_problem *problem)
{
    char list[160];
    unsigned found = if_nametoindex(name);
    if (found != 0) {
        *index = found;
        return SS_OK;
    }
    list_interfaces(list, sizeof list);
    return ss_problem_set(problem, SS_USAGE, "no interface is called '%s'; this host has: %s", name,
                          list);
}

/*
 * The bound of this tool: a source must be this host's own. The routing table is asked, and not
 * bind(2), which net.ipv4.ip_nonlocal_bind makes permissive.
 */
static enum ss_status check_source(struct nl_sock *netlink, const struct ss_address *source,
                                   unsigned interface_index, struct ss_problem *problem)
{
    struct ss_netlink_destination self = {.to = *source};
    struct ss_netlink_route answer = {0};
    if (ss_address_is_link_local(source))
        self.interface_index = interface_index;
    if (ss_netlink_route(netlink, &self, &answer) == 0 && answer.local)
        return SS_OK;
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, source);
    return ss_problem_set(problem, SS_USAGE,
                          "source %s is not an address of this host; give one of its own "
                          "(they are listed by 'ip address')",
                          text);
}

/* The interface's MTU when the route has none of its own. */
static uint32_t interface_mtu(const char *interface)
{
    struct ifreq request = {0};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any < 0)
        any = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    int failed = ioctl(any, SIOCGIFMTU, &request);
    if (any >= 0)
        close(any);
    return failed || request.ifr_mtu <= 0 ? 0 : (uint32_t)request.ifr_mtu;
}

static enum ss_status no_route(const struct ss_netlink_destination *destination,
                               const char *interface, struct ss_problem *problem)
{
    char peer[SS_ADDRESS_TEXT_SIZE], source[SS_ADDRESS_TEXT_SIZE] = "";
    ss_address_format(peer, &destination->to);
    if (destination->source.version != 0)
        ss_address_format(source, &destination->source);
    return ss_problem_set(
        problem, SS_IO, "no route to %s%s%s%s%s; is the interface up? 'ip route get %s' tells more",
        peer, source[0] ? " from " : "", source, interface ? " by interface " : "",
        interface ? interface : "", peer);
}

static enum ss_status not_one_host(const struct ss_address *address, struct ss_problem *problem)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, address);
    return ss_problem_set(problem, SS_USAGE,
                          "%s is not the address of one host: TCP connects two (RFC 9293 3.9.2.3)",
                          text);
}

static enum ss_status fill(const struct ss_netlink_destination *asked,
                           const struct ss_netlink_route *answer, struct ss_route *route,
                           struct ss_problem *problem)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    struct ss_route found = {
        .local = asked->source.version ? asked->source : answer->source,
        .peer = asked->to,
        .interface_index = answer->interface_index,
        .scope_index = asked->interface_index ? asked->interface_index : answer->interface_index,
        .loopback = answer->local,
    };
    ss_address_format(text, &asked->to);
    if (found.local.version == 0)
        return ss_problem_set(problem, SS_IO, "this host has no address to reach %s from", text);
    if (!if_indextoname(found.interface_index, found.interface))
        return ss_problem_set(problem, SS_IO, "the route to %s leads through no interface", text);
    found.mtu = answer->mtu ? answer->mtu : interface_mtu(found.interface);
    if (found.mtu == 0)
        return ss_problem_set(problem, SS_IO, "cannot read the MTU of %s: %s", found.interface,
                              strerror(errno));
    *route = found;
    return SS_OK;
}

static enum ss_status ask(struct nl_sock *netlink, const struct ss_netlink_destination *destination,
                          const char *interface, struct ss_route *route, struct ss_problem *problem)
{
    struct ss_netlink_route answer;
    if (destination->source.version != 0) {
        enum ss_status status =
            check_source(netlink, &destination->source, destination->interface_index, problem);
        if (status != SS_OK)
            return status;
    }
    if (ss_netlink_route(netlink, destination, &answer) < 0)
        return no_route(destination, interface, problem);
    if (!answer.unicast)
        return not_one_host(&destination->to, problem);
    return fill(destination, &answer, route, problem);
}

/*
 * Unspecified, IPv6 multicast (RFC 4291 sections 2.5.2, 2.7), or an IPv4-mapped address, with which
 * no IPv6 packet is sent (section 2.5.5.2). Of the rest the routing table knows.
 */
static bool is_no_host(const struct ss_address *address)
{
    static const uint8_t zeros[16] = {0};
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (address->version == 4)
        return memcmp(address->octets, zeros, 4) == 0;
    return memcmp(address->octets, zeros, 16) == 0 || memcmp(address->octets, mapped, 12) == 0 ||
           address->octets[0] == 0xff;
}

/* What can be judged before the kernel is asked. */
static enum ss_status check_pair(const struct ss_address *peer, const struct ss_address *source,
                                 unsigned interface_index, struct ss_problem *problem)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    if (is_no_host(peer))
        return not_one_host(peer, problem);
    if (source && source->version != 0 && source->version != peer->version) {
        ss_address_format(text, source);
        return ss_problem_set(problem, SS_USAGE, "source %s is IPv%u, but the target is IPv%u",
                              text, source->version, peer->version);
    }
    if (ss_address_is_link_local(peer) && interface_index == 0) {
        char list[160];
        ss_address_format(text, peer);
        list_interfaces(list, sizeof list);
        return ss_problem_set(problem, SS_USAGE,
                              "%s is link-local: say by which interface ([%s%%IFACE]:PORT); this "
                              "host has: %s",
                              text, text, list);
    }
    return SS_OK;
}

enum ss_status ss_route_to(const struct ss_address *peer, const struct ss_address *source,
                           const char *interface, struct ss_route *route,
                           struct ss_problem *problem)
{
    struct ss_netlink_destination destination = {.to = *peer};
    if (source)
        destination.source = *source;
    enum ss_status status = SS_OK;
    if (interface)
        status = find_interface(interface, &destination.interface_index, problem);
    if (status == SS_OK)
        status = check_pair(peer, source, destination.interface_index, problem);
    if (status != SS_OK)
        return status;
    struct nl_sock *netlink = ss_netlink_open();
    if (!netlink)
        return ss_problem_set(problem, SS_IO, "cannot ask the kernel for routes (netlink): %s",
                              strerror(errno));
    status = ask(netlink, &destination, interface, route, problem);
    nl_socket_free(netlink);
    return status;
}

/* The first of the target's addresses that has a route; the first one's problem when none has. */
static enum ss_status first_reachable(const struct ss_target *target,
                                      const struct ss_address *source, const char *interface,
                                      struct ss_route *route, struct ss_problem *problem)
{
    enum ss_status first = ss_route_to(&target->addresses[0], source, interface, route, problem);
    for (size_t each = 1; first != SS_OK && each < target->count; each++) {
        if (ss_route_to(&target->addresses[each], source, interface, route, NULL) == SS_OK)
            return SS_OK;
    }
    return first;
}

enum ss_status ss_route_find(const struct ss_route_request *request, struct ss_route *route,
                             uint16_t *port, struct ss_problem *problem)
{
    struct ss_target target;
    struct ss_address source = {0};
    enum ss_status status = SS_OK;
    if (request->source)
        status = ss_target_source(request->source, &source, problem);
    if (status == SS_OK)
        status =
            ss_target_resolve(request->target, request->version ? request->version : source.version,
                              &target, problem);
    const char *interface = request->interface;
    if (status == SS_OK && target.scope[0] != '\0') {
        if (interface && strcmp(interface, target.scope) != 0)
            return ss_problem_set(problem, SS_USAGE, "'%s' names interface %s, but %s is asked for",
                                  request->target, target.scope, interface);
        interface = target.scope;
    }
    if (status == SS_OK)
        status = first_reachable(&target, &source, interface, route, problem);
    if (status == SS_OK)
        *port = target.port;
    return status;
}
