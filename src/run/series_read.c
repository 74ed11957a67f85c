/* series_read: a value's text, item by item. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "series_parts.h"
#include "synstep/bytes.h"
#include "synstep/words.h"

enum { ITEM_TEXT_SIZE = 128, VALUE_NAMES_MAX = 64 };

/* What is read, and for which field. */
struct reading {
    bool is_field; /* of a layer: then the next two say which */
    enum ss_layer_kind layer;
    size_t index;
    const struct ss_layer_field *field;
    char what[48]; /* "tcp dport": in the problem */
    struct expression_names names;
    struct ss_problem *problem;
};

static uint32_t largest(const struct ss_layer_field *field)
{
    return field->bits >= 32 ? UINT32_MAX : (UINT32_C(1) << field->bits) - 1;
}

static enum ss_status wrong(const struct reading *reading, const char *text)
{
    static const char *const examples[] = {
        [SS_FORM_NUMBER] = "80, 0x50, 1-1024, J+1460*i or random",
        [SS_FORM_HEX] = "80, 0x50, 1-1024, J+1460*i or random",
        [SS_FORM_NAMED] = "a number or one of its names",
        [SS_FORM_MAC] = "an address such as 02:00:00:00:00:01, or random",
        [SS_FORM_IPV4] = "an address such as 10.0.0.1, 10.0.0.1-10.0.0.9, 10.0.0.1+i, or random",
        [SS_FORM_IPV6] = "an address such as fd00::1, or random",
    };
    return ss_problem_set(reading->problem, SS_USAGE, "%s takes %s, not '%.80s'", reading->what,
                          examples[reading->field->form], text);
}

/* --- numbers ------------------------------------------------------------------------------------
 */

static enum ss_status too_large(const struct reading *reading, const char *text)
{
    unsigned bits = reading->field->bits;
    return ss_problem_set(reading->problem, SS_USAGE,
                          "%s has %u bit%s: 0 to %" PRIu32 ", not %.80s", reading->what, bits,
                          bits == 1 ? "" : "s", largest(reading->field), text);
}

/* A word that is nearly one of the field's names is taken for that. */
static enum ss_status misnamed(const struct reading *reading, const char *text)
{
    const char *names[VALUE_NAMES_MAX];
    size_t count = 0;
    for (uint32_t value = 0; value <= largest(reading->field) && count < VALUE_NAMES_MAX; value++) {
        const char *name = ss_layer_value_text(reading->layer, reading->index, value);
        if (name)
            names[count++] = name;
    }
    const char *nearest = ss_words_nearest(text, names, count);
    if (!nearest)
        return reading->problem ? reading->problem->status : SS_USAGE;
    return ss_problem_set(reading->problem, SS_USAGE, "%s has no name '%.40s'; did you mean %s?",
                          reading->what, text, nearest);
}

static enum ss_status read_sum(const struct reading *reading, const char *text, struct linear *sum)
{
    uint32_t named;
    if (reading->is_field &&
        ss_layer_value_from_text(reading->layer, reading->index, text, &named)) {
        *sum = (struct linear){.base = named};
        return SS_OK;
    }
    enum ss_status status =
        ss_series_expression(text, reading->what, &reading->names, sum, reading->problem);
    if (status == SS_USAGE && reading->is_field && reading->field->form == SS_FORM_NAMED)
        return misnamed(reading, text);
    if (status == SS_OK && !sum->random && sum->base > largest(reading->field))
        return too_large(reading, text);
    return status;
}

/* "a..b", and "1-1024" where both ends are plain numbers: J-1 is a difference. */
static const char *range_sign(const char *text, size_t *width)
{
    const char *dots = strstr(text, "..");
    *width = 2;
    if (dots)
        return dots;
    size_t first = strspn(text, "0123456789");
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        first = 2 + strspn(text + 2, "0123456789abcdefABCDEF");
    *width = 1;
    bool plain =
        first > 0 && text[first] == '-' && text[first + 1] >= '0' && text[first + 1] <= '9';
    return plain && !strpbrk(text + first + 1, "+-*") ? text + first : NULL;
}

/* The ends of a range; numbers of 32 bits go around (RFC 9293 section 3.4), smaller ones do not. */
static enum ss_status read_range(const struct reading *reading, const char *text, const char *sign,
                                 size_t width, struct ss_series_item *item)
{
    char low_text[ITEM_TEXT_SIZE];
    struct linear low, high;
    snprintf(low_text, sizeof(low_text), "%.*s", (int)(sign - text), text);
    enum ss_status status = read_sum(reading, low_text, &low);
    if (status == SS_OK)
        status = read_sum(reading, sign + width, &high);
    if (status != SS_OK)
        return status;
    if (low.step != 0 || high.step != 0)
        return ss_problem_set(reading->problem, SS_USAGE, "%s=%.80s: a range has no i",
                              reading->what, text);
    if (reading->field->bits < 32 && !low.random && low.base > high.base)
        return ss_problem_set(reading->problem, SS_USAGE, "%s=%.80s: the range goes backwards",
                              reading->what, text);
    item->kind = SS_SERIES_RANGE;
    item->first = low.base;
    item->count = (uint64_t)((high.base - low.base) & largest(reading->field)) + 1;
    return SS_OK;
}

static enum ss_status read_number(const struct reading *reading, const char *text,
                                  struct ss_series_item *item)
{
    size_t width;
    struct linear sum;
    const char *sign = range_sign(text, &width);
    if (text[0] == '\0')
        return wrong(reading, text);
    if (sign)
        return read_range(reading, text, sign, width, item);
    enum ss_status status = read_sum(reading, text, &sum);
    item->first = sum.base;
    item->step = sum.step;
    return status;
}

/* --- addresses ----------------------------------------------------------------------------------
 */

static bool read_ipv4(const char *text, uint32_t *number)
{
    uint8_t octets[4];
    if (inet_pton(AF_INET, text, octets) != 1)
        return false;
    *number = ss_bytes_get32(octets);
    return true;
}

/* "10.0.0.1+i", "10.0.0.1+256*i": from one packet to the next. */
static enum ss_status read_ipv4_sum(const struct reading *reading, const char *text,
                                    const char *sign, struct ss_series_item *item)
{
    struct linear more;
    enum ss_status status =
        ss_series_expression(sign, reading->what, &reading->names, &more, reading->problem);
    if (status != SS_OK)
        return status;
    if (more.random)
        return wrong(reading, text);
    item->first += more.base;
    item->step = more.step;
    return SS_OK;
}

static enum ss_status read_ipv4_item(const struct reading *reading, const char *text,
                                     struct ss_series_item *item)
{
    char low[ITEM_TEXT_SIZE];
    uint32_t last;
    const char *sign = strpbrk(text, "-+");
    bool sum = sign && *sign == '+';
    snprintf(low, sizeof(low), "%.*s", sign ? (int)(sign - text) : ITEM_TEXT_SIZE - 1, text);
    if (!read_ipv4(low, &item->first) || (sign && !sum && !read_ipv4(sign + 1, &last)))
        return wrong(reading, text);
    if (sum)
        return read_ipv4_sum(reading, text, sign, item);
    if (!sign)
        return SS_OK;
    if (last < item->first)
        return ss_problem_set(reading->problem, SS_USAGE, "%s=%.80s: the range goes backwards",
                              reading->what, text);
    item->kind = SS_SERIES_RANGE;
    item->count = (uint64_t)(last - item->first) + 1;
    return SS_OK;
}

/* Six pairs of hexadecimal digits, and nothing after them. */
static bool read_mac(const char *text, uint8_t octets[16])
{
    unsigned each[6];
    int end = 0;
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &each[0], &each[1], &each[2], &each[3], &each[4],
               &each[5], &end) != 6 ||
        text[end] != '\0' || strspn(text, "0123456789abcdefABCDEF:") != strlen(text))
        return false;
    for (int i = 0; i < 6; i++)
        octets[i] = (uint8_t)each[i];
    return true;
}

static enum ss_status read_octets(const struct reading *reading, const char *text,
                                  struct ss_series_item *item)
{
    bool mac = reading->field->form == SS_FORM_MAC;
    item->kind = SS_SERIES_OCTETS;
    bool good = mac ? read_mac(text, item->octets) : inet_pton(AF_INET6, text, item->octets) == 1;
    return good ? SS_OK : wrong(reading, text);
}

/* --- items --------------------------------------------------------------------------------------
 */

static enum ss_status read_item(const struct reading *reading, const char *text,
                                struct ss_series_item *item)
{
    *item = (struct ss_series_item){.kind = SS_SERIES_NUMBERS, .count = 1};
    if (strcmp(text, "random") == 0) {
        item->kind = SS_SERIES_RANDOM;
        return SS_OK;
    }
    switch (reading->field->form) {
    case SS_FORM_NUMBER:
    case SS_FORM_HEX:
    case SS_FORM_NAMED:
        return read_number(reading, text, item);
    case SS_FORM_IPV4:
        return read_ipv4_item(reading, text, item);
    case SS_FORM_MAC:
    case SS_FORM_IPV6:
        return read_octets(reading, text, item);
    }
    return SS_OK;
}

static size_t items_in(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

static enum ss_status read_items(const struct reading *reading, const char *text,
                                 struct ss_series *series)
{
    enum ss_status status = SS_OK;
    for (size_t i = 0; i < series->item_count && status == SS_OK; i++) {
        char item[ITEM_TEXT_SIZE];
        size_t length = strcspn(text, ",");
        if (length >= sizeof(item))
            return wrong(reading, text);
        memcpy(item, text, length);
        item[length] = '\0';
        status = read_item(reading, item, &series->items[i]);
        series->items[i].begin = series->count;
        series->count += status == SS_OK ? series->items[i].count : 0;
        text += length + (text[length] == ',');
    }
    return status;
}

/* All of it, for whatever it is. */
static enum ss_status read_series(const struct reading *reading, const char *text,
                                  struct ss_series *series)
{
    struct ss_series made = {.layer = reading->layer,
                             .field = reading->index,
                             .bits = reading->field->bits,
                             .item_count = items_in(text)};
    if (made.item_count > SS_SERIES_ITEMS_MAX)
        return ss_problem_set(reading->problem, SS_USAGE, "%s: a list has at most %d items",
                              reading->what, SS_SERIES_ITEMS_MAX);
    made.items = calloc(made.item_count, sizeof(*made.items));
    if (!made.items)
        return ss_problem_set(reading->problem, SS_IO, "out of memory for the values of %s",
                              reading->what);
    enum ss_status status = read_items(reading, text, &made);
    if (status == SS_OK)
        *series = made;
    else
        ss_series_free(&made);
    return status;
}

enum ss_status ss_series_read(const char *text, enum ss_layer_kind layer, size_t field,
                              struct ss_series_names *names, struct ss_series *series,
                              struct ss_problem *problem)
{
    const struct ss_layer_table *table = ss_layer_table(layer);
    struct reading reading = {.is_field = true,
                              .layer = layer,
                              .index = field,
                              .field = &table->fields[field],
                              .names = {names, strcmp(table->fields[field].name, "flags") == 0},
                              .problem = problem};
    snprintf(reading.what, sizeof(reading.what), "%s %s", table->name, reading.field->name);
    return read_series(&reading, text, series);
}

enum ss_status ss_series_read_number(const char *text, const char *what, uint8_t bits,
                                     struct ss_series_names *names, struct ss_series *series,
                                     struct ss_problem *problem)
{
    const struct ss_layer_field number = {.bits = bits, .form = SS_FORM_NUMBER};
    struct reading reading = {.field = &number, .names = {names, false}, .problem = problem};
    snprintf(reading.what, sizeof(reading.what), "%s", what);
    return read_series(&reading, text, series);
}

/* --- names --------------------------------------------------------------------------------------
 */

static bool is_name(const char *text, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    if (length == 0 || length >= SS_SERIES_NAME_SIZE || !strchr(letters, text[0]))
        return false;
    for (size_t i = 1; i < length; i++)
        if (!strchr(letters, text[i]) && (text[i] < '0' || text[i] > '9'))
            return false;
    return !(length == 1 && text[0] == 'i') && !(length == 6 && strncmp(text, "random", 6) == 0);
}

/* After those that its number made known. */
static enum ss_status add_name(struct ss_series_names *names, const char *name,
                               const struct linear *sum, struct ss_problem *problem)
{
    if (names->count == SS_SERIES_NAMES_MAX)
        return ss_problem_set(problem, SS_USAGE, "--let %s: there are at most %d names", name,
                              SS_SERIES_NAMES_MAX);
    size_t at = names->count++;
    snprintf(names->list[at].text, SS_SERIES_NAME_SIZE, "%s", name);
    names->list[at].value = sum->base;
    names->list[at].random = sum->random;
    return SS_OK;
}

enum ss_status ss_series_let(struct ss_series_names *names, const char *text,
                             struct ss_problem *problem)
{
    size_t length = strcspn(text, "=");
    char name[SS_SERIES_NAME_SIZE];
    struct linear sum = {0}, known;
    enum ss_status status = SS_OK;
    if (text[length] != '=' || !is_name(text, length))
        return ss_problem_set(problem, SS_USAGE,
                              "--let takes NAME=NUMBER, such as J=5 (i and random are taken), not "
                              "'%.80s'",
                              text);
    snprintf(name, sizeof(name), "%.*s", (int)length, text);
    if (ss_series_known(names, name, &known))
        return ss_problem_set(problem, SS_USAGE, "--let gives '%s' twice", name);
    if (strcmp(text + length + 1, "random") == 0)
        sum = (struct linear){.base = ss_random_next32(&names->random), .random = true};
    else
        status = ss_series_expression(text + length + 1, name,
                                      &(struct expression_names){names, false}, &sum, problem);
    if (status == SS_OK && sum.step != 0)
        return ss_problem_set(problem, SS_USAGE, "--let %.80s: a name is the same in all packets",
                              text);
    return status == SS_OK ? add_name(names, name, &sum, problem) : status;
}
