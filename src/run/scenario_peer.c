/* scenario_peer: what the peer's application does, and what it must find. */
#include <string.h>

#include "scenario_parts.h"

enum {
    USUAL_BACKLOG = -1,
    BACKLOG_MAX = 65535,
    CROWD_MAX = 65535,
    SYSCTL_BYTES_MAX = 255,
    LIST_SIZE = 160
};

/* --- = -----------------------------------------------------------------------------------------*/

/* An equals sign with spaces around. */
static bool parse_equals(struct parser *parser)
{
    cursor_skip_blanks(parser);
    bool equals = cursor_take(parser, "=");
    cursor_skip_blanks(parser);
    return equals;
}

static void expect_equals(struct parser *parser, const char *example)
{
    if (!parse_equals(parser))
        parse_report_here(parser, "= is expected: %s", example);
}

/* --- commands ----------------------------------------------------------------------------------*/

static bool is_digit(int octet)
{
    return octet >= '0' && octet <= '9';
}

static void parse_listen(struct parser *parser, struct ss_peer_step *peer)
{
    peer->command.number = USUAL_BACKLOG;
    cursor_skip_blanks(parser);
    if (is_digit(cursor_peek(parser)))
        parse_report_here(parser, "the word backlog is expected before its number");
    if (!cursor_take_word(parser, "backlog"))
        return;
    cursor_skip_blanks(parser);
    peer->command.number = parse_constant(parser, TIGHT, "a backlog", 0, BACKLOG_MAX);
}

static void parse_crowd(struct parser *parser, struct ss_peer_step *peer)
{
    cursor_skip_blanks(parser);
    peer->command.number = parse_constant(parser, TIGHT, "a crowd", 0, CROWD_MAX);
}

static void parse_read(struct parser *parser, struct ss_peer_step *peer)
{
    cursor_skip_blanks(parser);
    peer->command.number = parse_constant(parser, TIGHT, "what is read", 1, SS_FAR_READ_MAX);
}

/* One payload item or more; nothing is carried by none. */
static void parse_carried(struct parser *parser, bool matching, size_t most,
                          struct ss_payload *payload)
{
    cursor_skip_blanks(parser);
    struct word place = cursor_lump(parser);
    while (!parser->stopped && parse_payload(parser, matching, most, payload)) {
        if (!cursor_at_gap(parser))
            parse_report_here(parser, "white space is expected between items");
        cursor_skip_blanks(parser);
    }
    payload_finish(parser, payload);
    if (payload->kind == SS_PAYLOAD_NONE)
        parse_report(parser, &place, "octets are expected: \"text\", hex:0a0b, file:NAME, size 10");
}

static void parse_send(struct parser *parser, struct ss_peer_step *peer)
{
    parse_carried(parser, false, SS_FAR_SEND_MAX, &peer->payload);
    peer->command.urgent = cursor_take_word(parser, "urgent");
}

static void parse_sendto(struct parser *parser, struct ss_peer_step *peer)
{
    parse_carried(parser, false, SS_FAR_DATAGRAM_MAX, &peer->payload);
}

/* The address of a multicast group (RFC 1112 section 4, RFC 4291 section 2.7). */
static void parse_member(struct parser *parser, struct ss_peer_step *peer)
{
    static const struct value_rules rules = {.what = "a group"};
    struct ss_value value = {0};
    char text[SS_ADDRESS_TEXT_SIZE];
    cursor_skip_blanks(parser);
    struct word word = cursor_lump(parser);
    parse_value(parser, &rules, &value);
    uint8_t first = value.address.octets[0];
    bool group = value.address.version == 4 ? first >> 4 == 14 : first == 0xff;
    if (!group)
        parse_report(parser, &word,
                     "a multicast group is expected: 224.0.0.0 to 239.255.255.255, or ff00::/8");
    ss_address_format(text, &value.address);
    peer->group = value.address;
    peer->command.text = parse_copy(parser, text, strlen(text));
}

static void parse_shutdown(struct parser *parser, struct ss_peer_step *peer)
{
    (void)peer;
    cursor_skip_blanks(parser);
    (void)cursor_take_word(parser, "write");
}

static size_t count_of(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

/* The one of `names` that stands here, or a complaint and NULL. */
static const char *parse_one_of(struct parser *parser, const char *what, const char *also,
                                const char *const *names, size_t count)
{
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE], list[LIST_SIZE];
    cursor_skip_blanks(parser);
    struct word word = cursor_word(parser, also);
    for (size_t i = 0; i < count; i++)
        if (word_is(&word, names[i]))
            return names[i];
    list_words(list, sizeof(list), names, count);
    word_shown(shown, &word);
    if (word.length == 0)
        parse_report_here(parser, "one of these is expected: %s", list);
    else if (*hint_nearest(parser, hint, &word, names, count))
        parse_report(parser, &word, "no %s '%s'%s", what, shown, hint);
    else
        parse_report(parser, &word, "no %s '%s'; there are %s", what, shown, list);
    return NULL;
}

static void parse_set(struct parser *parser, struct ss_peer_step *peer)
{
    const char *const *names = ss_far_option_names();
    struct ss_expression expression;
    uint32_t value = 1;
    peer->command.name = parse_one_of(parser, "socket option", "", names, count_of(names));
    peer->command.number = 1;
    bool equals = parse_equals(parser);
    if (!equals && is_digit(cursor_peek(parser)))
        parse_report_here(parser, "= is expected: nodelay = 1");
    if (!equals)
        return;
    struct word place = cursor_lump(parser);
    parse_expression(parser, SPACED, &expression);
    if (!expression_constant(parser, &expression, &value))
        parse_report(parser, &place,
                     "an option's value must be known from the start: by numbers, param and let");
    peer->command.number = (int32_t)value; /* as setsockopt takes it: -1 is -1 */
}

static void check_sysctl(struct parser *parser, const struct word *word)
{
    const char *octets = word_octets(word);
    bool inside = word->length > 4 && memcmp(octets, "net.", 4) == 0;
    for (size_t i = 1; inside && i < word->length; i++)
        inside = octets[i] != '.' || octets[i - 1] != '.';
    if (!inside || word->length > SYSCTL_BYTES_MAX)
        parse_report(parser, word,
                     "a network setting is expected, such as net.ipv4.tcp_syncookies = 2");
}

/* All that is left of the line: some settings have three numbers. */
static void parse_setting(struct parser *parser, struct ss_peer_step *peer)
{
    struct word text = {.place = parser->cursor};
    size_t last = parser->cursor.at;
    while (!cursor_at_end(parser) && parser->cursor.line == text.place.line) {
        size_t length = character_visible(parser->cursor.source->text + parser->cursor.at,
                                          parser->cursor.source->length - parser->cursor.at);
        if (length == 0)
            parse_report_here(parser, "a setting holds only characters that can be seen");
        else if (cursor_peek(parser) == '"')
            parse_report_here(parser, "a setting stands without quotes");
        parser->cursor.at += length ? length : 1;
        last = parser->cursor.at;
    }
    text.length = last - text.place.at;
    if (text.length == 0 || text.length > SYSCTL_BYTES_MAX)
        parse_report(parser, &text, "a value is expected, of at most %d octets", SYSCTL_BYTES_MAX);
    peer->command.text = parse_copy(parser, word_octets(&text), text.length);
}

static void parse_sysctl(struct parser *parser, struct ss_peer_step *peer)
{
    cursor_skip_blanks(parser);
    struct word word = cursor_word(parser, ".-");
    if (word.length == 0)
        word = cursor_lump(parser);
    check_sysctl(parser, &word);
    peer->command.name = parse_copy(parser, word_octets(&word), word.length);
    expect_equals(parser, "net.ipv4.tcp_syncookies = 2");
    parse_setting(parser, peer);
}

/* --- what it must find -------------------------------------------------------------------------*/

static void expect_state(struct parser *parser, struct ss_peer_step *peer)
{
    peer->kind = SS_PEER_EXPECT_STATE;
    const char *names[SS_TCP_STATES];
    for (int i = 0; i < SS_TCP_STATES; i++)
        names[i] = ss_tcp_state_text((enum ss_tcp_state)i);
    const char *name = parse_one_of(parser, "state", "-", names, SS_TCP_STATES);
    if (name)
        (void)ss_tcp_state_from_text(name, &peer->state);
}

static void expect_read(struct parser *parser, struct ss_peer_step *peer)
{
    peer->kind = SS_PEER_EXPECT_READ;
    parse_carried(parser, true, SS_FAR_READ_MAX, &peer->payload);
    if (peer->payload.kind == SS_PAYLOAD_ANY)
        parse_report_here(parser, "a read expects octets, or so many of them: size 10");
}

static void expect_datagram(struct parser *parser, struct ss_peer_step *peer)
{
    peer->kind = SS_PEER_EXPECT_DATAGRAM;
    parse_carried(parser, true, SS_FAR_DATAGRAM_MAX, &peer->payload);
}

static void expect_end(struct parser *parser, struct ss_peer_step *peer)
{
    (void)parser;
    peer->kind = SS_PEER_EXPECT_END;
}

static void expect_error(struct parser *parser, struct ss_peer_step *peer)
{
    static const char *const names[] = {
        "ECONNRESET",   "ECONNREFUSED", "ECONNABORTED", "ETIMEDOUT",  "EPIPE",
        "EHOSTUNREACH", "ENETUNREACH",  "ENOTCONN",     "EADDRINUSE", "EADDRNOTAVAIL",
        "EMSGSIZE",     "ENOBUFS",      "EACCES",       "EPERM",      "EINVAL",
        "EISCONN",      "EPROTO",       "ENOPROTOOPT",  "EHOSTDOWN",  "ENETDOWN",
    };
    peer->kind = SS_PEER_EXPECT_ERROR;
    peer->error = parse_one_of(parser, "error", "", names, sizeof(names) / sizeof(names[0]));
}

static void parse_number(struct parser *parser, struct ss_peer_step *peer, const char *example)
{
    expect_equals(parser, example);
    peer->number.kind = SS_VALUE_EQUAL;
    parse_expression(parser, SPACED, &peer->number.low);
}

static void expect_rcv_nxt(struct parser *parser, struct ss_peer_step *peer)
{
    peer->kind = SS_PEER_EXPECT_RCV_NXT;
    parse_number(parser, peer, "rcv_nxt = J+1");
}

static void expect_write_seq(struct parser *parser, struct ss_peer_step *peer)
{
    peer->kind = SS_PEER_EXPECT_WRITE_SEQ;
    parse_number(parser, peer, "write_seq = K+1");
}

/* --- the tables --------------------------------------------------------------------------------*/

typedef void peer_parser(struct parser *parser, struct ss_peer_step *peer);

static const struct {
    const char *word;
    enum ss_far_verb verb;
    bool drives;
    peer_parser *parse; /* NULL: that is all */
} commands[] = {
    {"listen", SS_FAR_LISTEN, true, parse_listen},
    {"crowd", SS_FAR_CROWD, true, parse_crowd},
    {"accept", SS_FAR_ACCEPT, true, NULL},
    {"connect", SS_FAR_CONNECT, true, NULL},
    {"send", SS_FAR_SEND, true, parse_send},
    {"read", SS_FAR_READ, true, parse_read},
    {"shutdown", SS_FAR_SHUTDOWN_WRITE, true, parse_shutdown},
    {"close", SS_FAR_CLOSE, true, NULL},
    {"reset", SS_FAR_RESET, true, NULL},
    {"set", SS_FAR_SET, true, parse_set},
    {"bind", SS_FAR_BIND, true, NULL},
    {"sendto", SS_FAR_SENDTO, true, parse_sendto},
    {"join", SS_FAR_JOIN, true, parse_member},
    {"leave", SS_FAR_LEAVE, true, parse_member},
    {"sysctl", SS_FAR_SYSCTL, false, parse_sysctl},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct {
    const char *word;
    peer_parser *parse;
} findings[] = {
    {"state", expect_state},         {"read", expect_read},
    {"datagram", expect_datagram},   {"end", expect_end},
    {"error", expect_error},         {"rcv_nxt", expect_rcv_nxt},
    {"write_seq", expect_write_seq},
};

enum { FINDINGS = sizeof(findings) / sizeof(findings[0]) };

static void parse_expect(struct parser *parser, struct ss_peer_step *peer)
{
    const char *names[FINDINGS];
    for (size_t i = 0; i < FINDINGS; i++)
        names[i] = findings[i].word;
    const char *name = parse_one_of(parser, "expectation of a peer", "", names, FINDINGS);
    for (size_t i = 0; i < FINDINGS; i++)
        if (name == findings[i].word)
            findings[i].parse(parser, peer);
}

static void parse_command(struct parser *parser, struct ss_peer_step *peer, size_t at)
{
    peer->kind = SS_PEER_COMMAND;
    peer->command.verb = commands[at].verb;
    if (commands[at].drives)
        parser->scenario->drives_peer = true;
    if (commands[at].parse)
        commands[at].parse(parser, peer);
}

/* At the end of each. */
static void parse_limit(struct parser *parser, struct ss_peer_step *peer)
{
    peer->within_us = SS_SCENARIO_WITHIN_US;
    cursor_skip_blanks(parser);
    if (!cursor_take_word(parser, "within"))
        return;
    cursor_skip_blanks(parser);
    peer->within_us = parse_duration(parser, "within");
}

void parse_peer(struct parser *parser, struct ss_peer_step *peer)
{
    const char *names[COMMANDS + 1];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].word;
    names[COMMANDS] = "expect";
    const char *name = parse_one_of(parser, "command of a peer", "", names, COMMANDS + 1);
    if (!name)
        return;
    if (name == names[COMMANDS])
        parse_expect(parser, peer);
    for (size_t i = 0; i < COMMANDS; i++)
        if (name == commands[i].word)
            parse_command(parser, peer, i);
    parse_limit(parser, peer);
}
