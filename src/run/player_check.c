/* player_check: what can be known to be wrong before anything is sent. */
#include <string.h>

#include "player_parts.h"

static enum ss_status check_version(const struct ss_step *step, uint8_t version,
                                    struct ss_problem *problem)
{
    for (size_t i = 0; i < step->segment.field_count; i++) {
        const struct ss_field_value *field = &step->segment.fields[i];
        const char *name = ss_field_text(field->field);
        bool v4 = field->field >= SS_FIELD_IP_VERSION && field->field <= SS_FIELD_IP_CHECKSUM;
        bool v6 = field->field >= SS_FIELD_IP6_VERSION && field->field <= SS_FIELD_IP6_NEXT;
        if ((v4 && version == 6) || (v6 && version == 4))
            return fail_at(step, problem, SS_USAGE,
                           "IPv%u has no %s; say 'only ipv%u' in the scenario, or run it with -%u",
                           version, name, version == 6 ? 4 : 6, version == 6 ? 4 : 6);
        if (field->value.kind == SS_VALUE_ADDRESS && field->value.address.version != version)
            return fail_at(step, problem, SS_USAGE,
                           "%s is an address of the other IP version; this run is over IPv%u", name,
                           version);
    }
    if ((step->segment.corrupt & SS_CORRUPT_IP_CHECKSUM) && version == 6)
        return fail_at(
            step, problem, SS_USAGE,
            "IPv6 has no IP checksum to corrupt; say 'only ipv4' in the scenario, or run "
            "it with -4");
    return SS_OK;
}

/* A number that is known without any name: whether it fits so many bits. */
static bool fits(const struct ss_expression *expression, unsigned bits)
{
    return expression->term_count > 0 || bits >= 32 || expression->constant >> bits == 0;
}

static enum ss_status check_header(const struct ss_step *step, const struct ss_header_value *header,
                                   uint8_t version, struct ss_problem *problem)
{
    const struct ss_segment_step *segment = &step->segment;
    enum ss_layer_kind kind = SS_LAYER_UDP;
    bool group = segment->protocol == SS_PROTOCOL_ICMP && strcmp(header->name, "group") == 0;
    bool address = header->value.kind == SS_VALUE_ADDRESS;
    bool card = header->value.kind == SS_VALUE_CARD;
    size_t field = 0;
    if (group ? version == 4
              : !ss_message_field(segment->protocol, version, header->name, &kind, &field))
        return fail_at(step, problem, SS_USAGE,
                       "ICMP of IPv%u has no %s; say 'only ipv%u' in the scenario, or run it with "
                       "-%u",
                       version, header->name, version == 6 ? 4 : 6, version == 6 ? 4 : 6);
    if (address && header->value.address.version != version)
        return fail_at(step, problem, SS_USAGE,
                       "%s is an address of the other IP version; this run is over IPv%u",
                       header->name, version);
    if (group || address || card)
        return SS_OK;
    unsigned bits = ss_layer_table(kind)->fields[field].bits;
    if (!fits(&header->value.low, bits) || !fits(&header->value.high, bits))
        return fail_at(step, problem, SS_USAGE, "%s has %u bits over IPv%u: 0 to %u", header->name,
                       bits, version, (1U << bits) - 1);
    return SS_OK;
}

static bool speaks_of_messages(const struct ss_scenario *scenario)
{
    for (int i = SS_PROTOCOL_UDP; i < SS_PROTOCOLS; i++)
        if (scenario->speaks_of[i])
            return true;
    return false;
}

/* What one version of IP has, and the simulated far end, which is a TCP alone. */
static enum ss_status check_message(const struct ss_player_options *options,
                                    const struct ss_step *step, struct ss_problem *problem)
{
    const struct ss_segment_step *segment = &step->segment;
    uint8_t version = options->local.address.version, other = version == 6 ? 4 : 6;
    enum ss_layer_kind kind;
    if (segment->protocol == SS_PROTOCOL_TCP)
        return SS_OK;
    if (options->simulated)
        return fail_at(step, problem, SS_USAGE,
                       "the simulated wire's far end speaks TCP only; say 'only live' in the "
                       "scenario, or run it without --simulate");
    if (step->kind != SS_STEP_SEND && !speaks_of_messages(options->scenario))
        return fail_at(step, problem, SS_USAGE,
                       "this scenario speaks of TCP only, and nothing else is listened to: put a "
                       "step of %s into it",
                       ss_protocol_text(segment->protocol));
    if (!ss_protocol_layer(segment->protocol, version, &kind))
        return fail_at(step, problem, SS_USAGE,
                       "IPv6 has no %s; say 'only ipv4' in the scenario, or run it with -4",
                       segment->protocol == SS_PROTOCOL_IGMP
                           ? "IGMP: its MLD is ICMP"
                           : "ARP: its neighbour discovery is ICMP");
    if (segment->protocol == SS_PROTOCOL_ARP && !options->scenario->speaks_of[SS_PROTOCOL_ARP])
        return fail_at(step, problem, SS_USAGE,
                       "this scenario does not speak of ARP, and has no wire for its frames: put a "
                       "step of ARP into it");
    if (segment->protocol == SS_PROTOCOL_ARP &&
        ss_address_equal(&options->local.address, &options->peer.address))
        return fail_at(step, problem, SS_USAGE,
                       "there is no ARP on loopback: run it between private hosts, or toward "
                       "another host");
    if (segment->type && !ss_message_type_number(segment->type, version)->there)
        return fail_at(step, problem, SS_USAGE,
                       "ICMP of IPv%u has no %s; say 'only ipv%u' in the scenario, or run it with "
                       "-%u",
                       version, segment->type->name, other, other);
    enum ss_status status = SS_OK;
    for (size_t i = 0; status == SS_OK && i < segment->header_count; i++)
        status = check_header(step, &segment->headers[i], version, problem);
    return status;
}

static enum ss_status check_peer(const struct ss_player_options *options,
                                 const struct ss_step *step, struct ss_problem *problem)
{
    uint8_t group = step->peer.group.version, version = options->local.address.version;
    if (!options->far)
        return fail_at(step, problem, SS_USAGE,
                       "'%s': somebody else's server takes no orders and bears no witness; "
                       "leave HOST:PORT away for a private peer",
                       step->text);
    if (group != 0 && group != version)
        return fail_at(step, problem, SS_USAGE,
                       "'%s': that is a group of the other IP version; say 'only ipv%u' in the "
                       "scenario, or run it with -%u",
                       step->text, group, group);
    return SS_OK;
}

static bool is_zero(const struct ss_value *value)
{
    static const struct ss_address none = {.version = 4};
    if (value->kind == SS_VALUE_ADDRESS)
        return ss_address_equal(&value->address, &none);
    return value->kind == SS_VALUE_EQUAL && value->low.term_count == 0 && value->low.constant == 0;
}

/* What the kernel under the raw wire fills in or overwrites (raw(7)). */
static bool is_rewritten(const struct ss_field_value *field)
{
    if (field->field == SS_FIELD_IP_LENGTH || field->field == SS_FIELD_IP_CHECKSUM)
        return true;
    return (field->field == SS_FIELD_IP_ID || field->field == SS_FIELD_SOURCE) &&
           is_zero(&field->value);
}

static enum ss_status check_rewritten(const struct ss_step *step, struct ss_problem *problem)
{
    for (size_t i = 0; i < step->segment.field_count; i++)
        if (is_rewritten(&step->segment.fields[i]))
            return fail_at(step, problem, SS_USAGE,
                           "the kernel would overwrite %s as it is given here (raw(7)); it can go "
                           "over the simulated wire only: --simulate",
                           ss_field_text(step->segment.fields[i].field));
    if (step->segment.corrupt & SS_CORRUPT_IP_CHECKSUM)
        return fail_at(step, problem, SS_USAGE,
                       "the kernel would mend the IP checksum (raw(7)); it can be corrupted over "
                       "the simulated wire only: --simulate");
    return SS_OK;
}

enum ss_status ss_player_check_step(const struct ss_player_options *options,
                                    const struct ss_step *step, struct ss_problem *problem)
{
    uint8_t version = options->local.address.version;
    enum ss_status status = SS_OK;
    switch (step->kind) {
    case SS_STEP_SEND:
        status = check_version(step, version, problem);
        if (status == SS_OK)
            status = check_message(options, step, problem);
        if (status == SS_OK && options->raw && version == 4)
            status = check_rewritten(step, problem);
        return status;
    case SS_STEP_EXPECT:
    case SS_STEP_EXPECT_OPTIONAL:
    case SS_STEP_EXPECT_SKIPPING:
    case SS_STEP_EXPECT_NOT:
        status = check_version(step, version, problem);
        return status == SS_OK ? check_message(options, step, problem) : status;
    case SS_STEP_PEER:
        return check_peer(options, step, problem);
    case SS_STEP_GROUP:
    case SS_STEP_LET:
    case SS_STEP_WAIT:
    case SS_STEP_HARM:
    case SS_STEP_SET:
        return SS_OK;
    }
    return SS_OK;
}

static enum ss_status check_needs(const struct ss_player_options *options,
                                  struct ss_problem *problem)
{
    const struct ss_scenario_needs *needs = &options->scenario->needs;
    if (needs->live && options->simulated)
        return ss_problem_set(problem, SS_USAGE,
                              "this scenario says 'only live': it needs a real kernel as its peer");
    if (needs->simulated && !options->simulated)
        return ss_problem_set(problem, SS_USAGE,
                              "this scenario says 'only simulated': run it with --simulate");
    if (needs->version != 0 && needs->version != options->local.address.version)
        return ss_problem_set(problem, SS_USAGE, "this scenario says 'only ipv%u': run it with -%u",
                              needs->version, needs->version);
    return SS_OK;
}

enum ss_status ss_player_check(const struct ss_player_options *options, struct ss_problem *problem)
{
    const struct ss_scenario *scenario = options->scenario;
    enum ss_status status = check_needs(options, problem);
    for (size_t i = 0; status == SS_OK && i < scenario->step_count; i++)
        status = ss_player_check_step(options, &scenario->steps[i], problem);
    return status;
}
