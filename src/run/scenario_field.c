/* scenario_field: the header fields by their names in the language, and in a packet. */
#include "scenario_parts.h"
#include "synstep/packet.h"

static const struct {
    const char *name;
    const char *alias;
    unsigned bits; /* 0: an address */
} fields[SS_FIELDS] = {
    [SS_FIELD_SOURCE] = {"source", NULL, 0},
    [SS_FIELD_DESTINATION] = {"destination", NULL, 0},
    [SS_FIELD_TTL] = {"ttl", "hop", 8},
    [SS_FIELD_TOS] = {"tos", "class", 8},
    [SS_FIELD_IP_VERSION] = {"ip.version", NULL, 4},
    [SS_FIELD_IP_IHL] = {"ip.ihl", NULL, 4},
    [SS_FIELD_IP_LENGTH] = {"ip.length", NULL, 16},
    [SS_FIELD_IP_ID] = {"ip.id", NULL, 16},
    [SS_FIELD_IP_RF] = {"ip.rf", NULL, 1},
    [SS_FIELD_IP_DF] = {"ip.df", NULL, 1},
    [SS_FIELD_IP_MF] = {"ip.mf", NULL, 1},
    [SS_FIELD_IP_OFFSET] = {"ip.offset", NULL, 13},
    [SS_FIELD_IP_PROTOCOL] = {"ip.protocol", NULL, 8},
    [SS_FIELD_IP_CHECKSUM] = {"ip.checksum", NULL, 16},
    [SS_FIELD_IP6_VERSION] = {"ip6.version", NULL, 4},
    [SS_FIELD_IP6_FLOW] = {"ip6.flow", NULL, 20},
    [SS_FIELD_IP6_LENGTH] = {"ip6.length", NULL, 16},
    [SS_FIELD_IP6_NEXT] = {"ip6.next", NULL, 8},
    [SS_FIELD_SPORT] = {"sport", NULL, 16},
    [SS_FIELD_DPORT] = {"dport", NULL, 16},
    [SS_FIELD_SEQ] = {"seq", NULL, 32},
    [SS_FIELD_ACK] = {"ack", NULL, 32},
    [SS_FIELD_OFFSET] = {"offset", NULL, 4},
    [SS_FIELD_RESERVED] = {"reserved", NULL, 4},
    [SS_FIELD_WINDOW] = {"window", "win", 16},
    [SS_FIELD_CHECKSUM] = {"checksum", NULL, 16},
    [SS_FIELD_URGENT] = {"urgent", NULL, 16},
};

const char *ss_field_text(enum ss_field field)
{
    return fields[field].name;
}

unsigned ss_field_bits(enum ss_field field)
{
    return fields[field].bits;
}

bool field_find(const struct word *word, enum ss_field *field)
{
    for (int i = 0; i < SS_FIELDS; i++) {
        const char *alias = fields[i].alias;
        if (!word_is(word, fields[i].name) && !(alias && word_is(word, alias)))
            continue;
        *field = (enum ss_field)i;
        return true;
    }
    return false;
}

size_t field_words(const char *words[SCENARIO_FIELD_WORDS_MAX])
{
    size_t count = 0;
    for (int i = 0; i < SS_FIELDS; i++) {
        words[count++] = fields[i].name;
        if (fields[i].alias)
            words[count++] = fields[i].alias;
    }
    return count;
}

/* What a packet's fields say, by their place in the language. */
struct reading {
    bool there[SS_FIELDS];
    uint32_t values[SS_FIELDS];
};

static void note(struct reading *reading, enum ss_field field, uint32_t value)
{
    reading->there[field] = true;
    reading->values[field] = value;
}

static void read_ipv4(struct reading *reading, const struct ss_ipv4_header *ipv4)
{
    note(reading, SS_FIELD_TTL, ipv4->ttl);
    note(reading, SS_FIELD_TOS, ipv4->tos);
    note(reading, SS_FIELD_IP_VERSION, ipv4->version);
    note(reading, SS_FIELD_IP_IHL, ipv4->ihl_words);
    note(reading, SS_FIELD_IP_LENGTH, ipv4->total_length);
    note(reading, SS_FIELD_IP_ID, ipv4->id);
    note(reading, SS_FIELD_IP_RF, ipv4->reserved_flag);
    note(reading, SS_FIELD_IP_DF, ipv4->dont_fragment);
    note(reading, SS_FIELD_IP_MF, ipv4->more_fragments);
    note(reading, SS_FIELD_IP_OFFSET, ipv4->fragment_offset_words);
    note(reading, SS_FIELD_IP_PROTOCOL, ipv4->protocol);
    note(reading, SS_FIELD_IP_CHECKSUM, ipv4->checksum);
}

static void read_ipv6(struct reading *reading, const struct ss_ipv6_header *ipv6)
{
    note(reading, SS_FIELD_TTL, ipv6->hop_limit);
    note(reading, SS_FIELD_TOS, ipv6->traffic_class);
    note(reading, SS_FIELD_IP6_VERSION, ipv6->version);
    note(reading, SS_FIELD_IP6_FLOW, ipv6->flow_label);
    note(reading, SS_FIELD_IP6_LENGTH, ipv6->payload_length);
    note(reading, SS_FIELD_IP6_NEXT, ipv6->next_header);
}

static void read_tcp(struct reading *reading, const struct ss_tcp_header *tcp)
{
    note(reading, SS_FIELD_SPORT, tcp->source_port);
    note(reading, SS_FIELD_DPORT, tcp->destination_port);
    note(reading, SS_FIELD_SEQ, tcp->seq.value);
    note(reading, SS_FIELD_ACK, tcp->ack.value);
    note(reading, SS_FIELD_OFFSET, tcp->offset_words);
    note(reading, SS_FIELD_RESERVED, tcp->reserved);
    note(reading, SS_FIELD_WINDOW, tcp->window);
    note(reading, SS_FIELD_CHECKSUM, tcp->checksum);
    note(reading, SS_FIELD_URGENT, tcp->urgent);
}

bool ss_field_read(const struct ss_packet *packet, enum ss_field field, uint32_t *value)
{
    struct reading reading = {0};
    if (packet->version == 4)
        read_ipv4(&reading, &packet->ipv4);
    if (packet->version == 6)
        read_ipv6(&reading, &packet->ipv6);
    if (packet->transport == SS_TRANSPORT_TCP)
        read_tcp(&reading, &packet->tcp);
    if (!reading.there[field])
        return false;
    *value = reading.values[field];
    return true;
}
