/* scenario_names: which names are known where, and what they are worth when that is known. */
#include <string.h>

#include "scenario_parts.h"

/* Words that mean something where a value may stand. */
static const char *const reserved[] = {
    "after", "any", "corrupt", "file", "hex", "no", "options", "random", "size", "within",
};

bool name_begins(int octet)
{
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
}

static bool is_reserved(const struct word *word)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (word_is(word, reserved[i]))
            return true;
    return false;
}

static void report_reserved(struct parser *parser, const struct word *word)
{
    if (word_is(word, "random"))
        parse_report(parser, word, "random stands only after let: let R = random, then R");
    else
        parse_report(parser, word, "'%.*s' is a word of the language and can be no name",
                     (int)word->length, word_octets(word));
}

bool name_read(struct parser *parser, struct word *word)
{
    char shown[SCENARIO_SHOWN_SIZE];
    if (!name_begins(cursor_peek(parser))) {
        parse_report_here(parser,
                          "a name is expected: a letter, then letters, digits and underscores");
        return false;
    }
    *word = cursor_word(parser, "");
    if (is_reserved(word))
        report_reserved(parser, word);
    else if (word->length > SCENARIO_NAME_BYTES_MAX)
        parse_report(parser, word, "a name has at most %d letters, not as %s",
                     SCENARIO_NAME_BYTES_MAX, word_shown(shown, word));
    else
        return true;
    return false;
}

int name_find(const struct parser *parser, const struct word *word)
{
    for (size_t i = 0; i < parser->names.count; i++)
        if (word_is(word, parser->names.list[i].text))
            return (int)i;
    return -1;
}

int name_make(struct parser *parser, const struct word *word)
{
    int found = name_find(parser, word);
    if (found >= 0)
        return found;
    if (parser->names.count == SS_SCENARIO_NAMES_MAX) {
        parse_report(parser, word, "a scenario has at most %d names", SS_SCENARIO_NAMES_MAX);
        return -1;
    }
    char *text = parse_copy(parser, word_octets(word), word->length);
    if (!text)
        return -1;
    parser->names.list[parser->names.count] = (struct name){.text = text};
    return (int)parser->names.count++;
}

void name_bind(struct parser *parser, uint16_t index)
{
    struct name *name = &parser->names.list[index];
    name->state = NAME_PENDING;
    name->constant = false;
}

void name_settle(struct parser *parser)
{
    for (size_t i = 0; i < parser->names.count; i++)
        if (parser->names.list[i].state == NAME_PENDING)
            parser->names.list[i].state = NAME_KNOWN;
}

void name_set(struct parser *parser, uint16_t index, const uint32_t *value)
{
    struct name *name = &parser->names.list[index];
    name->state = NAME_KNOWN;
    name->constant = value != NULL;
    name->value = value ? *value : 0;
}

/* The nearest of the names that are known. */
static const char *hint_known(char hint[SCENARIO_HINT_SIZE], const struct parser *parser,
                              const struct word *word)
{
    const char *known[SS_SCENARIO_NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < parser->names.count; i++)
        if (parser->names.list[i].state == NAME_KNOWN)
            known[count++] = parser->names.list[i].text;
    return hint_nearest(parser, hint, word, known, count);
}

static void report_unknown(struct parser *parser, const struct word *word)
{
    char hint[SCENARIO_HINT_SIZE], shown[SCENARIO_SHOWN_SIZE];
    hint_known(hint, parser, word);
    word_shown(shown, word);
    if (is_reserved(word))
        report_reserved(parser, word);
    else if (hint[0] || parser->alone)
        parse_report(parser, word, "%s is not known here%s", shown, hint);
    else
        parse_report(parser, word,
                     "%s is not known here yet; it becomes known by let, or where it stands alone, "
                     "as in seq=%s",
                     shown, shown);
}

/* That a name is not known is said once. */
static uint16_t make_up(struct parser *parser, const struct word *word)
{
    int index = word->length <= SCENARIO_NAME_BYTES_MAX ? name_make(parser, word) : -1;
    if (index < 0)
        return 0;
    name_set(parser, (uint16_t)index, NULL);
    return (uint16_t)index;
}

uint16_t name_known(struct parser *parser, const struct word *word)
{
    char shown[SCENARIO_SHOWN_SIZE];
    int index = name_find(parser, word);
    enum name_state state = index < 0 ? NAME_UNKNOWN : parser->names.list[index].state;
    if (state == NAME_KNOWN)
        return (uint16_t)index;
    if (state == NAME_UNKNOWN) {
        report_unknown(parser, word);
        return make_up(parser, word);
    }
    if (parser->grouped)
        parse_report(parser, word, "%s becomes known only after this group, whose order is open",
                     word_shown(shown, word));
    else
        parse_report(parser, word, "%s becomes known by this very segment, for those after it",
                     word_shown(shown, word));
    return (uint16_t)index;
}
