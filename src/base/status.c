/*
 * status: the words and exit statuses of enum ss_status, and the storing of a line for the user.
 */
#include "synstep/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *ss_status_text(enum ss_status status)
{
    switch (status) {
    case SS_OK:
        return "all right";
    case SS_USAGE:
        return "wrong usage";
    case SS_UNREADABLE:
        return "unreadable";
    case SS_FORBIDDEN:
        return "not permitted";
    case SS_NO_SPACE:
        return "no space left";
    case SS_IO:
        return "input or output failed";
    case SS_TIMED_OUT:
        return "no answer in time";
    case SS_REFUSED:
        return "refused by the peer";
    case SS_INTERRUPTED:
        return "interrupted";
    case SS_CHECK_FAILED:
        return "a check failed";
    }
    return "unknown status";
}

int ss_status_exit(enum ss_status status)
{
    switch (status) {
    case SS_OK:
        return 0;
    case SS_USAGE:
    case SS_UNREADABLE:
        return 2;
    case SS_FORBIDDEN:
        return 3;
    case SS_NO_SPACE:
    case SS_IO:
    case SS_TIMED_OUT:
    case SS_REFUSED:
    case SS_INTERRUPTED:
    case SS_CHECK_FAILED:
        return 1;
    }
    return 1;
}

/* Octets that the UTF-8 sequence beginning with `lead` has (RFC 3629 section 3). */
static size_t utf8_length(unsigned char lead)
{
    if (lead >= 0xf0)
        return 4;
    if (lead >= 0xe0)
        return 3;
    return lead >= 0xc0 ? 2 : 1;
}

/* Takes a character off the end of a cut text when the cut went through its middle. */
static void drop_half_character(char *text)
{
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    start--;
    if (start + utf8_length((unsigned char)text[start]) > length)
        text[start] = '\0';
}

enum ss_status ss_problem_set(struct ss_problem *problem, enum ss_status status, const char *format,
                              ...)
{
    if (!problem)
        return status;
    problem->status = status;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(problem->text, sizeof problem->text, format, arguments);
    va_end(arguments);
    if (length < 0)
        problem->text[0] = '\0';
    else if ((size_t)length >= sizeof problem->text)
        drop_half_character(problem->text);
    return status;
}
