/*
 * tcp: the 20-octet header, read and written, and the names of flags and states.
 */
#include "synstep/tcp.h"

#include <string.h>

#include "synstep/bytes.h"

bool ss_tcp_decode(const uint8_t *octets, size_t length, struct ss_tcp_header *header)
{
    if (length < SS_TCP_HEADER_BYTES)
        return false;
    header->source_port = ss_bytes_get16(octets);
    header->destination_port = ss_bytes_get16(octets + 2);
    header->seq = ss_seq_from(ss_bytes_get32(octets + 4));
    header->ack = ss_seq_from(ss_bytes_get32(octets + 8));
    header->offset_words = octets[12] >> 4;
    header->reserved = octets[12] & 0x0f;
    header->flags = octets[13];
    header->window = ss_bytes_get16(octets + 14);
    header->checksum = ss_bytes_get16(octets + 16);
    header->urgent = ss_bytes_get16(octets + 18);
    return true;
}

void ss_tcp_encode(const struct ss_tcp_header *header, uint8_t octets[SS_TCP_HEADER_BYTES])
{
    ss_bytes_put16(octets, header->source_port);
    ss_bytes_put16(octets + 2, header->destination_port);
    ss_bytes_put32(octets + 4, header->seq.value);
    ss_bytes_put32(octets + 8, header->ack.value);
    octets[12] = (uint8_t)(header->offset_words << 4 | (header->reserved & 0x0f));
    octets[13] = header->flags;
    ss_bytes_put16(octets + 14, header->window);
    ss_bytes_put16(octets + 16, header->checksum);
    ss_bytes_put16(octets + 18, header->urgent);
}

struct flag_name {
    uint8_t flag;
    char name[4];
};

/* In the order of display. */
static const struct flag_name flag_names[] = {
    {SS_TCP_SYN, "SYN"}, {SS_TCP_FIN, "FIN"}, {SS_TCP_RST, "RST"}, {SS_TCP_PSH, "PSH"},
    {SS_TCP_ACK, "ACK"}, {SS_TCP_URG, "URG"}, {SS_TCP_ECE, "ECE"}, {SS_TCP_CWR, "CWR"},
};

enum { FLAG_NAMES = sizeof flag_names / sizeof flag_names[0] };

void ss_tcp_flags_format(char text[SS_TCP_FLAGS_TEXT_SIZE], uint8_t flags)
{
    size_t at = 0;
    for (size_t i = 0; i < FLAG_NAMES; i++) {
        if (!(flags & flag_names[i].flag))
            continue;
        if (at > 0)
            text[at++] = ',';
        memcpy(text + at, flag_names[i].name, 3);
        at += 3;
    }
    text[at] = '\0';
    if (at == 0)
        memcpy(text, "none", sizeof "none");
}

const char *ss_tcp_flag_text(uint8_t flag)
{
    for (size_t i = 0; i < FLAG_NAMES; i++)
        if (flag == flag_names[i].flag)
            return flag_names[i].name;
    return NULL;
}

const char *ss_tcp_state_text(enum ss_tcp_state state)
{
    switch (state) {
    case SS_TCP_CLOSED:
        return "CLOSED";
    case SS_TCP_LISTEN:
        return "LISTEN";
    case SS_TCP_SYN_SENT:
        return "SYN-SENT";
    case SS_TCP_SYN_RECEIVED:
        return "SYN-RECEIVED";
    case SS_TCP_ESTABLISHED:
        return "ESTABLISHED";
    case SS_TCP_FIN_WAIT_1:
        return "FIN-WAIT-1";
    case SS_TCP_FIN_WAIT_2:
        return "FIN-WAIT-2";
    case SS_TCP_CLOSE_WAIT:
        return "CLOSE-WAIT";
    case SS_TCP_CLOSING:
        return "CLOSING";
    case SS_TCP_LAST_ACK:
        return "LAST-ACK";
    case SS_TCP_TIME_WAIT:
        return "TIME-WAIT";
    }
    return "unknown state";
}

/* ASCII only: the result must not depend on a locale. */
static char upper_case(char letter)
{
    return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}

static bool same_but_for_case(const char *text, const char *name)
{
    while (*name && upper_case(*text) == *name) {
        text++;
        name++;
    }
    return *text == *name;
}

bool ss_tcp_state_from_text(const char *text, enum ss_tcp_state *state)
{
    for (int i = 0; i < SS_TCP_STATES; i++) {
        if (!same_but_for_case(text, ss_tcp_state_text((enum ss_tcp_state)i)))
            continue;
        *state = (enum ss_tcp_state)i;
        return true;
    }
    return false;
}
