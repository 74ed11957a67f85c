/* doctor_host: facts of this host that a newcomer trips over. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "synstep/privilege.h"

/* IPV6_HDRINCL came with Linux 4.5, TCP_REPAIR_OFF_NO_WP with 4.19. */
enum { MAJOR_NEEDED = 4, MINOR_NEEDED = 19 };

void doctor_kernel(struct finding *finding)
{
    struct utsname name;
    unsigned major = 0, minor = 0;
    if (uname(&name) != 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2) {
        finding->level = FINDING_NOTE;
        snprintf(finding->text, sizeof(finding->text), "its version is not readable");
        return;
    }
    bool old = major < MAJOR_NEEDED || (major == MAJOR_NEEDED && minor < MINOR_NEEDED);
    finding->level = old ? FINDING_BROKEN : FINDING_FINE;
    snprintf(finding->text, sizeof(finding->text), "%s %s%s", name.sysname, name.release,
             old ? " is too old: Linux 4.19 or later is needed" : "");
}

void doctor_net_raw(struct finding *finding)
{
    bool has = ss_privilege_has_net_raw();
    finding->level = has ? FINDING_FINE : FINDING_NOTE;
    snprintf(
        finding->text, sizeof(finding->text), "%s",
        has ? "permitted: --loopback and HOST:PORT work too"
            : "not permitted here: private hosts need none; for --loopback and HOST:PORT use sudo, "
              "or setcap cap_net_raw,cap_net_admin+ep on synstep");
}

/* One interface request; false with errno set. */
static bool ask_interface(const char *interface, unsigned long request, struct ifreq *answer)
{
    int asked = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (asked < 0)
        return false;
    snprintf(answer->ifr_name, sizeof(answer->ifr_name), "%s", interface);
    bool answered = ioctl(asked, request, answer) == 0;
    int reason = errno;
    close(asked);
    errno = reason;
    return answered;
}

void doctor_loopback_mtu(struct finding *finding)
{
    enum { USUAL = 65536, LEAST = 1280 };
    struct ifreq answer = {0};
    if (!ask_interface("lo", SIOCGIFMTU, &answer)) {
        finding->level = FINDING_BROKEN;
        snprintf(finding->text, sizeof(finding->text), "not readable: %s", strerror(errno));
        return;
    }
    struct ifreq state = {0};
    if (ask_interface("lo", SIOCGIFFLAGS, &state) && !(state.ifr_flags & IFF_UP)) {
        finding->level = FINDING_NOTE;
        snprintf(finding->text, sizeof(finding->text),
                 "lo is down, so --loopback cannot work: ip link set lo up");
        return;
    }
    finding->level = answer.ifr_mtu < LEAST ? FINDING_BROKEN : FINDING_FINE;
    if (finding->level == FINDING_FINE && answer.ifr_mtu != USUAL)
        finding->level = FINDING_NOTE;
    snprintf(finding->text, sizeof(finding->text), "%d octets%s", answer.ifr_mtu,
             answer.ifr_mtu < LEAST    ? ", too few for IPv6: ip link set lo mtu 65536"
             : answer.ifr_mtu == USUAL ? ": segments of up to 65,495 octets on loopback"
                                       : ", not the usual 65536: segments on loopback are smaller");
}

void doctor_offload(const char *interface, struct finding *finding)
{
    struct ethtool_value value = {.cmd = ETHTOOL_GTXCSUM};
    struct ifreq answer = {0};
    answer.ifr_data = (char *)&value;
    finding->level = FINDING_NOTE;
    if (!ask_interface(interface, SIOCETHTOOL, &answer)) {
        snprintf(finding->text, sizeof(finding->text), "%s does not tell: %s", interface,
                 strerror(errno));
        return;
    }
    if (!value.data)
        finding->level = FINDING_FINE;
    snprintf(finding->text, sizeof(finding->text),
             value.data
                 ? "%s: on; checksums of this host's own kernel are left to the card and are "
                   "told apart from bad ones; ethtool -K %s tx off turns it off"
                 : "%s: off; every checksum is in the packet",
             interface, interface);
}

/* The larger of the two settings counts (ip-sysctl); -1 when neither can be read. */
static int reverse_path_setting(const char *interface)
{
    const char *const names[] = {"all", interface};
    int largest = -1;
    for (int i = 0; i < 2; i++) {
        char path[80];
        int value = 0;
        snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter", names[i]);
        FILE *file = fopen(path, "re");
        if (file && fscanf(file, "%d", &value) == 1 && value > largest)
            largest = value;
        if (file)
            fclose(file);
    }
    return largest;
}

void doctor_reverse_path(const struct ss_route *route, struct finding *finding)
{
    enum { OFF, STRICT, LOOSE };
    int setting = route->peer.version == 4 ? reverse_path_setting(route->interface) : OFF;
    finding->level = setting == STRICT || setting < 0 ? FINDING_NOTE : FINDING_FINE;
    if (route->peer.version != 4)
        snprintf(finding->text, sizeof(finding->text), "the kernel has none for IPv6");
    else if (setting < 0)
        snprintf(finding->text, sizeof(finding->text), "not readable in /proc/sys/net/ipv4/conf");
    else if (setting == STRICT)
        snprintf(finding->text, sizeof(finding->text),
                 "strict on %s: replies that come by another interface are dropped; if none come, "
                 "sysctl net.ipv4.conf.%s.rp_filter=2",
                 route->interface, route->interface);
    else
        snprintf(finding->text, sizeof(finding->text), "%s on %s",
                 setting == LOOSE ? "loose" : "off", route->interface);
}
