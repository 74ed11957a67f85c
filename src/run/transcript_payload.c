/* transcript_payload: octets as the scenario's language writes them. */
#include <string.h>

#include "transcript_parts.h"

enum {
    SHORT_COLUMNS = 60, /* fits on the segment's own line */
    LONG_COLUMNS = 88,  /* on a line of its own */
    PATTERN_LEAST = 64, /* octets that are worth a `size` */
    ESCAPE_SIZE = 5,
};

static const char next_line[] = " \\\n    ";

/* Whether these are the octets of `size`, or not known. */
static bool is_pattern(const uint8_t *octets, size_t length)
{
    size_t at = 0;
    if (octets && length < PATTERN_LEAST)
        return false;
    while (octets && at < length && octets[at] == ss_payload_octet(at))
        at++;
    return !octets || at == length;
}

static bool is_plain(uint8_t octet)
{
    return (octet >= 0x20 && octet < 0x7f) || octet == '\n' || octet == '\r' || octet == '\t';
}

/* Text, when at most one octet in four has to be written by its number. */
static bool is_text(const uint8_t *octets, size_t length)
{
    size_t plain = 0;
    for (size_t i = 0; i < length; i++)
        plain += is_plain(octets[i]);
    return plain * 4 >= length * 3;
}

static size_t escape(uint8_t octet, char text[ESCAPE_SIZE])
{
    static const char from[] = "\n\r\t\"\\", to[] = "nrt\"\\";
    const char *at = octet ? strchr(from, octet) : NULL;
    if (octet == 0 || at)
        return (size_t)snprintf(text, ESCAPE_SIZE, "\\%c", at ? to[at - from] : '0');
    if (is_plain(octet))
        return (size_t)snprintf(text, ESCAPE_SIZE, "%c", octet);
    return (size_t)snprintf(text, ESCAPE_SIZE, "\\x%02x", octet);
}

/* How many octets go into one pair of quotes of at most so many columns; a line's end ends it. */
static size_t quoted_part(const uint8_t *octets, size_t length, size_t columns)
{
    char text[ESCAPE_SIZE];
    size_t count = 0, used = 2;
    while (count < length && (count == 0 || octets[count - 1] != '\n')) {
        used += escape(octets[count], text);
        if (used > columns)
            return count;
        count++;
    }
    return count;
}

static void write_quoted(FILE *out, const uint8_t *octets, size_t length)
{
    char text[ESCAPE_SIZE];
    fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        escape(octets[i], text);
        fputs(text, out);
    }
    fputc('"', out);
}

static void write_text(FILE *out, const uint8_t *octets, size_t length)
{
    if (quoted_part(octets, length, SHORT_COLUMNS) == length) {
        fputc(' ', out);
        write_quoted(out, octets, length);
        return;
    }
    while (length > 0) {
        size_t part = quoted_part(octets, length, LONG_COLUMNS);
        fputs(next_line, out);
        write_quoted(out, octets, part);
        octets += part;
        length -= part;
    }
}

static void write_hex(FILE *out, const uint8_t *octets, size_t length)
{
    enum { SHORT = 24, LONG = 40 };
    size_t at = 0;
    for (; at < length; at++) {
        if (at % LONG == 0)
            fprintf(out, "%shex:", length > SHORT ? next_line : " ");
        fprintf(out, "%02x", octets[at]);
    }
}

void write_payload(FILE *out, const uint8_t *octets, size_t length)
{
    if (length == 0)
        return;
    if (is_pattern(octets, length))
        fprintf(out, " size %zu", length);
    else if (is_text(octets, length))
        write_text(out, octets, length);
    else
        write_hex(out, octets, length);
}
