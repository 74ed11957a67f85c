/*
 * interface: asks the kernel for an interface by ioctl, which needs no privilege.
 */
#include "interface.h"

#include <errno.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "synstep/bytes.h"

enum { VLAN_BYTES = 4 /* a tag comes on top of the MTU (IEEE 802.3 clause 3.2.7) */ };

enum ss_status ss_interface_refused(const struct ss_interface *interface, int error,
                                    struct ss_problem *problem)
{
    if (error == ENETDOWN)
        return ss_problem_set(problem, SS_IO, "cannot send on %s: it is down (ip link set %s up)",
                              interface->name, interface->name);
    return ss_problem_set(problem, SS_IO, "cannot send on %s: %s", interface->name,
                          strerror(error));
}

static enum ss_status ask(int any, struct ss_interface *found, struct ss_problem *problem)
{
    struct ifreq request = {0};
    memcpy(request.ifr_name, found->name, sizeof found->name);
    if (ioctl(any, SIOCGIFINDEX, &request) != 0)
        return ss_problem_set(problem, SS_USAGE, "no interface %s here: %s", found->name,
                              strerror(errno));
    found->index = request.ifr_ifindex;
    if (ioctl(any, SIOCGIFMTU, &request) != 0)
        return ss_interface_refused(found, errno, problem);
    found->mtu = (size_t)request.ifr_mtu;
    if (ioctl(any, SIOCGIFFLAGS, &request) != 0)
        return ss_interface_refused(found, errno, problem);
    found->silent = (request.ifr_flags & IFF_NOARP) != 0;
    if (ioctl(any, SIOCGIFHWADDR, &request) != 0)
        return ss_interface_refused(found, errno, problem);
    found->loopback = request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER && !found->loopback)
        return ss_problem_set(problem, SS_USAGE,
                              "%s carries no Ethernet frames: only the raw wire sends there",
                              found->name);
    memcpy(found->address, request.ifr_hwaddr.sa_data, sizeof found->address);
    return SS_OK;
}

/* A kernel may lack one of the two families. */
static int any_socket(void)
{
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return any >= 0 ? any : socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

enum ss_status ss_interface_find(const char *name, struct ss_interface *interface,
                                 struct ss_problem *problem)
{
    struct ss_interface found = {0};
    if (strlen(name) >= sizeof found.name)
        return ss_problem_set(problem, SS_USAGE, "no interface has a name as long as %s", name);
    strcpy(found.name, name);
    int any = any_socket();
    enum ss_status status = ask(any, &found, problem);
    if (any >= 0)
        close(any);
    if (status == SS_OK)
        *interface = found;
    return status;
}

static size_t longest(const struct ss_interface *interface, const uint8_t *frame)
{
    bool tagged = ss_bytes_get16(frame + SS_ETHERNET_HEADER_BYTES - 2) == SS_ETHERTYPE_VLAN;
    return interface->mtu + SS_ETHERNET_HEADER_BYTES + (tagged ? VLAN_BYTES : 0);
}

enum ss_status ss_interface_judge(const struct ss_interface *interface, const uint8_t *frame,
                                  size_t length, struct ss_problem *problem)
{
    if (length < SS_ETHERNET_HEADER_BYTES)
        return ss_problem_set(problem, SS_USAGE,
                              "a frame of %zu octets has no whole Ethernet header (%d octets)",
                              length, SS_ETHERNET_HEADER_BYTES);
    if (length > longest(interface, frame))
        return ss_problem_set(problem, SS_USAGE,
                              "a frame of %zu octets does not pass %s, whose MTU is %zu", length,
                              interface->name, interface->mtu);
    return SS_OK;
}
