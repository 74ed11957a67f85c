/*
 * address: IPv4 and IPv6 addresses: comparison, kind, and canonical text (RFC 5952).
 */
#include "synstep/address.h"

#include <stdio.h>
#include <string.h>

#include "synstep/bytes.h"

enum { GROUPS = 8 };

struct ss_address ss_address_v4(const uint8_t octets[4])
{
    struct ss_address address;
    ss_address_set_v4(&address, octets);
    return address;
}

struct ss_address ss_address_v6(const uint8_t octets[16])
{
    struct ss_address address;
    ss_address_set_v6(&address, octets);
    return address;
}

bool ss_address_equal(const struct ss_address *a, const struct ss_address *b)
{
    return a->version == b->version && memcmp(a->octets, b->octets, ss_address_length(a)) == 0;
}

bool ss_socket_address_equal(const struct ss_socket_address *a, const struct ss_socket_address *b)
{
    return a->port == b->port && ss_address_equal(&a->address, &b->address);
}

bool ss_address_is_loopback(const struct ss_address *address)
{
    static const uint8_t one[16] = {[15] = 1};
    if (address->version == 4)
        return address->octets[0] == 127;
    return address->version == 6 && memcmp(address->octets, one, sizeof one) == 0;
}

bool ss_address_is_link_local(const struct ss_address *address)
{
    return address->version == 6 && address->octets[0] == 0xfe &&
           (address->octets[1] & 0xc0) == 0x80;
}

/* A run of groups that are all zero. */
struct zero_run {
    size_t start;
    size_t length;
};

/* The longest run of two or more zero groups, the first among equals (RFC 5952 section 4.2). */
static struct zero_run longest_zero_run(const uint16_t groups[GROUPS])
{
    struct zero_run best = {.start = GROUPS, .length = 0};
    size_t length = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        length = groups[i] == 0 ? length + 1 : 0;
        if (length > best.length && length >= 2)
            best = (struct zero_run){.start = i + 1 - length, .length = length};
    }
    return best;
}

/* Whether an IPv4 address is embedded: ::ffff:0:0/96 and the old ::/96 (RFC 5952 section 5). */
static bool embeds_v4(const uint16_t groups[GROUPS], struct zero_run run)
{
    if (run.start != 0)
        return false;
    return run.length == 6 || (run.length == 5 && groups[5] == 0xffff);
}

static size_t append_v4(char *text, size_t size, const uint8_t octets[4])
{
    return (size_t)snprintf(text, size, "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
}

static void format_v6(char text[SS_ADDRESS_TEXT_SIZE], const uint8_t octets[16])
{
    uint16_t groups[GROUPS];
    for (size_t i = 0; i < GROUPS; i++)
        groups[i] = ss_bytes_get16(octets + 2 * i);
    struct zero_run run = longest_zero_run(groups);
    size_t last = embeds_v4(groups, run) ? 6 : GROUPS;
    size_t at = 0;
    for (size_t i = 0; i < last; i++) {
        bool in_run = i >= run.start && i < run.start + run.length;
        if (in_run && i == run.start)
            text[at++] = ':';
        if (in_run)
            continue;
        at += (size_t)snprintf(text + at, SS_ADDRESS_TEXT_SIZE - at, i ? ":%x" : "%x", groups[i]);
    }
    if ((run.length > 0 && run.start + run.length == last) || last < GROUPS)
        text[at++] = ':';
    text[at] = '\0';
    if (last < GROUPS)
        append_v4(text + at, SS_ADDRESS_TEXT_SIZE - at, octets + 12);
}

void ss_address_format(char text[SS_ADDRESS_TEXT_SIZE], const struct ss_address *address)
{
    if (address->version == 4)
        append_v4(text, SS_ADDRESS_TEXT_SIZE, address->octets);
    else if (address->version == 6)
        format_v6(text, address->octets);
    else
        memcpy(text, "none", sizeof "none");
}

void ss_socket_address_format(char text[SS_SOCKET_ADDRESS_TEXT_SIZE],
                              const struct ss_socket_address *address)
{
    char host[SS_ADDRESS_TEXT_SIZE];
    ss_address_format(host, &address->address);
    const char *form = address->address.version == 6 ? "[%s]:%u" : "%s:%u";
    snprintf(text, SS_SOCKET_ADDRESS_TEXT_SIZE, form, host, (unsigned)address->port);
}
