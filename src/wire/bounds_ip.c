/*
 * bounds_ip: whom a datagram is for, and whom it could reach behind that one: by a source route, a
 * routing header, or as a tunnel that the target unpacks and passes on.
 */
#include <stdbool.h>
#include <stdio.h>

#include "bounds_parts.h"
#include "synstep/bytes.h"

enum {
    IPV4_BYTES = 20,
    IPV6_BYTES = 40,
    OPTION_END = 0,
    OPTION_NOTHING = 1,
    OPTION_LOOSE_ROUTE = 131, /* RFC 791 section 3.1 */
    OPTION_STRICT_ROUTE = 137,
    HEADER_HOP = 0,
    HEADER_IPV4 = 4,
    HEADER_UDP = 17,
    HEADER_IPV6 = 41,
    HEADER_ROUTE = 43,
    HEADER_FRAGMENT = 44,
    HEADER_AUTHENTICATION = 51,
    HEADER_DESTINATION = 60,
    HEADER_MOBILITY = 135,
    HEADER_HOST_IDENTITY = 139,
    HEADER_SHIM = 140,
};

/* A datagram that is being read from its outside to its inside. */
struct walk {
    const struct ss_bounds *bounds;
    struct ss_problem *problem;
    const uint8_t *at;
    size_t left;
    uint8_t next;    /* what stands at `at`, as an IP protocol number */
    bool fragmented; /* more of it comes in other datagrams */
    bool further;    /* and its beginning in one before this */
    bool done;       /* nothing further in could lead anywhere */
};

static enum ss_status leads_on(const struct walk *walk, const char *what)
{
    char named[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(named, &walk->bounds->target);
    return ss_problem_set(walk->problem, SS_USAGE,
                          "%s could lead a packet on to others: outside private hosts packets go "
                          "only to the target that is named, %s",
                          what, named);
}

static enum ss_status no_header(const struct walk *walk)
{
    return ss_problem_set(walk->problem, SS_USAGE,
                          "a datagram of %zu octets has no whole IP header: whom it is for "
                          "cannot be checked; private hosts have no such bound",
                          walk->left);
}

/* --- ends ---------------------------------------------------------------------------------------
 */

static bool is_own(const struct ss_bounds *bounds, const struct ss_address *source)
{
    return ss_address_equal(source, &bounds->source) ||
           (bounds->place == SS_BOUNDS_LOOPBACK && ss_address_is_loopback(source));
}

static enum ss_status not_the_target(const struct walk *walk, const struct ss_address *destination)
{
    char text[SS_ADDRESS_TEXT_SIZE], named[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, destination);
    ss_address_format(named, &walk->bounds->target);
    return ss_problem_set(walk->problem, SS_USAGE,
                          "destination %s is not the target %s: outside private hosts packets "
                          "go only to the target that is named",
                          text, named);
}

static enum ss_status not_ours(const struct walk *walk, const struct ss_address *source)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(text, source);
    return ss_problem_set(walk->problem, SS_USAGE,
                          "source %s is not the address that this host sends from: outside "
                          "private hosts a foreign source needs 'synstep send --spoof'",
                          text);
}

static enum ss_status check_ends(const struct walk *walk, const struct ss_address *source,
                                 const struct ss_address *destination)
{
    const struct ss_bounds *bounds = walk->bounds;
    if (!ss_address_equal(destination, &bounds->target))
        return not_the_target(walk, destination);
    return is_own(bounds, source) || bounds->spoof ? SS_OK : not_ours(walk, source);
}

/* --- IP headers ---------------------------------------------------------------------------------
 */

/* Whoever passes a datagram on reads its options as this does, and drops what cannot be read. */
static bool has_source_route(const uint8_t *options, size_t length)
{
    for (size_t at = 0; at < length && options[at] != OPTION_END;) {
        if (options[at] == OPTION_LOOSE_ROUTE || options[at] == OPTION_STRICT_ROUTE)
            return true;
        if (options[at] == OPTION_NOTHING)
            at++;
        else if (at + 1 < length && options[at + 1] >= 2)
            at += options[at + 1];
        else
            return false;
    }
    return false;
}

static enum ss_status enter_ipv4(struct walk *walk)
{
    const uint8_t *ip = walk->at;
    if (walk->left < IPV4_BYTES)
        return no_header(walk);
    struct ss_address source = ss_address_v4(ip + 12), destination = ss_address_v4(ip + 16);
    enum ss_status status = check_ends(walk, &source, &destination);
    size_t header = (size_t)(ip[0] & 15) * 4;
    if (status != SS_OK)
        return status;
    if (header > IPV4_BYTES &&
        has_source_route(ip + IPV4_BYTES, (header < walk->left ? header : walk->left) - IPV4_BYTES))
        return leads_on(walk, "a source route (an option of ip)");
    uint16_t fragment = ss_bytes_get16(ip + 6);
    walk->next = ip[9];
    walk->fragmented = (fragment & 0x3fff) != 0;
    walk->further = (fragment & 0x1fff) != 0;
    walk->done = header < IPV4_BYTES || header > walk->left; /* nobody takes such a one */
    if (!walk->done) {
        walk->at += header;
        walk->left -= header;
    }
    return SS_OK;
}

static enum ss_status enter_ipv6(struct walk *walk)
{
    const uint8_t *ip = walk->at;
    if (walk->left < IPV6_BYTES)
        return no_header(walk);
    struct ss_address source = ss_address_v6(ip + 8), destination = ss_address_v6(ip + 24);
    enum ss_status status = check_ends(walk, &source, &destination);
    walk->next = ip[6];
    walk->fragmented = walk->further = false;
    walk->at += IPV6_BYTES;
    walk->left -= IPV6_BYTES;
    return status;
}

/* --- what stands behind them --------------------------------------------------------------------
 */

/* Headers that say how long they are; 0: no such one. */
static size_t header_bytes(uint8_t next, uint8_t units)
{
    switch (next) {
    case HEADER_HOP:
    case HEADER_ROUTE:
    case HEADER_DESTINATION:
    case HEADER_MOBILITY:
    case HEADER_HOST_IDENTITY:
    case HEADER_SHIM:
        return ((size_t)units + 1) * 8;
    case HEADER_AUTHENTICATION:
        return ((size_t)units + 2) * 4; /* RFC 4302 section 2.2 */
    case HEADER_FRAGMENT:
        return 8;
    default:
        return 0;
    }
}

/* Tunnels whose own headers hide where what they carry begins. */
static bool is_dark(uint8_t next)
{
    static const uint8_t dark[] = {
        47,  /* GRE */
        55,  /* minimal encapsulation */
        94,  /* KA9Q's IP in IP */
        97,  /* Ethernet in IP */
        98,  /* encapsulation header */
        115, /* L2TP */
        137, /* MPLS in IP */
    };
    for (size_t i = 0; i < sizeof dark; i++)
        if (dark[i] == next)
            return true;
    return false;
}

/*
 * What is missing may come in another fragment; without one, nobody reads on. All headers must be
 * in the first fragment (RFC 8200 section 4.5), and what the others call theirs counts for nothing.
 */
static enum ss_status ends_early(struct walk *walk)
{
    walk->done = true;
    return walk->fragmented ? leads_on(walk, "a fragment that ends within its headers") : SS_OK;
}

static enum ss_status skip_header(struct walk *walk)
{
    enum { SEGMENTS_LEFT = 3, LEAST = 8 };
    if (walk->left < LEAST)
        return ends_early(walk);
    const uint8_t *header = walk->at;
    size_t bytes = header_bytes(walk->next, header[1]);
    if (walk->next == HEADER_ROUTE && header[SEGMENTS_LEFT] != 0)
        return leads_on(walk, "a routing header with segments left");
    if (walk->next == HEADER_FRAGMENT) {
        uint16_t place = ss_bytes_get16(header + 2);
        walk->fragmented = walk->fragmented || (place & 0xfff9) != 0;
        walk->done = (place & 0xfff8) != 0;
    }
    if (bytes > walk->left)
        return ends_early(walk);
    walk->next = header[0];
    walk->at += bytes;
    walk->left -= bytes;
    return SS_OK;
}

static enum ss_status enter_tunnel(struct walk *walk)
{
    if (walk->fragmented)
        return leads_on(walk, "a tunnel in fragments");
    return walk->next == HEADER_IPV4 ? enter_ipv4(walk) : enter_ipv6(walk);
}

static enum ss_status hides(const struct walk *walk, const char *name)
{
    char what[48];
    snprintf(what, sizeof what, "what %s carries", name);
    return leads_on(walk, what);
}

/* Its ports stand in the first fragment. */
static enum ss_status enter_udp(struct walk *walk)
{
    enum { PORT = 2, UDP_BYTES = 8 };
    if (walk->further) {
        walk->done = true;
        return SS_OK;
    }
    if (walk->left < UDP_BYTES)
        return ends_early(walk);
    struct bounds_carried carried =
        bounds_udp(ss_bytes_get16(walk->at + PORT), walk->at + UDP_BYTES, walk->left - UDP_BYTES);
    if (carried.kind == BOUNDS_CARRIES_UNKNOWN || (carried.name && walk->fragmented))
        return hides(walk, carried.name);
    walk->done = carried.kind == BOUNDS_CARRIES_NOTHING;
    walk->next = carried.next;
    walk->at += UDP_BYTES + carried.offset;
    walk->left -= UDP_BYTES + carried.offset;
    return SS_OK;
}

static enum ss_status step(struct walk *walk)
{
    if (walk->next == HEADER_UDP)
        return enter_udp(walk);
    if (walk->next == HEADER_IPV4 || walk->next == HEADER_IPV6)
        return enter_tunnel(walk);
    if (is_dark(walk->next))
        return leads_on(walk, "a tunnel that cannot be looked into");
    if (header_bytes(walk->next, 0) > 0)
        return skip_header(walk);
    walk->done = true;
    return SS_OK;
}

enum ss_status bounds_ip(const struct ss_bounds *bounds, uint8_t version, const uint8_t *octets,
                         size_t length, struct ss_problem *problem)
{
    struct walk walk = {.bounds = bounds, .problem = problem, .at = octets, .left = length};
    enum ss_status status = version == 6 ? enter_ipv6(&walk) : enter_ipv4(&walk);
    while (status == SS_OK && !walk.done)
        status = step(&walk);
    return status;
}
