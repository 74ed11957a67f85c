/*
 * icmp: the 8-octet header, read and written, and its messages in words.
 */
#include "synstep/icmp.h"

#include "synstep/bytes.h"

bool ss_icmp_decode(const uint8_t *octets, size_t length, struct ss_icmp_header *header)
{
    if (length < SS_ICMP_HEADER_BYTES)
        return false;
    header->type = octets[0];
    header->code = octets[1];
    header->checksum = ss_bytes_get16(octets + 2);
    header->rest = ss_bytes_get32(octets + 4);
    return true;
}

void ss_icmp_encode(const struct ss_icmp_header *header, uint8_t octets[SS_ICMP_HEADER_BYTES])
{
    octets[0] = header->type;
    octets[1] = header->code;
    ss_bytes_put16(octets + 2, header->checksum);
    ss_bytes_put32(octets + 4, header->rest);
}

bool ss_icmp_is_error(uint8_t version, uint8_t type)
{
    if (version == 6)
        return type < 128; /* RFC 4443 section 2.1 */
    /* Unreachable, source quench, redirect, time exceeded, parameter problem
     * (RFC 1122 section 3.2.2). */
    return version == 4 && (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

enum { ANY_CODE = -1 };

/* A message of one IP version in words; the more special stands before ANY_CODE. */
struct message {
    uint8_t type;
    int16_t code;
    const char *text;
};

/* RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1. */
static const struct message messages_v4[] = {
    {0, ANY_CODE, "echo reply"},
    {3, 0, "network unreachable"},
    {3, 1, "host unreachable"},
    {3, 2, "protocol unreachable"},
    {3, 3, "port unreachable"},
    {3, 4, "fragmentation needed"},
    {3, 5, "source route failed"},
    {3, 6, "network unknown"},
    {3, 7, "host unknown"},
    {3, 8, "source host isolated"},
    {3, 9, "network administratively prohibited"},
    {3, 10, "host administratively prohibited"},
    {3, 11, "network unreachable for this type of service"},
    {3, 12, "host unreachable for this type of service"},
    {3, 13, "communication administratively prohibited"},
    {3, 14, "host precedence violation"},
    {3, 15, "precedence cutoff in effect"},
    {3, ANY_CODE, "destination unreachable"},
    {4, ANY_CODE, "source quench"},
    {5, ANY_CODE, "redirect"},
    {8, ANY_CODE, "echo request"},
    {9, ANY_CODE, "router advertisement"},
    {10, ANY_CODE, "router solicitation"},
    {11, 0, "time to live exceeded"},
    {11, 1, "fragment reassembly time exceeded"},
    {11, ANY_CODE, "time exceeded"},
    {12, ANY_CODE, "parameter problem"},
    {13, ANY_CODE, "timestamp request"},
    {14, ANY_CODE, "timestamp reply"},
};

/* RFC 4443 sections 3 and 4, RFC 4861 section 4, RFC 2710 section 3, RFC 3810 section 5. */
static const struct message messages_v6[] = {
    {1, 0, "no route to destination"},
    {1, 1, "communication administratively prohibited"},
    {1, 2, "beyond scope of source address"},
    {1, 3, "address unreachable"},
    {1, 4, "port unreachable"},
    {1, 5, "source address failed ingress or egress policy"},
    {1, 6, "route to destination rejected"},
    {1, ANY_CODE, "destination unreachable"},
    {2, ANY_CODE, "packet too big"},
    {3, 0, "hop limit exceeded"},
    {3, 1, "fragment reassembly time exceeded"},
    {3, ANY_CODE, "time exceeded"},
    {4, 0, "erroneous header field"},
    {4, 1, "unrecognized next header"},
    {4, 2, "unrecognized IPv6 option"},
    {4, ANY_CODE, "parameter problem"},
    {128, ANY_CODE, "echo request"},
    {129, ANY_CODE, "echo reply"},
    {130, ANY_CODE, "multicast listener query"},
    {131, ANY_CODE, "multicast listener report"},
    {132, ANY_CODE, "multicast listener done"},
    {133, ANY_CODE, "router solicitation"},
    {134, ANY_CODE, "router advertisement"},
    {135, ANY_CODE, "neighbor solicitation"},
    {136, ANY_CODE, "neighbor advertisement"},
    {137, ANY_CODE, "redirect"},
    {143, ANY_CODE, "multicast listener report v2"},
};

static const char *find_text(const struct message *messages, size_t count, uint8_t type,
                             uint8_t code)
{
    for (size_t i = 0; i < count; i++)
        if (messages[i].type == type && (messages[i].code == code || messages[i].code == ANY_CODE))
            return messages[i].text;
    return "unknown ICMP message";
}

const char *ss_icmp_text(uint8_t version, uint8_t type, uint8_t code)
{
    if (version == 6)
        return find_text(messages_v6, sizeof messages_v6 / sizeof messages_v6[0], type, code);
    return find_text(messages_v4, sizeof messages_v4 / sizeof messages_v4[0], type, code);
}
