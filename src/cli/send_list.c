/* send_list: the interfaces of this host, and what can be sent from them. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "send_series.h"
#include "synstep/address.h"

/* What a socket tells of an interface by its name; 0 when it does not. */
static int mtu_of(int socket, const char *name)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    return ioctl(socket, SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : 0;
}

static bool is_up(int socket, const char *name)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    return ioctl(socket, SIOCGIFFLAGS, &request) == 0 && request.ifr_flags & IFF_UP;
}

static bool address_of(const struct sockaddr *socket, struct ss_address *address)
{
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    if (!socket || (socket->sa_family != AF_INET && socket->sa_family != AF_INET6))
        return false;
    if (socket->sa_family == AF_INET6) {
        memcpy(&ipv6, socket, sizeof(ipv6));
        *address = ss_address_v6(ipv6.sin6_addr.s6_addr);
        return true;
    }
    memcpy(&ipv4, socket, sizeof(ipv4));
    *address = ss_address_v4((const uint8_t *)&ipv4.sin_addr);
    return true;
}

static void print_addresses(const struct ifaddrs *all, const char *name)
{
    for (const struct ifaddrs *each = all; each; each = each->ifa_next) {
        char text[SS_ADDRESS_TEXT_SIZE];
        struct ss_address address;
        if (strcmp(each->ifa_name, name) != 0 || !address_of(each->ifa_addr, &address))
            continue;
        ss_address_format(text, &address);
        printf("  %s", text);
    }
}

static void print_interfaces(const struct if_nameindex *each, const struct ifaddrs *addresses,
                             int socket)
{
    for (; each->if_index != 0; each++) {
        printf("%2u %-10s %-4s  MTU %5d", each->if_index, each->if_name,
               is_up(socket, each->if_name) ? "up" : "down", mtu_of(socket, each->if_name));
        print_addresses(addresses, each->if_name);
        putchar('\n');
    }
}

enum ss_status send_list_interfaces(struct ss_problem *problem)
{
    struct if_nameindex *all = if_nameindex();
    struct ifaddrs *addresses = NULL;
    int asking = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool known = all && getifaddrs(&addresses) == 0;
    int error = errno;
    if (known)
        print_interfaces(all, addresses, asking);
    freeifaddrs(addresses);
    if_freenameindex(all);
    if (asking >= 0)
        close(asking);
    if (known)
        return SS_OK;
    return ss_problem_set(problem, SS_IO, "cannot list the interfaces: %s", strerror(error));
}
