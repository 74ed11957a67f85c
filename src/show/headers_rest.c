/*
 * headers_rest: what stands behind the fixed part of a header: options of IPv4 and IPv6, addresses
 * of a routing header. TCP's are in headers_tcp.
 */
#include <stdio.h>

#include "headers_parts.h"

/* IANA, "Internet Protocol Version 4 Parameters". */
static const char *ip_option_text(uint8_t kind)
{
    switch (kind) {
    case 0:
        return "End of Options";
    case 1:
        return "No Operation";
    case 7:
        return "Record Route";
    case 68:
        return "Timestamp";
    case 131:
        return "Loose Source Route";
    case 137:
        return "Strict Source Route";
    case 148:
        return "Router Alert";
    }
    return "Option";
}

/* IANA, "Internet Protocol Version 6 Parameters". */
static const char *ip6_option_text(uint8_t kind)
{
    switch (kind) {
    case 0:
        return "Pad1";
    case 1:
        return "PadN";
    case 5:
        return "Router Alert";
    case 0xc2:
        return "Jumbo Payload";
    case 0xc9:
        return "Home Address";
    }
    return "Option";
}

/* RFC 791 section 3.1: kind 0 ends, kind 1 stands alone, any other has a length octet. */
static void visit_ip_options(const struct ss_visit *visit, size_t at, size_t end)
{
    const uint8_t *frame = visit->frame;
    while (at < end) {
        uint8_t kind = frame[at];
        size_t length = kind <= 1 ? 1 : at + 1 < end ? frame[at + 1] : 0;
        bool malformed = length == 0 || (kind > 1 && length < 2) || length > end - at;
        if (malformed || kind == 0)
            length = end - at;
        ss_visit_octets(visit, at, length, ip_option_text(kind), malformed ? "length WRONG" : "");
        at += length;
    }
}

/* RFC 8200 section 4.2: kind 0 stands alone, any other has a length without its first two. */
static void visit_ip6_options(const struct ss_visit *visit, size_t at, size_t end)
{
    const uint8_t *frame = visit->frame;
    while (at < end) {
        uint8_t kind = frame[at];
        size_t length = kind == 0 ? 1 : at + 1 < end ? frame[at + 1] + (size_t)2 : 0;
        bool malformed = length == 0 || length > end - at;
        if (malformed)
            length = end - at;
        ss_visit_octets(visit, at, length, ip6_option_text(kind), malformed ? "length WRONG" : "");
        at += length;
    }
}

/* The types whose addresses are whole (see `stack`); of others, octets. */
static void visit_route(const struct ss_visit *visit, size_t at, size_t end)
{
    enum { TYPE = 2, RESERVED = 4, ADDRESS = 16 };
    uint8_t type = visit->layer->fixed[TYPE];
    bool whole = type == 0 || type == 2 || type == 4;
    if (whole && end - at >= RESERVED) {
        ss_visit_octets(visit, at, RESERVED, type == 4 ? "Last Entry, Flags, Tag" : "Reserved", "");
        at += RESERVED;
    }
    for (int i = 0; whole && end - at >= ADDRESS; at += ADDRESS, i++) {
        char text[SS_ADDRESS_TEXT_SIZE], name[32];
        struct ss_address address = ss_address_v6(visit->frame + at);
        ss_address_format(text, &address);
        snprintf(name, sizeof(name), "Address %d", i);
        ss_visit_piece(visit, at, ADDRESS, name, "", "%s", text);
    }
    if (at < end)
        ss_visit_octets(visit, at, end - at, whole ? "Options" : "Data", "");
}

void ss_visit_rest(const struct ss_visit *visit, size_t at)
{
    struct ss_visit inside = *visit;
    size_t end = at + visit->layer->rest_length;
    if (visit->layer->kind == SS_LAYER_TCP) {
        inside.title = "TCP option";
        ss_visit_tcp_options(&inside, at);
    } else if (visit->layer->kind == SS_LAYER_IP) {
        inside.title = "IPv4 option";
        visit_ip_options(&inside, at, end);
    } else if (visit->layer->kind == SS_LAYER_ROUTE) {
        visit_route(visit, at, end);
    } else {
        visit_ip6_options(visit, at, end);
    }
}
