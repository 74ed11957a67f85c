/* scenario_character: UTF-8, and how a terminal may be shown any octets whatever. */
#include <string.h>

#include "scenario_parts.h"

bool character_continues(const char *text, size_t length, size_t at)
{
    return at < length && ((unsigned char)text[at] & 0xc0) == 0x80;
}

/* Octets of the UTF-8 sequence that stands here (RFC 3629 section 4); 0 when it is none. */
static size_t sequence_length(const char *text, size_t length, uint32_t *code)
{
    unsigned char lead = (unsigned char)text[0];
    size_t octets = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    *code = octets == 1 ? lead : lead & (0x7fU >> octets);
    for (size_t i = 1; i < octets; i++) {
        if (!character_continues(text, length, i))
            return 0;
        *code = *code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return lead > 0xf4 || *code < least[octets] || surrogate || *code > 0x10ffff ? 0 : octets;
}

/* Whether a terminal shows it as one sign in its place: no control, nothing that turns the line. */
static bool is_shown(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        return false;
    return !(code >= 0x200b && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
           !(code >= 0x2060 && code <= 0x206f) && code != 0xfeff;
}

size_t character_visible(const char *text, size_t length)
{
    uint32_t code;
    size_t octets = sequence_length(text, length, &code);
    return octets > 0 && (is_shown(code) || code == '\t') ? octets : 0;
}

/* \xHH */
static struct character show_octet(unsigned char octet)
{
    static const char digits[] = "0123456789abcdef";
    return (struct character){
        .octets = 1,
        .columns = 4,
        .shown = {'\\', 'x', digits[octet >> 4], digits[octet & 15]},
    };
}

struct character character_read(const char *text, size_t length)
{
    struct character character = {.octets = 1, .columns = 1};
    uint32_t code;
    size_t octets = sequence_length(text, length, &code);
    if (text[0] == '\t') {
        character.shown[0] = ' ';
    } else if (octets > 0 && is_shown(code)) {
        character.octets = octets;
        memcpy(character.shown, text, octets);
    } else {
        character = show_octet((unsigned char)text[0]);
    }
    return character;
}

void text_show(char *shown, size_t size, const char *text, size_t length)
{
    size_t used = 0;
    shown[0] = '\0';
    for (size_t at = 0; at < length;) {
        struct character character = character_read(text + at, length - at);
        size_t wanted = strlen(character.shown);
        if (used + wanted >= size)
            return;
        memcpy(shown + used, character.shown, wanted + 1);
        used += wanted;
        at += character.octets;
    }
}
