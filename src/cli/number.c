/* number: numbers as people type them. */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Decimal, or hexadecimal after 0x; a leading zero is no octal. */
static int base_of(const char *text)
{
    const char *digits = text + (text[0] == '-' || text[0] == '+');
    return digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') ? 16 : 10;
}

enum ss_status number_read(const char *what, const char *text, int64_t least, int64_t most,
                           int64_t *value, struct ss_problem *problem)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, base_of(text));
    bool whole = end != text && *end == '\0' && !isspace((unsigned char)text[0]);
    if (!whole || errno == ERANGE || number < least || number > most)
        return ss_problem_set(problem, SS_USAGE,
                              "%s takes a whole number from %" PRId64 " to %" PRId64 ", not '%s'",
                              what, least, most, text);
    *value = number;
    return SS_OK;
}

enum ss_status number_read_seconds(const char *what, const char *text, uint64_t *microseconds,
                                   struct ss_problem *problem)
{
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(seconds) || seconds < 0.001 || seconds > 3600)
        return ss_problem_set(problem, SS_USAGE,
                              "%s takes seconds from 0.001 to 3600, such as 2.5, not '%s'", what,
                              text);
    *microseconds = (uint64_t)llround(seconds * 1e6);
    return SS_OK;
}
