/* probe_octets: octets as they are written. */
#include <stdlib.h>
#include <string.h>

#include "probe_parts.h"

enum { OCTETS_MAX = 65535 };

static int digit(char octet)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = octet ? strchr(digits, octet) : NULL;
    return at ? (int)(at - digits) % 16 : -1;
}

bool probe_read_hex(const char *text, uint8_t *octets, size_t size, size_t *length)
{
    size_t count = strlen(text) / 2;
    if (strlen(text) % 2 != 0 || count > size)
        return false;
    for (size_t i = 0; i < count; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        octets[i] = (uint8_t)(high * 16 + low);
    }
    *length = count;
    return true;
}

/* A number of octets; false when it is none, or too large. */
static bool read_size(const char *text, size_t *size)
{
    size_t value = 0, digits = strspn(text, "0123456789");
    for (size_t i = 0; i < digits && value <= OCTETS_MAX; i++)
        value = value * 10 + (size_t)(text[i] - '0');
    *size = value;
    return digits > 0 && text[digits] == '\0' && value <= OCTETS_MAX;
}

/* As in a scenario: letters, so that a capture can be read; or numbers from the seed. */
static enum ss_status make_octets(struct ss_probe *probe, const char *text, bool random,
                                  uint8_t *octets, size_t *length, struct ss_problem *problem)
{
    size_t size;
    if (!read_size(text, &size))
        return ss_problem_set(problem, SS_USAGE, "a number of octets is from 0 to %d, not '%.40s'",
                              OCTETS_MAX, text);
    for (size_t i = 0; i < size; i++)
        octets[i] = (uint8_t)(random ? ss_random_next32(&probe->names.random) : 'a' + i % 26);
    *length = size;
    return SS_OK;
}

static enum ss_status read_text(const char *text, uint8_t *octets, size_t *length,
                                struct ss_problem *problem)
{
    size_t size = strlen(text);
    if (size > OCTETS_MAX)
        return ss_problem_set(problem, SS_USAGE, "a text of %zu octets is longer than %d", size,
                              OCTETS_MAX);
    memcpy(octets, text, size);
    *length = size;
    return SS_OK;
}

/* What follows `prefix`; NULL when the text begins otherwise. */
static const char *after(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

static enum ss_status read_written(struct ss_probe *probe, const char *text, uint8_t *octets,
                                   size_t *length, struct ss_problem *problem)
{
    const char *hex = after(text, "hex:"), *size = after(text, "size:");
    const char *random = after(text, "random:"), *plain = after(text, "text:");
    if (hex && !probe_read_hex(hex, octets, OCTETS_MAX, length))
        return ss_problem_set(problem, SS_USAGE,
                              "hex: takes pairs of hexadecimal digits, such as hex:0a0b, not "
                              "'%.60s'",
                              hex);
    if (size || random)
        return make_octets(probe, size ? size : random, random != NULL, octets, length, problem);
    return hex ? SS_OK : read_text(plain ? plain : text, octets, length, problem);
}

enum ss_status probe_read_octets(struct ss_probe *probe, const char *text, uint8_t **octets,
                                 size_t *length, struct ss_problem *problem)
{
    if (text[0] == '@' && probe->reader.read)
        return probe->reader.read(probe->reader.context, text + 1, octets, length, problem);
    uint8_t *made = malloc(OCTETS_MAX + 1);
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the octets");
    enum ss_status status = read_written(probe, text, made, length, problem);
    if (status == SS_OK)
        *octets = made;
    else
        free(made);
    return status;
}
