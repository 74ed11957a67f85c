/*
 * scenario_parts: what the parser's files share. Private to src/run.
 *
 * One error a statement: parse_report() mutes the parser until the next statement, so that whoever
 * meets something wrong reports it and goes on; what follows in the statement is still read, for
 * the names that it makes known. `muted` is also how a statement is known to be wrong.
 */
#ifndef SYNSTEP_RUN_SCENARIO_PARTS_H
#define SYNSTEP_RUN_SCENARIO_PARTS_H

#include "synstep/scenario.h"

enum {
    SCENARIO_NAME_BYTES_MAX = 63,
    SCENARIO_FILE_BYTES_MAX = 4 << 20,
    SCENARIO_FILES_MAX = 1000, /* read by one scenario */
    SCENARIO_PATH_BYTES_MAX = 4095,
    SCENARIO_PAYLOAD_BYTES_MAX = 65495, /* 65,535 less both headers */
};

/* --- text: where the parser is -----------------------------------------------------------------*/

struct source {
    const char *file;
    const char *text;
    size_t length;
    const struct source *includer; /* NULL: the scenario itself */
};

struct cursor {
    const struct source *source;
    size_t at;
    size_t line_start;
    unsigned line;
};

/* A piece of the text. */
struct word {
    struct cursor place;
    size_t length;
};

struct parser;

/* The octet at the cursor, or -1 at the end of the text; the one after `ahead` more. */
int cursor_peek(const struct parser *parser);
int cursor_peek_after(const struct parser *parser, size_t ahead);

/* Goes past `text` when it stands here. */
bool cursor_take(struct parser *parser, const char *text);

/* The same of a whole word. */
bool cursor_take_word(struct parser *parser, const char *text);

/* At the start of a text. */
void cursor_begin(struct parser *parser, const struct source *source);

/* Past white space and continued lines, not past the end of the statement. */
void cursor_skip_blanks(struct parser *parser);

/* After white space: whether the statement is over: the line, a comment, the text. */
bool cursor_at_end(struct parser *parser);

/* Whether an item is over: white space or the end follows. */
bool cursor_at_gap(const struct parser *parser);

/* Letters, digits, `_` and whatever is in `also`; may be empty. */
struct word cursor_word(struct parser *parser, const char *also);

/* All up to the next white space or comment, without going past it: what an error shows. */
struct word cursor_lump(const struct parser *parser);

/* To the start of the next line that belongs to no statement begun. */
void cursor_next_statement(struct parser *parser);

/* Past empty lines and comments. False at the end of the text. */
bool cursor_find_statement(struct parser *parser);

/* The statement from `begin` to here as one line, owned by the scenario. */
const char *cursor_statement(struct parser *parser, const struct cursor *begin);

const char *word_octets(const struct word *word);
bool word_is(const struct word *word, const char *text);

/* The same, large and small letters alike. */
bool word_is_anyhow(const struct word *word, const char *text);

/* --- characters --------------------------------------------------------------------------------*/

/* One character of a text: its octets, and how it is shown: as it is, or as \xHH. */
struct character {
    size_t octets;
    size_t columns;
    char shown[8];
};

struct character character_read(const char *text, size_t length);

/* Octets of the character that stands here; 0 when it is no UTF-8 or cannot be seen. */
size_t character_visible(const char *text, size_t length);

/* Whether the octet at `at` is not the first of its character. */
bool character_continues(const char *text, size_t length, size_t at);

/* What of a text fits into `size` octets, made printable. */
void text_show(char *shown, size_t size, const char *text, size_t length);

/* --- memory: all that a scenario owns, freed at once -------------------------------------------*/

struct memory;

struct memory *memory_new(void);
void memory_free(struct memory *memory);

/* Zeroed. NULL when out of memory, or with `*full` when the scenario has had enough. */
void *memory_take(struct memory *memory, size_t size, bool *full);

/* `octets`, malloc'ed, are freed with the rest. False when out of memory: they stay the caller's.
 */
bool memory_adopt(struct memory *memory, void *octets);

/* --- the parser --------------------------------------------------------------------------------*/

enum name_state {
    NAME_UNKNOWN,
    NAME_PENDING, /* this statement or group makes it known to those after it */
    NAME_KNOWN,
};

struct name {
    const char *text;
    enum name_state state;
    bool param;
    bool constant; /* its value is known before anything runs */
    uint32_t value;
};

struct name_table {
    size_t count;
    struct name list[SS_SCENARIO_NAMES_MAX];
};

/* A file that was read, once, however often it is named. */
struct loaded {
    const char *path;
    uint8_t *octets;
    size_t length;
    bool followed; /* included once at least */
    struct loaded *next;
};

/* What the segment or payload under way is gathered in. Its large arrays begin as garbage. */
struct scratch {
    bool within_given;
    size_t options_bytes;
    uint8_t *octets;
    size_t length;
    size_t room;
    struct ss_field_value fields[SS_SCENARIO_FIELDS_MAX];
    struct ss_header_value headers[SS_SCENARIO_FIELDS_MAX];
    struct ss_option_value options[SS_SCENARIO_OPTIONS_MAX];
};

struct parser {
    const struct ss_scenario_param *params;
    size_t param_count;
    struct ss_scenario_reader reader;
    struct ss_diagnostics *diagnostics;
    enum ss_status status; /* of the first thing that was wrong */
    bool muted;            /* this statement is wrong, and that has been said */
    bool stopped;          /* there is no going on */
    bool alone;            /* one statement by itself, for the stepping prompt */
    bool grouped;          /* inside { } */
    bool expects;          /* something was expected: there is what an ICMP error can quote */
    unsigned repeats;      /* inside so many repeat */
    unsigned includes;
    size_t budget; /* octets that may still be read: what repeat and include can multiply */
    struct cursor cursor;
    struct name_table names;
    struct memory *memory;
    struct loaded *loaded;
    size_t loaded_count;
    struct ss_scenario *scenario; /* title, needs, drives_peer */
    struct ss_step *steps;
    size_t step_count;
    size_t step_room;
    struct scratch *scratch;
};

/* What memory_take gives; NULL when there is no going on: then that has been said. */
void *parse_take(struct parser *parser, size_t size);

/* A copy that ends in a zero. */
char *parse_copy(struct parser *parser, const void *octets, size_t length);

struct ss_place place_of(const struct cursor *cursor);

/* Adds a step that stands at `place`. */
void parse_add_step(struct parser *parser, const struct cursor *place, const struct ss_step *step);

/* The lines from here to the end of the text, or to the `}` that ends the block `opened`. */
void parse_lines(struct parser *parser, const struct word *opened);

/* scenario_block.c: the statements that hold others; each starts after its first word. */
void parse_group(struct parser *parser, const struct word *first);
void parse_repeat(struct parser *parser, const struct word *first);
void parse_include(struct parser *parser, const struct word *first);

/* scenario_file.c: what the caller's reader is asked for. */
/* NULL after a complaint. */
struct loaded *parse_load(struct parser *parser, const struct word *word, const char *name);

/* Reads a file's name, in quotes or plain, and where it stands; NULL when it is wrong. */
const char *parse_path(struct parser *parser, struct word *word);

/* --- diagnostics -------------------------------------------------------------------------------*/

/* Says what is wrong with `word`, unless this statement is known to be wrong already. */
void parse_report(struct parser *parser, const struct word *word, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of the octets that stand here, up to the next white space. */
void parse_report_here(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says so here, even of a statement that is wrong already, and stops. */
void parse_give_up(struct parser *parser, const char *why);

/* There is no going on. */
void parse_stop(struct parser *parser, enum ss_status status);

enum { SCENARIO_HINT_SIZE = 96, SCENARIO_SHOWN_SIZE = 44 };

/* "; did you mean X?", or "" when no word is near, or nobody is going to read it. */
const char *hint_nearest(const struct parser *parser, char hint[SCENARIO_HINT_SIZE],
                         const struct word *word, const char *const *words, size_t count);

/* A word of the user's as an error shows it, cut when long. */
const char *word_shown(char shown[SCENARIO_SHOWN_SIZE], const struct word *word);

/* "a, b, c", as many as fit. */
const char *list_words(char *list, size_t size, const char *const *words, size_t count);

/* --- names -------------------------------------------------------------------------------------*/

bool name_begins(int octet);

/* Reads a name that may be made known. False when none stands here. */
bool name_read(struct parser *parser, struct word *word);

/* The name's index; -1 when there is none. */
int name_find(const struct parser *parser, const struct word *word);

/* The name's index, made when there is none; -1 when there are too many. */
int name_make(struct parser *parser, const struct word *word);

/* Known from the next statement on, or from the end of the group. */
void name_bind(struct parser *parser, uint16_t index);
void name_settle(struct parser *parser);

/* Known at once: `value` when that is known before anything runs, else NULL. */
void name_set(struct parser *parser, uint16_t index, const uint32_t *value);

/* The index of a name that must be known; 0 after a complaint. */
uint16_t name_known(struct parser *parser, const struct word *word);

/* --- expressions -------------------------------------------------------------------------------*/

/* Whether an expression may hold spaces: in a statement of its own, not in an item of a segment. */
enum spacing { TIGHT, SPACED };

/* What a value may be. */
struct value_rules {
    bool matching;       /* ranges and * are fine */
    const char *refusal; /* why no name becomes known here; NULL: it does */
    unsigned bits;
    const char *what; /* "ttl", for errors */
};

/* The word from `begin` to here, its trailing blanks left out. */
struct word word_since(const struct parser *parser, const struct word *begin);

void parse_expression(struct parser *parser, enum spacing spacing,
                      struct ss_expression *expression);

/* What it is worth before anything runs; false when that is not known. */
bool expression_constant(const struct parser *parser, const struct ss_expression *expression,
                         uint32_t *value);

/* An expression that is known before anything runs, from `low` to `high`. */
uint32_t parse_constant(struct parser *parser, enum spacing spacing, const char *what, uint32_t low,
                        uint32_t high);

void parse_value(struct parser *parser, const struct value_rules *rules, struct ss_value *value);

/* low..high, both known. */
void parse_range(struct parser *parser, const struct value_rules *rules, struct ss_value *value);

/* "200ms", "1.5s". */
uint64_t parse_duration(struct parser *parser, const char *what);

/* --- statements --------------------------------------------------------------------------------*/

/* One statement, from its first octet to the start of the next line. */
void parse_statement(struct parser *parser);

/* A segment that is being read. */
struct segment_parse {
    enum ss_step_kind kind;
    bool matching; /* expected, not sent */
    bool edit;     /* the stepping prompt's fields of a segment that is there already */
    struct ss_segment_step *segment;
};

/* After `>` or `<`: flags and items. */
void parse_segment(struct parser *parser, enum ss_step_kind kind, struct ss_segment_step *segment);

/* Items alone. */
void parse_edit(struct parser *parser, struct ss_segment_step *segment);

/* Whether it names a protocol other than TCP. */
bool protocol_find(const struct word *word, enum ss_protocol *protocol);

/* After its protocol: the type that ICMP and IGMP have. */
void parse_type(struct parser *parser, struct ss_segment_step *segment);

/* Whether `word`, past which the cursor is, is a field of the message's own header; reads it then.
 */
bool parse_header(struct parser *parser, const struct segment_parse *parse,
                  const struct word *word);

/* What is no item of a message. */
void report_message_item(struct parser *parser, const struct ss_segment_step *segment,
                         const struct word *word);

/* At its end: what it lacks. */
void check_message(struct parser *parser, const struct segment_parse *parse,
                   const struct word *first);

/* After a field's name in a segment. */
void expect_field_equals(struct parser *parser, const struct word *word);

/* Whether it is the name of a flag. */
bool flag_is(const struct word *word);

/* Flags, with commas, or none. */
uint8_t parse_flags(struct parser *parser);

/* What a value of the segment may be. */
struct value_rules segment_rules(const struct parser *parser, const struct segment_parse *parse,
                                 const char *what, unsigned bits);

/* Whether `word`, past which the cursor is, begins an option; reads it then. */
bool parse_option(struct parser *parser, const struct segment_parse *parse,
                  const struct word *word);

/* After "no". */
void parse_no_option(struct parser *parser, const struct segment_parse *parse);

enum { SCENARIO_OPTION_WORDS_MAX = 12 };

/* The names of all options; returns how many. */
size_t option_words(const char *words[SCENARIO_OPTION_WORDS_MAX]);

/* Whether a payload item stands here; reads it then, joining it to what is there. */
bool parse_payload(struct parser *parser, bool matching, size_t most, struct ss_payload *payload);

/* What was gathered becomes the payload's. */
void payload_finish(struct parser *parser, struct ss_payload *payload);

/* "text" with its escapes, into the scratch. */
void parse_text(struct parser *parser, size_t most);

/* hex: and an even number of digits, into the scratch; after the colon. */
void parse_hex(struct parser *parser, size_t most);

/* After `peer`. */
void parse_peer(struct parser *parser, struct ss_peer_step *peer);

/* --- fields ------------------------------------------------------------------------------------*/

/* The field of that name or alias. */
bool field_find(const struct word *word, enum ss_field *field);

enum { SCENARIO_FIELD_WORDS_MAX = 2 * SS_FIELDS };

/* All names and aliases; returns how many. */
size_t field_words(const char *words[SCENARIO_FIELD_WORDS_MAX]);

#endif
