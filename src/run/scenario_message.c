/* scenario_message: UDP, ICMP, IGMP and ARP in the place of flags: their types and own fields. */
#include <string.h>

#include "scenario_parts.h"

enum { TYPES_MAX = 24, LIST_SIZE = 200, WORDS_MAX = 2 * SS_LAYER_FIELDS_MAX };

bool protocol_find(const struct word *word, enum ss_protocol *protocol)
{
    for (int i = SS_PROTOCOL_UDP; i < SS_PROTOCOLS; i++) {
        if (!word_is_anyhow(word, ss_protocol_text((enum ss_protocol)i)))
            continue;
        *protocol = (enum ss_protocol)i;
        return true;
    }
    return false;
}

/* --- types -------------------------------------------------------------------------------------*/

static void report_type(struct parser *parser, enum ss_protocol protocol, const struct word *word)
{
    const char *names[TYPES_MAX];
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE], list[LIST_SIZE];
    size_t count;
    const struct ss_message_type *types = ss_message_types(protocol, &count);
    for (size_t i = 0; i < count; i++)
        names[i] = types[i].name;
    word_shown(shown, word);
    if (*hint_nearest(parser, hint, word, names, count))
        parse_report(parser, word, "%s has no type '%s'%s", ss_protocol_text(protocol), shown,
                     hint);
    else
        parse_report(parser, word, "%s has no type '%s'; it has %s", ss_protocol_text(protocol),
                     shown, list_words(list, sizeof(list), names, count));
}

/* What begins with a letter and is no FIELD=VALUE, payload or keyword is to be a type. */
static bool is_type(const struct parser *parser, const struct word *word)
{
    static const char *const others[] = {"size", "within", "after", "no", "corrupt"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (word_is(word, others[i]))
            return false;
    (void)parser;
    return word->length > 0 && !memchr(word_octets(word), '=', word->length) &&
           !memchr(word_octets(word), ':', word->length) && name_begins(word_octets(word)[0]);
}

void parse_type(struct parser *parser, struct ss_segment_step *segment)
{
    struct word word = cursor_lump(parser);
    size_t count;
    const struct ss_message_type *types = ss_message_types(segment->protocol, &count);
    if (count == 0 || !is_type(parser, &word))
        return;
    for (size_t i = 0; i < count; i++)
        if (word_is(&word, types[i].name))
            segment->type = &types[i];
    if (!segment->type)
        report_type(parser, segment->protocol, &word);
    parser->cursor.at += word.length;
}

/* --- fields ------------------------------------------------------------------------------------*/

/* A field as either version of IP has it: the wider of both. */
struct header_field {
    const char *name;
    unsigned bits; /* 0: an address */
};

static void widen(struct header_field *field, const struct ss_layer_field *described)
{
    bool address = described->form == SS_FORM_IPV4;
    if (!field->name || described->bits > field->bits)
        *field = (struct header_field){described->name, address ? 0 : described->bits};
}

/* Of the header before ARP. */
static const char *const ether_names[] = {"ether.dst", "ether.src", "ether.type"};

enum { ETHER_NAMES = sizeof(ether_names) / sizeof(ether_names[0]) };

static void find_ether(const struct word *word, struct header_field *field)
{
    enum ss_layer_kind kind;
    size_t index;
    for (size_t i = 0; i < ETHER_NAMES; i++)
        if (word_is(word, ether_names[i]) &&
            ss_message_field(SS_PROTOCOL_ARP, 4, ether_names[i], &kind, &index))
            *field =
                (struct header_field){ether_names[i], ss_layer_table(kind)->fields[index].bits};
}

/* That MLD, which is ICMPv6, speaks of groups no table says: they stand behind the header. */
static bool field_of(enum ss_protocol protocol, const struct word *word, struct header_field *field)
{
    static const uint8_t versions[] = {4, 6};
    *field = (struct header_field){NULL, 0};
    if (protocol == SS_PROTOCOL_ICMP && word_is(word, "group"))
        field->name = "group";
    if (protocol == SS_PROTOCOL_ARP)
        find_ether(word, field);
    for (size_t v = 0; v < sizeof(versions); v++) {
        enum ss_layer_kind kind;
        if (!ss_protocol_layer(protocol, versions[v], &kind))
            continue;
        const struct ss_layer_table *table = ss_layer_table(kind);
        for (size_t i = 0; i < table->field_count; i++)
            if (word_is(word, table->fields[i].name) && table->fields[i].until == 0)
                widen(field, &table->fields[i]);
    }
    return field->name;
}

static bool is_given(const struct parser *parser, const struct ss_segment_step *segment,
                     const char *name)
{
    for (size_t i = 0; i < segment->header_count; i++)
        if (strcmp(parser->scratch->headers[i].name, name) == 0)
            return true;
    return false;
}

/* Where a report has its groups in records, or behind its header, they are sent as octets. */
static bool is_group_elsewhere(const struct ss_segment_step *segment)
{
    return segment->protocol == SS_PROTOCOL_ICMP ||
           (segment->type && strcmp(segment->type->name, "report-v3") == 0);
}

bool parse_header(struct parser *parser, const struct segment_parse *parse, const struct word *word)
{
    struct ss_segment_step *segment = parse->segment;
    struct header_field field;
    if (!field_of(segment->protocol, word, &field))
        return false;
    struct value_rules rules = segment_rules(parser, parse, field.name, field.bits);
    struct ss_header_value given = {.name = field.name, .place = place_of(&word->place)};
    expect_field_equals(parser, word);
    if (is_given(parser, segment, field.name))
        parse_report(parser, word, "%s stands here twice", field.name);
    else if (segment->field_count + segment->header_count >= SS_SCENARIO_FIELDS_MAX)
        parse_report(parser, word, "a segment gives at most %d fields", SS_SCENARIO_FIELDS_MAX);
    else if (!parse->matching && strcmp(field.name, "group") == 0 && is_group_elsewhere(segment))
        parse_report(parser, word,
                     "this message has its groups behind its header: send them as "
                     "octets, hex:");
    parse_value(parser, &rules, &given.value);
    if (!parser->muted)
        parser->scratch->headers[segment->header_count++] = given;
    return true;
}

/* --- what is wrong with it ---------------------------------------------------------------------*/

/* Those of one version of IP that are not there yet. */
static size_t add_words(enum ss_layer_kind kind, const char *words[WORDS_MAX], size_t count)
{
    const struct ss_layer_table *table = ss_layer_table(kind);
    for (size_t i = 0; i < table->field_count; i++) {
        size_t at = 0;
        while (at < count && strcmp(words[at], table->fields[i].name) != 0)
            at++;
        if (at == count && table->fields[i].until == 0)
            words[count++] = table->fields[i].name;
    }
    return count;
}

/* The names of its fields, and of those of what carries it that any may have. */
static size_t message_words(enum ss_protocol protocol, const char *words[WORDS_MAX])
{
    static const char *const ip_names[] = {"ttl", "tos", "source", "destination"};
    enum { IP_NAMES = sizeof(ip_names) / sizeof(ip_names[0]) };
    enum ss_layer_kind kind;
    size_t count = 0;
    for (uint8_t version = 4; version <= 6; version += 2)
        if (ss_protocol_layer(protocol, version, &kind))
            count = add_words(kind, words, count);
    if (protocol == SS_PROTOCOL_ICMP)
        words[count++] = "group";
    bool arp = protocol == SS_PROTOCOL_ARP;
    const char *const *carriers = arp ? ether_names : ip_names;
    for (size_t i = 0; i < (arp ? ETHER_NAMES : IP_NAMES); i++)
        words[count++] = carriers[i];
    return count;
}

void report_message_item(struct parser *parser, const struct ss_segment_step *segment,
                         const struct word *word)
{
    const char *words[WORDS_MAX], *protocol = ss_protocol_text(segment->protocol);
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE], list[LIST_SIZE];
    size_t count = message_words(segment->protocol, words);
    struct word name = *word;
    const char *equals = memchr(word_octets(word), '=', word->length);
    if (equals)
        name.length = (size_t)(equals - word_octets(word));
    word_shown(shown, &name);
    if (flag_is(&name))
        parse_report(parser, word, "flags are TCP's, and %s has none", protocol);
    else if (*hint_nearest(parser, hint, &name, words, count))
        parse_report(parser, word, "%s has no field '%s'%s", protocol, shown, hint);
    else
        parse_report(parser, word, "%s has no field '%s'; it has %s", protocol, shown,
                     list_words(list, sizeof(list), words, count));
}

/* How a step of that protocol may begin. */
static const char *begun(enum ss_protocol protocol)
{
    switch (protocol) {
    case SS_PROTOCOL_ICMP:
        return "ICMP echo-request";
    case SS_PROTOCOL_IGMP:
        return "IGMP report";
    case SS_PROTOCOL_ARP:
        return "ARP request";
    case SS_PROTOCOL_TCP:
    case SS_PROTOCOL_UDP:
        break;
    }
    return "";
}

void check_message(struct parser *parser, const struct segment_parse *parse,
                   const struct word *first)
{
    const struct ss_segment_step *segment = parse->segment;
    bool arp = segment->protocol == SS_PROTOCOL_ARP;
    bool typed = segment->type || is_given(parser, segment, arp ? "op" : "type");
    if (segment->protocol == SS_PROTOCOL_TCP)
        return;
    if (segment->protocol != SS_PROTOCOL_UDP && !typed)
        parse_report(parser, first, "%.*s needs its type: %s", (int)first->length,
                     word_octets(first), begun(segment->protocol));
    else if (!parse->matching && segment->type && ss_message_type_is_error(segment->type) &&
             segment->payload.kind == SS_PAYLOAD_NONE && !parser->expects && !parser->alone)
        parse_report(parser, first,
                     "an ICMP error quotes what came last, and nothing is expected before it; or "
                     "give it octets: hex:");
}
