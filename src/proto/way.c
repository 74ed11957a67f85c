/* way: by type. */
#include "synstep/way.h"

#include <string.h>

enum {
    IGMP_QUERY = 0x11,
    IGMP_REPORT_V1 = 0x12,
    IGMP_REPORT_V2 = 0x16,
    IGMP_LEAVE = 0x17,
    IGMP_REPORT_V3 = 0x22,
    MLD_QUERY = 130,
    MLD_REPORT = 131,
    MLD_DONE = 132,
    NEIGHBOUR_FIRST = 133, /* router solicitation; then advertisement, and so on */
    NEIGHBOUR_SOLICITATION = 135,
    NEIGHBOUR_LAST = 137, /* redirect */
    MLD2_REPORT = 143,
    OPTION_END = 0,
    OPTION_NOTHING = 1, /* IPv4's; to IPv6, 0 is the one without a length */
};

const uint8_t ss_way_alert_ipv4[SS_WAY_ALERT_BYTES] = {0x94, 4, 0, 0};
const uint8_t ss_way_alert_ipv6[SS_WAY_ALERT_BYTES] = {5, 2, 0, 0};

/* --- IGMP ---------------------------------------------------------------------------------------
 */

static bool is_zero(const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

/* RFC 2236 section 3, RFC 3376 section 4.1.12 and 4.2.14. */
static struct ss_address igmp_to(uint8_t type, const uint8_t *group)
{
    static const uint8_t systems[] = {224, 0, 0, 1}, routers[] = {224, 0, 0, 2},
                         reports[] = {224, 0, 0, 22};
    if (type == IGMP_LEAVE)
        return ss_address_v4(routers);
    if (type == IGMP_REPORT_V3)
        return ss_address_v4(reports);
    return ss_address_v4(is_zero(group, 4) ? systems : group);
}

/*
 * Version 1 (RFC 1112) knew no router alert: its report has a type of its own, its query is one of
 * 8 octets without a time (RFC 3376 section 7.1).
 */
static bool igmp_way(const struct ss_layer *message, size_t behind, struct ss_way *way)
{
    enum { TIME = 1, GROUP = 4 };
    uint8_t type = message->fixed[0];
    bool query_v1 = type == IGMP_QUERY && message->fixed[TIME] == 0 && behind == 0;
    if (type != IGMP_QUERY && type != IGMP_REPORT_V1 && type != IGMP_REPORT_V2 &&
        type != IGMP_LEAVE && type != IGMP_REPORT_V3)
        return false;
    *way = (struct ss_way){.hops = 1,
                           .alert = type != IGMP_REPORT_V1 && !query_v1,
                           .to = igmp_to(type, message->fixed + GROUP)};
    return true;
}

/* --- ICMPv6 -------------------------------------------------------------------------------------
 */

/* ff02::, and its last octet. */
static struct ss_address on_link(uint8_t last)
{
    const uint8_t group[16] = {0xff, 2, [15] = last};
    return ss_address_v6(group);
}

/* RFC 2710 section 3.4 and 8, RFC 3810 section 5.1.15 and 5.2.14. */
static struct ss_address mld_to(uint8_t type, const uint8_t *group)
{
    enum { SYSTEMS = 1, ROUTERS = 2, REPORTS = 22 };
    if (type == MLD_DONE)
        return on_link(ROUTERS);
    if (type == MLD2_REPORT)
        return on_link(REPORTS);
    return group && !is_zero(group, 16) ? ss_address_v6(group) : on_link(SYSTEMS);
}

/* RFC 4861 section 4.1 to 4.3: a solicitation goes to the group that its target's last 24 bits make
 * (RFC 4291 section 2.7.1). */
static struct ss_address neighbour_to(uint8_t type, const uint8_t *target)
{
    enum { SYSTEMS = 1, ROUTERS = 2, SOLICITATION = 133, ADVERTISEMENT = 134 };
    if (type == SOLICITATION)
        return on_link(ROUTERS);
    if (type == ADVERTISEMENT)
        return on_link(SYSTEMS);
    struct ss_address to = {.version = 0};
    if (type != NEIGHBOUR_SOLICITATION || !target)
        return to;
    const uint8_t group[16] = {0xff, 2, [11] = 1, [12] = 0xff, target[13], target[14], target[15]};
    return ss_address_v6(group);
}

static bool icmp6_way(const struct ss_layer *message, const uint8_t *behind, size_t length,
                      struct ss_way *way)
{
    uint8_t type = message->fixed[0];
    enum { FIXED = 8, ADDRESS = 16 };
    const uint8_t *address = message->more >= ADDRESS ? message->fixed + FIXED
                             : length >= ADDRESS      ? behind
                                                      : NULL;
    if ((type >= MLD_QUERY && type <= MLD_DONE) || type == MLD2_REPORT) {
        *way = (struct ss_way){.hops = 1, .alert = true, .to = mld_to(type, address)};
        return true;
    }
    if (type < NEIGHBOUR_FIRST || type > NEIGHBOUR_LAST)
        return false;
    *way = (struct ss_way){.hops = 255, .to = neighbour_to(type, address)};
    return true;
}

bool ss_way_of(const struct ss_layer *message, const uint8_t *behind, size_t length,
               struct ss_way *way)
{
    if (message->kind == SS_LAYER_IGMP)
        return igmp_way(message, message->more + length, way);
    return message->kind == SS_LAYER_ICMP6 && icmp6_way(message, behind, length, way);
}

/* --- router alerts ------------------------------------------------------------------------------
 */

bool ss_way_has_alert(uint8_t version, const uint8_t *options, size_t length)
{
    const uint8_t *alert = version == 6 ? ss_way_alert_ipv6 : ss_way_alert_ipv4;
    uint8_t single = version == 6 ? OPTION_END : OPTION_NOTHING;
    size_t more = version == 6 ? 2 : 0; /* octets that a length does not count */
    for (size_t at = 0; at < length;) {
        if (version != 6 && options[at] == OPTION_END)
            return false;
        if (options[at] == single) {
            at++;
            continue;
        }
        if (length - at >= SS_WAY_ALERT_BYTES && memcmp(options + at, alert, 4) == 0)
            return true;
        size_t taken = at + 1 < length ? options[at + 1] + more : 0;
        if (taken < 2)
            return false;
        at += taken;
    }
    return false;
}
