/*
 * veth: makes and sets up the pair by libnl-route, without /sbin/ip.
 */
#include "veth.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/veth.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "netlink.h"

enum {
    LOOPBACK_INDEX = 1, /* every network namespace is born with it */
    PREFIX_V4 = 24,
    PREFIX_V6 = 64,
    READY_TIMEOUT_US = 5 * 1000 * 1000,
    READY_PAUSE_NS = 50 * 1000,
};

static enum ss_status failed(const char *what, int nl_error, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_IO, "private hosts: cannot %s: %s", what,
                          nl_geterror(nl_error));
}

enum ss_status ss_veth_host_open(struct ss_veth_host *host, struct ss_problem *problem)
{
    host->control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    host->netlink = ss_netlink_open();
    if (host->control >= 0 && host->netlink)
        return SS_OK;
    return ss_problem_set(problem, SS_IO, "private hosts: cannot open a socket: %s",
                          strerror(errno));
}

void ss_veth_host_close(struct ss_veth_host *host)
{
    nl_socket_free(host->netlink);
    host->netlink = NULL;
    if (host->control >= 0)
        close(host->control);
    host->control = -1;
}

static int set_card(struct rtnl_link *end, const struct ss_veth_host *host)
{
    struct nl_addr *card = nl_addr_build(AF_LLC, host->card, sizeof host->card);
    if (!card)
        return -NLE_NOMEM;
    rtnl_link_set_addr(end, card);
    nl_addr_put(card);
    return 0;
}

static enum ss_status make_pair(const struct ss_veth_host *near, const struct ss_veth_host *far,
                                int far_namespace, struct ss_problem *problem)
{
    struct rtnl_link *pair = rtnl_link_veth_alloc();
    if (!pair)
        return failed("make a veth pair", -NLE_NOMEM, problem);
    struct rtnl_link *other = rtnl_link_veth_get_peer(pair);
    rtnl_link_set_name(pair, near->name);
    rtnl_link_set_name(other, far->name);
    rtnl_link_set_ns_fd(other, far_namespace);
    int error = set_card(pair, near);
    if (error == 0)
        error = set_card(other, far);
    if (error == 0)
        error = rtnl_link_add(near->netlink, pair, NLM_F_CREATE | NLM_F_EXCL);
    rtnl_link_put(other);
    rtnl_link_veth_release(pair);
    if (error == -NLE_OPNOTSUPP)
        return ss_problem_set(problem, SS_FORBIDDEN,
                              "private hosts: this kernel has no veth (modprobe veth); --loopback "
                              "works without");
    return error < 0 ? failed("make a veth pair", error, problem) : SS_OK;
}

/* By name and not by index, because the kernel chooses the index. */
static int end_index(const struct ss_veth_host *host)
{
    struct ifreq request = {0};
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", host->name);
    return ioctl(host->control, SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
}

static int change_link(const struct ss_veth_host *host, int index, unsigned flags,
                       bool no_link_local)
{
    struct rtnl_link *change = rtnl_link_alloc();
    if (!change)
        return -NLE_NOMEM;
    rtnl_link_set_ifindex(change, index);
    rtnl_link_set_flags(change, flags);
    if (no_link_local)
        (void)rtnl_link_inet6_set_addr_gen_mode(change, IN6_ADDR_GEN_MODE_NONE);
    int error = rtnl_link_change(host->netlink, change, change, 0);
    rtnl_link_put(change);
    return error;
}

/*
 * Without a link-local address an end sends no router solicitations. It must be told so before it
 * is up; a kernel without IPv6 refuses, and then there is nothing to silence.
 */
static int set_up(const struct ss_veth_host *host, int index)
{
    (void)change_link(host, index, 0, true);
    return change_link(host, index, IFF_UP, false);
}

/*
 * With these off, what crosses the pair is what a card would have put on the cable: finished
 * checksums, and no segment larger than the MTU in either direction.
 */
static enum ss_status offloads_off(const struct ss_veth_host *host, struct ss_problem *problem)
{
    static const struct {
        uint32_t command;
        const char *name;
    } offloads[] = {
        {ETHTOOL_STSO, "TCP segmentation offload"},
        {ETHTOOL_SGSO, "segmentation offload"},
        {ETHTOOL_SGRO, "receive offload"},
        {ETHTOOL_STXCSUM, "checksum offload"},
    };
    for (size_t each = 0; each < sizeof offloads / sizeof *offloads; each++) {
        struct ethtool_value value = {.cmd = offloads[each].command, .data = 0};
        struct ifreq request = {.ifr_data = (void *)&value};
        (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", host->name);
        if (ioctl(host->control, SIOCETHTOOL, &request) != 0)
            return ss_problem_set(problem, SS_IO, "private hosts: cannot turn %s off on %s: %s",
                                  offloads[each].name, host->name, strerror(errno));
    }
    return SS_OK;
}

/*
 * A kernel's TCP puts segments together even where the interface does not (since Linux 4.17), and
 * pushes the last of each such lot, which would show where one lot ended (Linux:
 * __tcp_transmit_skb, "Force a PSH flag on all (GSO) packets").
 */
static int segment_alone(const struct ss_veth_host *host, int index)
{
    struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_index = index};
    struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
    if (!message)
        return -NLE_NOMEM;
    int error = nlmsg_append(message, &header, sizeof header, NLMSG_ALIGNTO);
    error |= nla_put_u32(message, IFLA_GSO_MAX_SEGS, 1);
    if (error == 0)
        return nl_send_sync(host->netlink, message); /* frees it */
    nlmsg_free(message);
    return -NLE_NOMEM;
}

/* IFA_F_NODAD: usable at once, nobody else can be on this cable (RFC 4862 section 5.4). */
static int add_address(const struct ss_veth_host *host, int index, const struct ss_address *address)
{
    struct rtnl_addr *added = rtnl_addr_alloc();
    struct nl_addr *local = ss_netlink_address(address);
    int error = -NLE_NOMEM;
    if (added && local) {
        nl_addr_set_prefixlen(local, address->version == 6 ? PREFIX_V6 : PREFIX_V4);
        rtnl_addr_set_ifindex(added, index);
        error = rtnl_addr_set_local(added, local);
        if (address->version == 6)
            rtnl_addr_set_flags(added, IFA_F_NODAD);
        if (error == 0)
            error = rtnl_addr_add(host->netlink, added, 0);
    }
    nl_addr_put(local);
    rtnl_addr_put(added);
    return error;
}

/* A kernel without IPv6, or with it switched off, still makes two good IPv4 hosts. */
static bool no_ipv6_here(int nl_error)
{
    return nl_error == -NLE_OPNOTSUPP || nl_error == -NLE_AF_NOSUPPORT || nl_error == -NLE_PERM ||
           nl_error == -NLE_NOACCESS;
}

static enum ss_status set_up_host(const struct ss_veth_host *host, bool *has_v6,
                                  struct ss_problem *problem)
{
    int index = end_index(host);
    enum ss_status status = offloads_off(host, problem);
    if (status != SS_OK)
        return status;
    int error = segment_alone(host, index);
    if (error == 0)
        error = change_link(host, LOOPBACK_INDEX, IFF_UP, false);
    if (error == 0)
        error = set_up(host, index);
    if (error < 0)
        return failed("set the links up", error, problem);
    error = add_address(host, index, &host->v4);
    if (error < 0)
        return failed("give a host its IPv4 address", error, problem);
    error = add_address(host, index, &host->v6);
    if (error < 0 && !no_ipv6_here(error))
        return failed("give a host its IPv6 address", error, problem);
    *has_v6 = *has_v6 && error == 0;
    return SS_OK;
}

static bool carries(const struct ss_veth_host *host)
{
    struct rtnl_link *link = NULL;
    if (rtnl_link_get_kernel(host->netlink, 0, host->name, &link) < 0)
        return false;
    bool up = rtnl_link_get_operstate(link) == IF_OPER_UP;
    rtnl_link_put(link);
    return up;
}

static bool knows(const struct ss_veth_host *host, const struct ss_address *own)
{
    struct ss_netlink_destination self = {.to = *own};
    struct ss_netlink_route answer;
    return ss_netlink_route(host->netlink, &self, &answer) == 0 && answer.local;
}

/*
 * The end that came up first learns of its carrier, and gets its queue, by deferred work in the
 * kernel; so do IPv6 addresses their local routes. A frame sent before would be lost.
 */
static bool is_ready(const struct ss_veth_host *host, bool has_v6)
{
    return carries(host) && knows(host, &host->v4) && (!has_v6 || knows(host, &host->v6));
}

static enum ss_status wait_ready(const struct ss_veth_host *host, bool has_v6,
                                 struct ss_problem *problem)
{
    uint64_t give_up_us = ss_clock_monotonic_us() + READY_TIMEOUT_US;
    while (!is_ready(host, has_v6)) {
        if (ss_clock_monotonic_us() > give_up_us)
            return ss_problem_set(problem, SS_IO, "private hosts: %s did not come up", host->name);
        (void)nanosleep(&(struct timespec){.tv_nsec = READY_PAUSE_NS}, NULL);
    }
    return SS_OK;
}

enum ss_status ss_veth_join(const struct ss_veth_host *near, const struct ss_veth_host *far,
                            int far_namespace, struct ss_problem *problem)
{
    bool has_v6 = true;
    enum ss_status status = make_pair(near, far, far_namespace, problem);
    if (status == SS_OK)
        status = set_up_host(far, &has_v6, problem);
    if (status == SS_OK)
        status = set_up_host(near, &has_v6, problem);
    if (status == SS_OK)
        status = wait_ready(far, has_v6, problem);
    if (status == SS_OK)
        status = wait_ready(near, has_v6, problem);
    return status;
}
