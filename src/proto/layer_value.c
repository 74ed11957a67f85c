/* layer_value: the names of numbers: protocols, types, operations (IANA). */
#include <string.h>

#include "synstep/layer.h"

struct named {
    uint32_t value;
    const char *name;
};

static const struct named ethertypes[] = {
    {0x0800, "ip"}, {0x0806, "arp"}, {0x8100, "vlan"}, {0x86dd, "ip6"}, {0x88a8, "qinq"}, {0, NULL},
};

static const struct named protocols[] = {
    {0, "hop"},    {1, "icmp"},   {2, "igmp"},  {4, "ip"},     {6, "tcp"},  {17, "udp"},
    {41, "ip6"},   {43, "route"}, {44, "frag"}, {47, "gre"},   {50, "esp"}, {51, "ah"},
    {58, "icmp6"}, {59, "none"},  {60, "dest"}, {132, "sctp"}, {0, NULL},
};

static const struct named arp_operations[] = {{1, "request"}, {2, "reply"}, {0, NULL}};

static const struct named icmp_types[] = {
    {0, "echo-reply"},
    {3, "unreachable"},
    {4, "source-quench"},
    {5, "redirect"},
    {8, "echo"},
    {9, "router-advertisement"},
    {10, "router-solicitation"},
    {11, "time-exceeded"},
    {12, "parameter-problem"},
    {13, "timestamp"},
    {14, "timestamp-reply"},
    {0, NULL},
};

static const struct named icmp6_types[] = {
    {1, "unreachable"},
    {2, "too-big"},
    {3, "time-exceeded"},
    {4, "parameter-problem"},
    {128, "echo"},
    {129, "echo-reply"},
    {130, "mld-query"},
    {131, "mld-report"},
    {132, "mld-done"},
    {133, "router-solicitation"},
    {134, "router-advertisement"},
    {135, "neighbor-solicitation"},
    {136, "neighbor-advertisement"},
    {137, "redirect"},
    {143, "mld2-report"},
    {0, NULL},
};

static const struct named igmp_types[] = {
    {0x11, "query"}, {0x12, "report-v1"}, {0x16, "report"},
    {0x17, "leave"}, {0x22, "report-v3"}, {0, NULL},
};

static const struct named *names_of(enum ss_layer_kind kind, size_t field)
{
    const struct ss_layer_field *described = &ss_layer_table(kind)->fields[field];
    if (described->form != SS_FORM_NAMED)
        return NULL;
    switch (kind) {
    case SS_LAYER_ETHER:
    case SS_LAYER_VLAN:
        return ethertypes;
    case SS_LAYER_IP:
    case SS_LAYER_IP6:
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_FRAG:
    case SS_LAYER_DEST:
        return protocols;
    case SS_LAYER_ARP:
        return arp_operations;
    case SS_LAYER_ICMP:
        return icmp_types;
    case SS_LAYER_ICMP6:
        return icmp6_types;
    case SS_LAYER_IGMP:
        return igmp_types;
    case SS_LAYER_TCP:
    case SS_LAYER_UDP:
    case SS_LAYER_RAW:
        return NULL;
    }
    return NULL;
}

const char *ss_layer_value_text(enum ss_layer_kind kind, size_t field, uint32_t value)
{
    for (const struct named *each = names_of(kind, field); each && each->name; each++)
        if (each->value == value)
            return each->name;
    return NULL;
}

bool ss_layer_value_from_text(enum ss_layer_kind kind, size_t field, const char *text,
                              uint32_t *value)
{
    for (const struct named *each = names_of(kind, field); each && each->name; each++)
        if (strcmp(each->name, text) == 0) {
            *value = each->value;
            return true;
        }
    return false;
}
