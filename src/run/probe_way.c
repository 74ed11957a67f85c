/* probe_way: the way of a message about groups or neighbours, where the words leave it open. */
#include "probe_parts.h"
#include "synstep/way.h"

/* A message, and what carries it. */
struct carried {
    size_t ip;
    size_t message;
    struct ss_way way;
};

/* The layer as the first frame has it. */
static struct ss_layer first_of(const struct ss_probe *probe, size_t layer)
{
    struct ss_layer first = probe->stack.layers[layer];
    for (size_t i = 0; i < probe->value_count; i++) {
        const struct ss_series_at at = probe_place_in(probe, i, 0);
        if (probe->values[i].layer == layer && probe->values[i].option_at == 0)
            ss_series_put(&probe->values[i].series, &at, &first);
    }
    return first;
}

/* The outermost message, if it has a way of its own; another may be quoted by it. */
static bool find(const struct ss_probe *probe, struct carried *found)
{
    const struct ss_layer *layers = probe->stack.layers;
    size_t count = probe->stack.count, i = 0;
    found->ip = count;
    for (; i < count && layers[i].kind != SS_LAYER_IGMP && layers[i].kind != SS_LAYER_ICMP6; i++)
        if (layers[i].kind == SS_LAYER_IP || layers[i].kind == SS_LAYER_IP6)
            found->ip = i;
    if (i == count || found->ip == count)
        return false;
    const struct ss_layer message = first_of(probe, i);
    bool more = i + 1 < count && layers[i + 1].kind == SS_LAYER_RAW;
    found->message = i;
    return ss_way_of(&message, more ? layers[i + 1].rest : NULL,
                     more ? layers[i + 1].rest_length : 0, &found->way);
}

/* Options whose length, or whose place, the words decide are theirs. */
static bool is_given(const struct ss_probe *probe, size_t layer, const char *field)
{
    size_t index;
    return probe->rest_given[layer] ||
           (ss_layer_field_from_name(probe->stack.layers[layer].kind, field, &index) &&
            probe_is_given(probe, layer, index));
}

static enum ss_status give_alert4(struct ss_probe *probe, size_t ip, struct ss_problem *problem)
{
    return is_given(probe, ip, "ihl")
               ? SS_OK
               : probe_append(probe, ip, ss_way_alert_ipv4, SS_WAY_ALERT_BYTES, problem);
}

/* Into hop-by-hop options that are there without any, or into some that are made. */
static enum ss_status give_alert6(struct ss_probe *probe, const struct carried *found,
                                  struct ss_problem *problem)
{
    size_t at = found->ip + 1;
    bool hop = probe->stack.layers[at].kind == SS_LAYER_HOP;
    if (hop ? is_given(probe, at, "length") : is_given(probe, found->ip, "next"))
        return SS_OK;
    enum ss_status status = hop ? SS_OK : probe_insert(probe, at, SS_LAYER_HOP, problem);
    return status == SS_OK ? probe_append(probe, at, ss_way_alert_ipv6, SS_WAY_ALERT_BYTES, problem)
                           : status;
}

static enum ss_status give_address(struct ss_probe *probe, size_t ip, const char *field,
                                   const struct ss_address *address, struct ss_problem *problem)
{
    char text[SS_ADDRESS_TEXT_SIZE];
    if (address->version == 0)
        return SS_OK;
    ss_address_format(text, address);
    return probe_give(probe, ip, field, text, problem);
}

/* Whom a solicitation asks for, or an advertisement is about, unless octets say it. */
static enum ss_status give_target(struct ss_probe *probe, const struct ss_probe_ends *ends,
                                  struct ss_problem *problem)
{
    enum { SOLICITATION = 135, ADVERTISEMENT = 136 };
    int at = probe_find(probe, SS_LAYER_ICMP6);
    bool octets = at >= 0 && (size_t)at + 1 < probe->stack.count;
    if (at < 0 || octets)
        return SS_OK;
    uint8_t type = first_of(probe, (size_t)at).fixed[0];
    const struct ss_address *target = type == SOLICITATION ? &ends->target : &ends->source;
    if ((type != SOLICITATION && type != ADVERTISEMENT) || target->version != 6)
        return SS_OK;
    return give_address(probe, (size_t)at, "target", target, problem);
}

enum ss_status probe_give_way(struct ss_probe *probe, const struct ss_probe_ends *ends,
                              struct ss_problem *problem)
{
    struct carried found;
    enum ss_status status = give_target(probe, ends, problem);
    if (status != SS_OK || !find(probe, &found))
        return status;
    bool v6 = probe->stack.layers[found.ip].kind == SS_LAYER_IP6;
    status =
        probe_give(probe, found.ip, v6 ? "hop" : "ttl", found.way.hops == 1 ? "1" : "255", problem);
    if (status == SS_OK && ends->groups && found.way.to.version == (v6 ? 6 : 4))
        status = give_address(probe, found.ip, "dst", &found.way.to, problem);
    if (status == SS_OK && ends->groups && found.way.alert && v6)
        status = give_address(probe, found.ip, "src", &ends->link_source, problem);
    if (status != SS_OK || !found.way.alert)
        return status;
    return v6 ? give_alert6(probe, &found, problem) : give_alert4(probe, found.ip, problem);
}
