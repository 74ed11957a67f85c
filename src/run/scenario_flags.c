/* scenario_flags: SYN,ACK. */
#include <string.h>

#include "scenario_parts.h"

static const struct {
    const char *name;
    uint8_t flag;
} flags[] = {
    {"SYN", SS_TCP_SYN}, {"ACK", SS_TCP_ACK}, {"FIN", SS_TCP_FIN},
    {"RST", SS_TCP_RST}, {"PSH", SS_TCP_PSH}, {"URG", SS_TCP_URG},
    {"ECE", SS_TCP_ECE}, {"CWR", SS_TCP_CWR}, {"none", 0},
};

enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

/* ASCII only: the result must not depend on a locale. */
static char upper_case(char letter)
{
    return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}

bool word_is_anyhow(const struct word *word, const char *name)
{
    size_t at = 0;
    while (at < word->length && name[at] &&
           upper_case(word_octets(word)[at]) == upper_case(name[at]))
        at++;
    return at == word->length && name[at] == '\0';
}

static size_t find_flag(const struct word *word)
{
    size_t i = 0;
    while (i < FLAGS && !word_is_anyhow(word, flags[i].name))
        i++;
    return i;
}

bool flag_is(const struct word *word)
{
    return word->length > 0 && find_flag(word) < FLAGS;
}

/* The flag or protocol nearest to a word, which may be in lower case. */
static const char *hint_flag(const struct parser *parser, char hint[SCENARIO_HINT_SIZE],
                             const struct word *word)
{
    const char *names[FLAGS + SS_PROTOCOLS - 1];
    char upper[8] = "";
    struct source source = {.text = upper, .length = word->length};
    struct word copy = {.place = {.source = &source}, .length = word->length};
    hint[0] = '\0';
    if (word->length >= sizeof(upper))
        return hint;
    for (size_t i = 0; i < FLAGS; i++)
        names[i] = flags[i].name;
    for (int i = SS_PROTOCOL_UDP; i < SS_PROTOCOLS; i++)
        names[FLAGS + i - 1] = ss_protocol_text((enum ss_protocol)i);
    for (size_t i = 0; i < word->length; i++)
        upper[i] = upper_case(word_octets(word)[i]);
    return hint_nearest(parser, hint, &copy, names, FLAGS + SS_PROTOCOLS - 1);
}

static void report_flag(struct parser *parser, const struct word *word)
{
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE];
    word_shown(shown, word);
    if (word->length == 0)
        parse_report_here(parser, "a flag is expected: SYN, ACK, FIN, RST, PSH, URG, ECE, CWR; "
                                  "without any: none");
    else if (word_is_anyhow(word, "ICMPV6"))
        parse_report(parser, word, "%s is written ICMP: over IPv6 it is ICMPv6", shown);
    else if (cursor_peek(parser) == '=')
        parse_report(parser, word, "flags come first, such as SYN,ACK, or none; then %s=", shown);
    else if (*hint_flag(parser, hint, word))
        parse_report(parser, word, "no flag '%s'%s", shown, hint);
    else
        parse_report(parser, word, "no flag '%s'; there are SYN, ACK, FIN, RST, PSH, URG, ECE, CWR",
                     shown);
}

static uint8_t parse_flag(struct parser *parser, uint8_t others, bool first)
{
    struct word word = cursor_word(parser, "");
    size_t at = find_flag(&word);
    if (at == FLAGS)
        report_flag(parser, &word);
    else if (flags[at].flag == 0 && (!first || cursor_peek(parser) == ','))
        parse_report(parser, &word, "none stands alone: there is no flag");
    else if (others & flags[at].flag)
        parse_report(parser, &word, "%s stands here twice", flags[at].name);
    return at < FLAGS ? flags[at].flag : 0;
}

uint8_t parse_flags(struct parser *parser)
{
    struct word lump = cursor_lump(parser);
    uint8_t all = parse_flag(parser, 0, true);
    while (cursor_take(parser, ","))
        all |= parse_flag(parser, all, false);
    if (!cursor_at_gap(parser)) {
        parse_report(parser, &lump, "flags are joined by commas: SYN,ACK");
        parser->cursor.at = lump.place.at + lump.length;
    }
    return all;
}
