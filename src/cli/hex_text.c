/* hex_text: line by line: is there an offset, which words are octets, where does the text begin. */
#include "hex_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The reading under way. */
struct hex_reader {
    const char *what;
    struct hex_frames *frames;
    struct ss_problem *problem;
    size_t line;
    size_t begin; /* of the frame under way, in frames->octets */
    bool dump;    /* lines have offsets: those that have none are remarks */
};

/* One line, without its end. */
struct hex_line {
    const char *at;
    const char *begin;
    const char *end;
};

static const char separators[] = " \t\r:-,";

static bool is_separator(char c)
{
    return c != '\0' && strchr(separators, c) != NULL;
}

static size_t word_length(const char *at, const char *end)
{
    size_t length = 0;
    while (at + length < end && !is_separator(at[length]))
        length++;
    return length;
}

static size_t digit_count(const char *at, const char *end)
{
    size_t count = 0;
    while (at + count < end && isxdigit((unsigned char)at[count]))
        count++;
    return count;
}

bool hex_text_is_plain(const char *text)
{
    for (; *text; text++)
        if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
            text++;
        else if (!isxdigit((unsigned char)*text) && !is_separator(*text) && *text != '\n')
            return false;
    return true;
}

/* --- frames --------------------------------------------------------------------------------------
 */

static enum ss_status end_frame(struct hex_reader *reader)
{
    struct hex_frames *frames = reader->frames;
    if (frames->length == reader->begin)
        return SS_OK;
    if (frames->count == HEX_FRAMES_MAX)
        return ss_problem_set(reader->problem, SS_USAGE, "%sline %zu: more than %d frames",
                              reader->what, reader->line, HEX_FRAMES_MAX);
    frames->ends[frames->count++] = frames->length;
    reader->begin = frames->length;
    return SS_OK;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

static enum ss_status wrong(struct hex_reader *reader, const struct hex_line *line, const char *at,
                            const char *why)
{
    return ss_problem_set(reader->problem, SS_USAGE, "%sline %zu, column %zu: %s", reader->what,
                          reader->line, (size_t)(at - line->begin) + 1, why);
}

/* Digits that stand together, after 0x or \x if there is one. */
static enum ss_status take_word(struct hex_reader *reader, const struct hex_line *line,
                                const char *at, size_t length)
{
    char why[96];
    bool prefix = length > 2 && (at[0] == '0' || at[0] == '\\') && tolower(at[1]) == 'x';
    const char *digits = prefix ? at + 2 : at, *end = at + length;
    size_t count = digit_count(digits, end);
    if (digits + count < end) {
        unsigned char odd = (unsigned char)digits[count];
        snprintf(why, sizeof(why),
                 isprint(odd) ? "'%c' is no hex digit"
                              : "octet 0x%02x is no hex "
                                "digit",
                 odd);
        return wrong(reader, line, digits + count, why);
    }
    if (count % 2 != 0) {
        snprintf(why, sizeof(why), "an odd number of hex digits (%zu): two make an octet", count);
        return wrong(reader, line, digits, why);
    }
    if (reader->frames->length - reader->begin + count / 2 > SS_FRAME_BYTES_MAX) {
        snprintf(why, sizeof(why), "the frame is longer than %d octets", SS_FRAME_BYTES_MAX);
        return wrong(reader, line, digits, why);
    }
    for (size_t i = 0; i < count; i += 2)
        reader->frames->octets[reader->frames->length++] =
            (uint8_t)(digit(digits[i]) << 4U | digit(digits[i + 1]));
    return SS_OK;
}

/* --- dumps ---------------------------------------------------------------------------------------
 */

static void skip_blanks(struct hex_line *line)
{
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t' || *line->at == '\r'))
        line->at++;
}

/* An address at the line's start, in hex, or, as od has it, in octal. */
struct hex_offset {
    size_t hex;
    size_t octal;
    bool colon;
    bool alone;         /* nothing follows it */
    const char *behind; /* where the octets begin */
};

static bool read_offset(struct hex_line line, struct hex_offset *offset)
{
    enum { SHORTEST = 4, LONGEST = 8 };
    skip_blanks(&line);
    if (line.end - line.at > 2 && line.at[0] == '0' && line.at[1] == 'x')
        line.at += 2;
    size_t count = digit_count(line.at, line.end);
    const char *behind = line.at + count;
    bool colon = behind < line.end && *behind == ':';
    if (count < SHORTEST || count > LONGEST ||
        (behind < line.end && !colon && *behind != ' ' && *behind != '\t' && *behind != '\r'))
        return false;
    *offset = (struct hex_offset){.colon = colon, .behind = behind + colon};
    char digits[LONGEST + 1] = ""; /* the text itself may end here without a zero */
    memcpy(digits, line.at, count);
    offset->hex = strtoul(digits, NULL, 16);
    offset->octal = strtoul(digits, NULL, 8);
    line.at = offset->behind;
    skip_blanks(&line);
    offset->alone = line.at == line.end;
    size_t next = word_length(line.at, line.end);
    /* Without a colon, what follows must be octets one by one, or it may be digits itself. */
    return offset->alone ||
           (colon ? *offset->behind == ' ' || *offset->behind == '\t' : next == 2 && count > 2);
}

/* Where the dump's own text begins: behind a bar, or behind two blanks, but those in the middle. */
static const char *text_column(const char *at, const char *end)
{
    size_t digits = 0;
    const char *bar = memchr(at, '|', (size_t)(end - at));
    if (bar)
        return bar;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    for (; at < end; at++) {
        digits += isxdigit((unsigned char)*at) != 0;
        bool gap = at + 2 < end && at[0] == ' ' && at[1] == ' ';
        bool middle = gap && digits == 16 && digit_count(at + 2, end) == 2;
        if (gap && !middle)
            return at;
    }
    return end;
}

/* --- lines ---------------------------------------------------------------------------------------
 */

static enum ss_status take_words(struct hex_reader *reader, struct hex_line *line)
{
    while (line->at < line->end) {
        size_t length = word_length(line->at, line->end);
        enum ss_status status = length ? take_word(reader, line, line->at, length) : SS_OK;
        if (status != SS_OK)
            return status;
        line->at += length ? length : 1;
    }
    return SS_OK;
}

/* Whether the offset is the one that comes next; 0 begins a frame. */
static bool goes_on(const struct hex_reader *reader, const struct hex_offset *offset)
{
    size_t here = reader->frames->length - reader->begin;
    return offset->hex == 0 || (here > 0 && (offset->hex == here || offset->octal == here));
}

static enum ss_status take_dump_line(struct hex_reader *reader, struct hex_line *line,
                                     const struct hex_offset *offset)
{
    enum ss_status status = SS_OK;
    reader->dump = true;
    if (offset->hex == 0)
        status = end_frame(reader);
    line->at = offset->behind;
    line->end = text_column(line->at, line->end);
    return status == SS_OK ? take_words(reader, line) : status;
}

static enum ss_status take_line(struct hex_reader *reader, struct hex_line line)
{
    struct hex_offset offset;
    const char *remark = memchr(line.at, '#', (size_t)(line.end - line.at));
    if (read_offset(line, &offset) && goes_on(reader, &offset) && !(offset.alone && !reader->dump))
        return take_dump_line(reader, &line, &offset);
    if (reader->dump)
        return SS_OK;
    if (remark)
        line.end = remark;
    return take_words(reader, &line);
}

/* tcpdump tells of a packet before it dumps it: then only dumped lines count. */
static bool has_dump(const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        struct hex_line line = {.at = text, .begin = text, .end = stop ? stop : end};
        struct hex_offset offset;
        if (read_offset(line, &offset) && offset.hex == 0 && !offset.alone)
            return true;
        text = stop ? stop + 1 : end;
    }
    return false;
}

enum ss_status hex_text_read(const char *what, const char *text, size_t length,
                             struct hex_frames *frames, struct ss_problem *problem)
{
    struct hex_reader reader = {.what = what, .frames = frames, .problem = problem};
    const char *end = text + length;
    enum ss_status status = SS_OK;
    *frames = (struct hex_frames){.octets = malloc(length / 2 + 1)};
    if (!frames->octets)
        return ss_problem_set(problem, SS_IO, "out of memory for the frame");
    reader.dump = has_dump(text, length);
    while (status == SS_OK && text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        reader.line++;
        status = take_line(&reader, (struct hex_line){text, text, stop ? stop : end});
        text = stop ? stop + 1 : end;
    }
    if (status == SS_OK)
        status = end_frame(&reader);
    if (status == SS_OK && frames->count == 0)
        status = ss_problem_set(problem, SS_USAGE, "%sno octets are here", what);
    return status;
}

void hex_frames_free(struct hex_frames *frames)
{
    free(frames->octets);
    *frames = (struct hex_frames){0};
}
