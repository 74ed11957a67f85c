/*
 * headers_meaning: what a field's value means, and which fields of a header count here.
 */
#include <stdio.h>
#include <string.h>

#include "headers_parts.h"
#include "synstep/icmp.h"
#include "synstep/stack_check.h"
#include "synstep/tcp.h"

enum { MEANING_SIZE = 96 };

static uint32_t says(const struct ss_layer *layer, const char *name)
{
    size_t field = 0;
    (void)ss_layer_field_from_name(layer->kind, name, &field);
    return ss_layer_get(layer, field);
}

/* --- which are shown -----------------------------------------------------------------------------
 */

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* Of the four octets that ICMP's type gives a meaning, what this one makes of them. */
static const char *const *icmp_parts(const struct ss_layer *icmp)
{
    static const char *const echo[] = {"id", "seq", NULL};
    static const char *const mtu[] = {"rest", "mtu", NULL};
    static const char *const gateway[] = {"gateway", NULL};
    static const char *const pointer[] = {"rest", "pointer", NULL};
    static const char *const mtu6[] = {"mtu", NULL};
    static const char *const pointer6[] = {"pointer", NULL};
    static const char *const rest[] = {"rest", NULL};
    static const char *const advert[] = {"rest", "addresses", "entrysize", "lifetime", NULL};
    static const char *const advert6[] = {"rest",     "hoplimit",  "managed", "other",
                                          "lifetime", "reachable", "retrans", NULL};
    static const char *const neighbour[] = {"rest", "target", "destination", NULL};
    static const char *const neighbour_here[] = {"rest",     "router", "solicited",
                                                 "override", "target", NULL};
    static const char *const mld[] = {"rest", "maxresp", "group",   "resv", "s",
                                      "qrv",  "qqic",    "sources", NULL};
    static const char *const mld2[] = {"rest", "records", NULL};
    static const char *const times[] = {"id", "seq", "originate", "receive", "transmit", NULL};
    static const char *const mask[] = {"id", "seq", "mask", NULL};
    bool v6 = icmp->kind == SS_LAYER_ICMP6;
    uint8_t type = icmp->fixed[0], code = icmp->fixed[1];
    if (v6 ? type == 128 || type == 129 : type == 0 || type == 8 || type == 15 || type == 16)
        return echo;
    if (v6 && type >= 130 && type <= 132)
        return mld;
    if (v6 && type >= 134 && type <= 137)
        return type == 134 ? advert6 : type == 136 ? neighbour_here : neighbour;
    if (v6)
        return type == 2 ? mtu6 : type == 4 ? pointer6 : type == 143 ? mld2 : rest;
    if (type == 13 || type == 14 || type == 17 || type == 18)
        return type < 15 ? times : mask;
    if (type == 9)
        return advert;
    if (type == 3 && code == 4)
        return mtu;
    return type == 5 ? gateway : type == 12 ? pointer : rest;
}

bool ss_visit_is_shown(const struct ss_layer *layer, size_t field)
{
    enum { IGMP_REPORT_V3 = 0x22 };
    static const char *const igmp[] = {"records", NULL};
    static const char *const igmp3[] = {"", NULL};
    static const char *const ip[] = {"tos", NULL};
    static const char *const ip6[] = {"dscp", "ecn", NULL};
    static const char *const bits[] = {"cwr", "ece", "urg", "ackflag", "psh",
                                       "rst", "syn", "fin", NULL};
    const char *name = ss_layer_table(layer->kind)->fields[field].name;
    if (ss_layer_table(layer->kind)->fields[field].until > ss_layer_bytes(layer))
        return false;
    if (layer->kind == SS_LAYER_IGMP)
        return !is_one_of(name, layer->fixed[0] == IGMP_REPORT_V3 ? igmp3 : igmp);
    if (layer->kind == SS_LAYER_ICMP || layer->kind == SS_LAYER_ICMP6)
        return ss_layer_table(layer->kind)->fields[field].bit < 32 ||
               is_one_of(name, icmp_parts(layer));
    if (layer->kind == SS_LAYER_IP)
        return !is_one_of(name, ip);
    if (layer->kind == SS_LAYER_IP6)
        return !is_one_of(name, ip6);
    return layer->kind != SS_LAYER_TCP || !is_one_of(name, bits);
}

/* --- what they mean ------------------------------------------------------------------------------
 */

/* RFC 3168 section 5. */
static void word_ecn(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    static const char *const texts[] = {"not ECN-capable", "ECT(1)", "ECT(0)",
                                        "congestion experienced"};
    (void)layer;
    snprintf(meaning, MEANING_SIZE, "%s", texts[value & 3]);
}

static void word_words(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    (void)layer;
    snprintf(meaning, MEANING_SIZE, "%u octets", value * 4U);
}

static void word_units(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    (void)layer;
    snprintf(meaning, MEANING_SIZE, "%u octets", value * 8U + 8U);
}

static void word_place(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    (void)layer;
    snprintf(meaning, MEANING_SIZE, "octet %u", value * 8U);
}

static void word_reserved(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    (void)layer;
    snprintf(meaning, MEANING_SIZE, "%s", value ? "must be 0" : "");
}

static void word_acknowledgment(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    (void)value;
    snprintf(meaning, MEANING_SIZE, "%s", says(layer, "ackflag") ? "" : "unused (no ACK)");
}

static void word_flags(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    char flags[SS_TCP_FLAGS_TEXT_SIZE];
    (void)layer;
    ss_tcp_flags_format(flags, (uint8_t)value);
    snprintf(meaning, MEANING_SIZE, "%s", flags);
}

static void word_urgent(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    bool unused = value && !says(layer, "urg");
    snprintf(meaning, MEANING_SIZE, "%s", unused ? "unused (no URG)" : "");
}

static void word_code(const struct ss_layer *layer, uint32_t value, char *meaning)
{
    uint8_t version = layer->kind == SS_LAYER_ICMP6 ? 6 : 4;
    snprintf(meaning, MEANING_SIZE, "%s", ss_icmp_text(version, layer->fixed[0], (uint8_t)value));
}

static const struct {
    enum ss_layer_kind kind;
    const char *name;
    void (*word)(const struct ss_layer *layer, uint32_t value, char *meaning);
} wordings[] = {
    {SS_LAYER_IP, "ihl", word_words},       {SS_LAYER_IP, "ecn", word_ecn},
    {SS_LAYER_IP, "rf", word_reserved},     {SS_LAYER_IP, "offset", word_place},
    {SS_LAYER_IP6, "class", word_ecn},      {SS_LAYER_HOP, "length", word_units},
    {SS_LAYER_ROUTE, "length", word_units}, {SS_LAYER_DEST, "length", word_units},
    {SS_LAYER_FRAG, "offset", word_place},  {SS_LAYER_FRAG, "reserved", word_reserved},
    {SS_LAYER_FRAG, "res", word_reserved},  {SS_LAYER_TCP, "ack", word_acknowledgment},
    {SS_LAYER_TCP, "offset", word_words},   {SS_LAYER_TCP, "reserved", word_reserved},
    {SS_LAYER_TCP, "flags", word_flags},    {SS_LAYER_TCP, "urgent", word_urgent},
    {SS_LAYER_ICMP, "code", word_code},     {SS_LAYER_ICMP6, "code", word_code},
};

/* The title of the layer that a protocol's name means, or the name: "TCP", "fragment header". */
static void word_name(const struct ss_visit *visit, size_t field, char *meaning)
{
    enum ss_layer_kind kind;
    uint32_t value = ss_layer_get(visit->layer, field);
    const char *name = ss_layer_value_text(visit->layer->kind, field, value);
    bool next = ss_layer_table(visit->layer->kind)->fields[field].computed == SS_COMPUTED_NEXT;
    if (name && next && ss_layer_from_name(name, &kind))
        name = ss_layer_table(kind)->title;
    snprintf(meaning, MEANING_SIZE, "%s", name ? name : "");
}

static void word_checksum(const struct ss_visit *visit, char *meaning)
{
    struct ss_stack_checksum checksum;
    meaning[0] = '\0';
    if (!ss_stack_checksum(visit->stack, visit->frame, visit->length, visit->i, &checksum))
        return;
    switch (checksum.state) {
    case SS_CHECKSUM_NONE:
        snprintf(meaning, MEANING_SIZE, "not checked: %s", checksum.unjudged);
        break;
    case SS_CHECKSUM_GOOD:
        snprintf(meaning, MEANING_SIZE, "right");
        break;
    case SS_CHECKSUM_BAD:
        snprintf(meaning, MEANING_SIZE, "WRONG: should be 0x%04x", checksum.expected);
        break;
    case SS_CHECKSUM_OFFLOADED:
        snprintf(meaning, MEANING_SIZE, "left to the card (offload)");
        break;
    }
}

void ss_visit_word_meaning(const struct ss_visit *visit, size_t i, char meaning[96])
{
    const struct ss_layer_field *field = &ss_layer_table(visit->layer->kind)->fields[i];
    meaning[0] = '\0';
    if (field->form == SS_FORM_NAMED)
        word_name(visit, i, meaning);
    else if (field->computed == SS_COMPUTED_CHECKSUM)
        word_checksum(visit, meaning);
    for (size_t j = 0; j < sizeof(wordings) / sizeof(wordings[0]); j++)
        if (wordings[j].kind == visit->layer->kind && strcmp(wordings[j].name, field->name) == 0)
            wordings[j].word(visit->layer, ss_layer_get(visit->layer, i), meaning);
}
