/*
 * netlink: asks the kernel for routes and neighbours by libnl.
 */
#include "netlink.h"

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <string.h>
#include <sys/socket.h>

struct nl_sock *ss_netlink_open(void)
{
    struct nl_sock *netlink = nl_socket_alloc();
    if (netlink && nl_connect(netlink, NETLINK_ROUTE) == 0)
        return netlink;
    nl_socket_free(netlink);
    return NULL;
}

struct nl_addr *ss_netlink_address(const struct ss_address *address)
{
    return nl_addr_build(address->version == 6 ? AF_INET6 : AF_INET, address->octets,
                         ss_address_length(address));
}

static struct ss_address address_of(struct nl_addr *address)
{
    if (!address)
        return (struct ss_address){0};
    const uint8_t *octets = nl_addr_get_binary_addr(address);
    return nl_addr_get_len(address) == 16 ? ss_address_v6(octets) : ss_address_v4(octets);
}

static struct ss_netlink_route answer_of(struct rtnl_route *route)
{
    uint8_t type = rtnl_route_get_type(route);
    struct ss_netlink_route answer = {.local = type == RTN_LOCAL,
                                      .unicast = type == RTN_LOCAL || type == RTN_UNICAST,
                                      .source = address_of(rtnl_route_get_pref_src(route))};
    if (rtnl_route_get_nnexthops(route) > 0) {
        struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);
        struct nl_addr *via = rtnl_route_nh_get_gateway(hop);
        answer.interface_index = (unsigned)rtnl_route_nh_get_ifindex(hop);
        answer.gateway = address_of(via ? via : rtnl_route_nh_get_via(hop));
    }
    uint32_t mtu;
    if (rtnl_route_get_metric(route, RTAX_MTU, &mtu) == 0)
        answer.mtu = mtu;
    return answer;
}

/* nl_recvmsgs hands each valid message here. */
static int take_answer(struct nl_msg *message, void *context)
{
    struct rtnl_route *route = NULL;
    int error = rtnl_route_parse(nlmsg_hdr(message), &route);
    if (error < 0)
        return error;
    *(struct ss_netlink_route *)context = answer_of(route);
    rtnl_route_put(route);
    return NL_STOP;
}

static struct nl_msg *question(const struct ss_netlink_destination *destination)
{
    struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
    if (!message)
        return NULL;
    size_t length = ss_address_length(&destination->to);
    struct rtmsg header = {
        .rtm_family = destination->to.version == 6 ? AF_INET6 : AF_INET,
        .rtm_dst_len = (unsigned char)(length * 8),
        .rtm_src_len = destination->source.version ? (unsigned char)(length * 8) : 0,
    };
    int error = nlmsg_append(message, &header, sizeof header, NLMSG_ALIGNTO);
    error |= nla_put(message, RTA_DST, (int)length, destination->to.octets);
    if (destination->source.version)
        error |= nla_put(message, RTA_SRC, (int)length, destination->source.octets);
    if (destination->interface_index)
        error |= nla_put_u32(message, RTA_OIF, destination->interface_index);
    if (error == 0)
        return message;
    nlmsg_free(message);
    return NULL;
}

int ss_netlink_route(struct nl_sock *netlink, const struct ss_netlink_destination *destination,
                     struct ss_netlink_route *answer)
{
    struct ss_netlink_route found = {0};
    struct nl_msg *message = question(destination);
    struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
    int error = -NLE_NOMEM;
    if (message && callbacks) {
        nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, take_answer, &found);
        error = nl_send_auto(netlink, message);
        if (error >= 0)
            error = nl_recvmsgs(netlink, callbacks);
        /* A negative answer ends the exchange; after a route its acknowledgement is still to come.
         */
        if (error >= 0)
            error = nl_wait_for_ack(netlink);
    }
    nl_cb_put(callbacks);
    nlmsg_free(message);
    if (error < 0)
        return error;
    *answer = found;
    return 0;
}

/* One that the kernel would use without asking first. */
static bool is_usable(struct rtnl_neigh *neighbour)
{
    enum { USABLE = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP };
    struct nl_addr *ethernet = rtnl_neigh_get_lladdr(neighbour);
    return (rtnl_neigh_get_state(neighbour) & USABLE) != 0 && ethernet &&
           nl_addr_get_len(ethernet) == SS_ETHERNET_ADDRESS_BYTES;
}

bool ss_netlink_neighbour(struct nl_sock *netlink, unsigned interface_index,
                          const struct ss_address *address,
                          uint8_t ethernet[SS_ETHERNET_ADDRESS_BYTES])
{
    struct nl_cache *all = NULL;
    struct nl_addr *wanted = ss_netlink_address(address);
    struct rtnl_neigh *found = NULL;
    if (wanted && rtnl_neigh_alloc_cache(netlink, &all) == 0)
        found = rtnl_neigh_get(all, (int)interface_index, wanted);
    bool known = found && is_usable(found);
    if (known)
        memcpy(ethernet, nl_addr_get_binary_addr(rtnl_neigh_get_lladdr(found)),
               SS_ETHERNET_ADDRESS_BYTES);
    if (found)
        rtnl_neigh_put(found);
    nl_cache_free(all);
    nl_addr_put(wanted);
    return known;
}
