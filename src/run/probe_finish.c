/* probe_finish: what the words left out, and whether what they said can be. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe_parts.h"

/* --- the order of layers ------------------------------------------------------------------------
 */

/* What a layer is, as far as its place goes. */
enum rank {
    RANK_LINK,
    RANK_ARP,
    RANK_IP,
    RANK_EXTENSION,
    RANK_TRANSPORT,
    RANK_OCTETS,
};

static enum rank rank_of(enum ss_layer_kind kind)
{
    switch (kind) {
    case SS_LAYER_ETHER:
    case SS_LAYER_VLAN:
        return RANK_LINK;
    case SS_LAYER_ARP:
        return RANK_ARP;
    case SS_LAYER_IP:
    case SS_LAYER_IP6:
        return RANK_IP;
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_FRAG:
    case SS_LAYER_DEST:
        return RANK_EXTENSION;
    case SS_LAYER_TCP:
    case SS_LAYER_UDP:
    case SS_LAYER_ICMP:
    case SS_LAYER_ICMP6:
    case SS_LAYER_IGMP:
        return RANK_TRANSPORT;
    case SS_LAYER_RAW:
        return RANK_OCTETS;
    }
    return RANK_OCTETS;
}

static bool is_icmp(enum ss_layer_kind kind)
{
    return kind == SS_LAYER_ICMP || kind == SS_LAYER_ICMP6;
}

/* Whether `after` may follow `before`: a tunnel and a quotation in an ICMP error, too. */
static bool may_follow(enum ss_layer_kind before, enum ss_layer_kind after)
{
    if (after == SS_LAYER_ETHER)
        return false;
    switch (rank_of(before)) {
    case RANK_LINK:
        return rank_of(after) != RANK_EXTENSION && rank_of(after) != RANK_TRANSPORT;
    case RANK_ARP:
    case RANK_OCTETS:
        return after == SS_LAYER_RAW;
    case RANK_IP:
        if (rank_of(after) == RANK_EXTENSION)
            return before == SS_LAYER_IP6;
        return rank_of(after) > RANK_ARP;
    case RANK_EXTENSION:
        return rank_of(after) > RANK_ARP;
    case RANK_TRANSPORT:
        return after == SS_LAYER_RAW || (is_icmp(before) && rank_of(after) == RANK_IP);
    }
    return false;
}

static enum ss_status check_order(const struct ss_probe *probe, struct ss_problem *problem)
{
    for (size_t i = 1; i < probe->stack.count; i++) {
        enum ss_layer_kind before = probe->stack.layers[i - 1].kind;
        enum ss_layer_kind after = probe->stack.layers[i].kind;
        if (!may_follow(before, after))
            return ss_problem_set(problem, SS_USAGE,
                                  "%s cannot follow %s; the order is ether vlan, arp | ip | ip6 "
                                  "(hop route frag dest), tcp | udp | icmp | icmp6 | igmp, raw",
                                  ss_layer_table(after)->name, ss_layer_table(before)->name);
    }
    return SS_OK;
}

/* --- layers that are missing --------------------------------------------------------------------
 */

/* Before the first layer that needs IP, which is of the target's version. */
static enum ss_status add_ip(struct ss_probe *probe, uint8_t version, struct ss_problem *problem)
{
    size_t at = 0;
    while (at < probe->stack.count && rank_of(probe->stack.layers[at].kind) == RANK_LINK)
        at++;
    bool end = at == probe->stack.count;
    enum rank next = end ? RANK_OCTETS : rank_of(probe->stack.layers[at].kind);
    bool framed = at > 0 && next == RANK_OCTETS; /* Ethernet with octets of the user's own */
    if (next == RANK_IP || next == RANK_ARP || framed)
        return SS_OK;
    return probe_insert(probe, at, version == 6 ? SS_LAYER_IP6 : SS_LAYER_IP, problem);
}

static enum ss_status add_layers(struct ss_probe *probe, uint8_t version,
                                 struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    if (probe->stack.count == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "nothing to send: give a short form such as --syn or --ping, or "
                              "layers such as tcp dport=80");
    if (probe->stack.layers[0].kind == SS_LAYER_VLAN || probe->stack.layers[0].kind == SS_LAYER_ARP)
        status = probe_insert(probe, 0, SS_LAYER_ETHER, problem);
    if (status == SS_OK)
        status = add_ip(probe, version, problem);
    return status == SS_OK ? check_order(probe, problem) : status;
}

/* The outermost IP layer must be of the target's version. */
static enum ss_status check_version(const struct ss_probe *probe, uint8_t version,
                                    struct ss_problem *problem)
{
    for (size_t i = 0; i < probe->stack.count; i++) {
        enum ss_layer_kind kind = probe->stack.layers[i].kind;
        if (kind != SS_LAYER_IP && kind != SS_LAYER_IP6)
            continue;
        if ((kind == SS_LAYER_IP6) == (version == 6))
            return SS_OK;
        return ss_problem_set(problem, SS_USAGE,
                              "the target is IPv%u, but the outermost layer is %s; give -4 or -6, "
                              "or an address of that version",
                              version, ss_layer_table(kind)->name);
    }
    return SS_OK;
}

/* --- values that are missing --------------------------------------------------------------------
 */

enum ss_status probe_give(struct ss_probe *probe, size_t layer, const char *field,
                          const char *value, struct ss_problem *problem)
{
    size_t index;
    enum ss_layer_kind kind = probe->stack.layers[layer].kind;
    if (!ss_layer_field_from_name(kind, field, &index) || probe_is_given(probe, layer, index))
        return SS_OK;
    return probe_set(probe, layer, field, value, problem);
}

static enum ss_status give_address(struct ss_probe *probe, size_t layer, const char *field,
                                   const struct ss_address *address, struct ss_problem *problem)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    uint8_t version = probe->stack.layers[layer].kind == SS_LAYER_IP6 ? 6 : 4;
    if (address->version != version)
        return SS_OK; /* a tunnel of the other version: the words must say */
    ss_address_format(text, address);
    return probe_give(probe, layer, field, text, problem);
}

static enum ss_status give_port(struct ss_probe *probe, size_t layer, const char *field,
                                uint16_t port, struct ss_problem *problem)
{
    char text[16];
    size_t index;
    enum ss_layer_kind kind = probe->stack.layers[layer].kind;
    bool given =
        ss_layer_field_from_name(kind, field, &index) && probe_is_given(probe, layer, index);
    if (port == 0 && !given && strcmp(field, "dport") == 0)
        return ss_problem_set(problem, SS_USAGE,
                              "%s: to which port? give HOST:PORT, or dport=80, or dport=1-1024",
                              ss_layer_table(kind)->name);
    snprintf(text, sizeof(text), "%u", port);
    return probe_give(probe, layer, field, text, problem);
}

static enum ss_status give_ip(struct ss_probe *probe, size_t layer,
                              const struct ss_probe_ends *ends, struct ss_problem *problem)
{
    enum ss_status status = give_address(probe, layer, "src", &ends->source, problem);
    return status == SS_OK ? give_address(probe, layer, "dst", &ends->target, problem) : status;
}

/* Who asks, and for whom. */
static enum ss_status give_arp(struct ss_probe *probe, size_t layer,
                               const struct ss_probe_ends *ends, struct ss_problem *problem)
{
    size_t asked;
    if (ends->target.version == 6 && ss_layer_field_from_name(SS_LAYER_ARP, "tpa", &asked) &&
        !probe_is_given(probe, layer, asked))
        return ss_problem_set(problem, SS_USAGE,
                              "arp asks for IPv4 addresses, but the target is IPv6; give -4, or an "
                              "address of that version");
    enum ss_status status = give_address(probe, layer, "spa", &ends->source, problem);
    return status == SS_OK ? give_address(probe, layer, "tpa", &ends->target, problem) : status;
}

static enum ss_status give_transport(struct ss_probe *probe, size_t layer,
                                     const struct ss_probe_ends *ends, struct ss_problem *problem)
{
    enum ss_status status = give_port(probe, layer, "sport", ends->source_port, problem);
    if (status == SS_OK)
        status = give_port(probe, layer, "dport", ends->target_port, problem);
    if (status != SS_OK || probe->stack.layers[layer].kind == SS_LAYER_UDP)
        return status;
    status = probe_give(probe, layer, "seq", "J", problem);
    if (status == SS_OK)
        status = probe_give(probe, layer, "flags", "SYN", problem);
    return status;
}

/* What has an identifier and a number: echo, and IPv4's timestamp, information and mask. */
static bool is_question(const struct ss_probe *probe, size_t layer)
{
    enum ss_layer_kind kind = probe->stack.layers[layer].kind;
    for (size_t i = 0; i < probe->value_count; i++) {
        uint32_t type = probe->values[i].series.items[0].first;
        if (probe->values[i].layer != layer || probe->values[i].series.field != 0) /* type */
            continue;
        return kind == SS_LAYER_ICMP6 ? type == 128
                                      : type == 8 || type == 13 || type == 15 || type == 17;
    }
    return true; /* the usual type */
}

/* Questions: who asks is a number for the whole series, the questions are counted. */
static enum ss_status give_echo(struct ss_probe *probe, size_t layer, struct ss_problem *problem)
{
    char text[16];
    uint32_t id = ss_random_next32(&probe->names.random) & UINT16_MAX;
    if (!is_question(probe, layer))
        return SS_OK;
    snprintf(text, sizeof(text), "%" PRIu32, id);
    enum ss_status status = probe_give(probe, layer, "id", text, problem);
    return status == SS_OK ? probe_give(probe, layer, "seq", "1+i", problem) : status;
}

static enum ss_status give_values(struct ss_probe *probe, size_t layer,
                                  const struct ss_probe_ends *ends, struct ss_problem *problem)
{
    switch (probe->stack.layers[layer].kind) {
    case SS_LAYER_IP:
    case SS_LAYER_IP6:
        return give_ip(probe, layer, ends, problem);
    case SS_LAYER_TCP:
    case SS_LAYER_UDP:
        return give_transport(probe, layer, ends, problem);
    case SS_LAYER_ICMP:
    case SS_LAYER_ICMP6:
        return give_echo(probe, layer, problem);
    case SS_LAYER_ARP:
        return give_arp(probe, layer, ends, problem);
    case SS_LAYER_ETHER:
    case SS_LAYER_VLAN:
    case SS_LAYER_HOP:
    case SS_LAYER_ROUTE:
    case SS_LAYER_FRAG:
    case SS_LAYER_DEST:
    case SS_LAYER_IGMP:
    case SS_LAYER_RAW:
        return SS_OK;
    }
    return SS_OK;
}

/* --- counting -----------------------------------------------------------------------------------
 */

/* The last list varies fastest. */
static enum ss_status count_frames(struct ss_probe *probe, struct ss_problem *problem)
{
    uint64_t count = 1;
    for (size_t i = probe->value_count; i-- > 0;) {
        probe->values[i].stride = count;
        if (probe->values[i].series.count > UINT32_MAX / count)
            return ss_problem_set(problem, SS_USAGE,
                                  "the lists make more than 4,294,967,295 combinations");
        count *= probe->values[i].series.count;
    }
    probe->count = count;
    return SS_OK;
}

/* Every end of every list: lengths are the same in all frames, offsets of fragments are not. */
static enum ss_status try_value(const struct ss_probe *probe, const struct probe_value *value,
                                uint8_t *octets, struct ss_problem *problem)
{
    uint64_t at = 0;
    enum ss_status status = SS_OK;
    for (size_t i = 0; i < value->series.item_count && status == SS_OK; i++) {
        uint64_t last = at + value->series.items[i].count - 1;
        size_t length;
        status =
            ss_probe_build(probe, at * value->stride, octets, SS_FRAME_BYTES_MAX, &length, problem);
        if (status == SS_OK && last != at)
            status = ss_probe_build(probe, last * value->stride, octets, SS_FRAME_BYTES_MAX,
                                    &length, problem);
        at = last + 1;
    }
    return status;
}

static enum ss_status try_frames(const struct ss_probe *probe, struct ss_problem *problem)
{
    size_t length;
    uint8_t *octets = malloc(SS_FRAME_BYTES_MAX);
    if (!octets)
        return ss_problem_set(problem, SS_IO, "out of memory for a frame");
    enum ss_status status = ss_probe_build(probe, 0, octets, SS_FRAME_BYTES_MAX, &length, problem);
    for (size_t i = 0; i < probe->value_count && status == SS_OK; i++)
        status = try_value(probe, &probe->values[i], octets, problem);
    free(octets);
    return status;
}

enum ss_status ss_probe_finish(struct ss_probe *probe, const struct ss_probe_ends *ends,
                               struct ss_problem *problem)
{
    enum ss_status status = add_layers(probe, ends->target.version, problem);
    if (status == SS_OK)
        status = check_version(probe, ends->target.version, problem);
    if (status == SS_OK)
        status = probe_give_way(probe, ends, problem);
    for (size_t i = 0; i < probe->stack.count && status == SS_OK; i++)
        status = give_values(probe, i, ends, problem);
    if (status == SS_OK)
        status = count_frames(probe, problem);
    if (status == SS_OK)
        status = try_frames(probe, problem);
    if (status == SS_OK)
        probe_fast_renew(probe);
    return status;
}
