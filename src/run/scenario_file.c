/* scenario_file: what the caller's reader is asked for: included scenarios, and payloads. */
#include <stdlib.h>
#include <string.h>

#include "scenario_parts.h"

/* --- names of files ----------------------------------------------------------------------------*/

static void check_path(struct parser *parser, const struct word *word, const char *path,
                       size_t length)
{
    if (length == 0)
        parse_report(parser, word, "the name of a file is expected");
    else if (length > SCENARIO_PATH_BYTES_MAX)
        parse_report(parser, word, "the name of a file has at most %d octets",
                     SCENARIO_PATH_BYTES_MAX);
    for (size_t at = 0; at < length && !parser->muted;) {
        size_t octets = character_visible(path + at, length - at);
        if (octets == 0)
            parse_report(parser, word, "the name of a file holds only characters that can be seen");
        at += octets;
    }
}

/* In quotes it may hold spaces; it is read behind what is gathered so far. */
static const char *parse_quoted_path(struct parser *parser, struct word *word)
{
    struct scratch *scratch = parser->scratch;
    size_t before = scratch->length;
    parse_text(parser, before + SCENARIO_PATH_BYTES_MAX);
    size_t length = scratch->length - before;
    const char *octets = length ? (const char *)scratch->octets + before : "";
    scratch->length = before;
    word->length = parser->cursor.at - word->place.at;
    check_path(parser, word, octets, length);
    return parser->muted ? NULL : parse_copy(parser, octets, length);
}

const char *parse_path(struct parser *parser, struct word *word)
{
    *word = cursor_lump(parser);
    if (cursor_peek(parser) == '"')
        return parse_quoted_path(parser, word);
    parser->cursor.at += word->length;
    check_path(parser, word, word_octets(word), word->length);
    return parser->muted ? NULL : parse_copy(parser, word_octets(word), word->length);
}

/* A relative name starts from the folder of the file that names it. */
static const char *resolve(struct parser *parser, const char *from, const char *name)
{
    const char *slash = strrchr(from, '/');
    size_t folder = slash && name[0] != '/' ? (size_t)(slash - from) + 1 : 0;
    char *path = parse_take(parser, folder + strlen(name) + 1);
    if (!path)
        return NULL;
    memcpy(path, from, folder);
    strcpy(path + folder, name);
    return path;
}

/* --- what is in them ---------------------------------------------------------------------------*/

static struct loaded *find(const struct parser *parser, const char *path)
{
    struct loaded *loaded = parser->loaded;
    while (loaded && strcmp(loaded->path, path) != 0)
        loaded = loaded->next;
    return loaded;
}

static void report_unreadable(struct parser *parser, const struct word *word, const char *why)
{
    enum ss_status before = parser->status;
    parse_report(parser, word, "%s", why);
    if (before == SS_OK && parser->status == SS_USAGE)
        parser->status = SS_UNREADABLE;
}

/* Remembers a file. Its octets are the scenario's from here on, or freed. */
static struct loaded *keep(struct parser *parser, const char *path, uint8_t *octets, size_t length)
{
    struct loaded *loaded = parse_take(parser, sizeof(*loaded));
    if (!loaded || !memory_adopt(parser->memory, octets)) {
        free(octets);
        parse_stop(parser, SS_IO);
        return NULL;
    }
    *loaded =
        (struct loaded){.path = path, .octets = octets, .length = length, .next = parser->loaded};
    parser->loaded = loaded;
    parser->loaded_count++;
    return loaded;
}

static struct loaded *read_file(struct parser *parser, const struct word *word, const char *path)
{
    struct ss_problem problem = {.text = ""};
    uint8_t *octets = NULL;
    size_t length = 0;
    const struct ss_scenario_reader *reader = &parser->reader;
    enum ss_status status = reader->read(reader->context, path, &octets, &length, &problem);
    if (status != SS_OK) {
        report_unreadable(parser, word, problem.text[0] ? problem.text : ss_status_text(status));
        return NULL;
    }
    if (length > SCENARIO_FILE_BYTES_MAX) {
        free(octets);
        parse_report(parser, word, "%s has %zu octets: at most %d are read", path, length,
                     SCENARIO_FILE_BYTES_MAX);
        return NULL;
    }
    return keep(parser, path, octets, length);
}

struct loaded *parse_load(struct parser *parser, const struct word *word, const char *name)
{
    if (!parser->reader.read) {
        parse_report(parser, word, "no file can be read here");
        return NULL;
    }
    const char *path = resolve(parser, word->place.source->file, name);
    if (!path)
        return NULL;
    struct loaded *loaded = find(parser, path);
    if (loaded)
        return loaded;
    if (parser->loaded_count < SCENARIO_FILES_MAX)
        return read_file(parser, word, path);
    parse_give_up(parser, "a scenario reads at most 1000 files");
    return NULL;
}
