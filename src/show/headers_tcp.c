/*
 * headers_tcp: each option of a TCP header.
 */
#include <inttypes.h>
#include <stdio.h>

#include "headers_parts.h"
#include "synstep/bytes.h"
#include "synstep/tcp_option.h"

static void visit_sack(const struct ss_visit *visit, const struct ss_tcp_option *option, size_t at)
{
    size_t blocks = (option->length - 2U) / 8;
    ss_visit_piece(visit, at, 2, "SACK", "", "%zu block%s", blocks, blocks == 1 ? "" : "s");
    for (size_t i = 0; i < blocks; i++)
        ss_visit_piece(visit, at + 2 + 8 * i, 8, "SACK Block", "the second is not in it",
                       "%" PRIu32 " to %" PRIu32, ss_bytes_get32(option->data + 8 * i),
                       ss_bytes_get32(option->data + 8 * i + 4));
}

static void visit_shift(const struct ss_visit *visit, const struct ss_tcp_option *option, size_t at)
{
    char meaning[64];
    uint8_t shift = option->data[0];
    snprintf(meaning, sizeof(meaning), "%s",
             shift > SS_TCP_WINDOW_SHIFT_MAX ? "over 14: taken as 14" : "");
    if (shift <= SS_TCP_WINDOW_SHIFT_MAX)
        snprintf(meaning, sizeof(meaning), "window times %u", 1U << shift);
    ss_visit_piece(visit, at, 3, "Window Scale", meaning, "%u", (unsigned)shift);
}

static void visit_times(const struct ss_visit *visit, const struct ss_tcp_option *option, size_t at)
{
    ss_visit_piece(visit, at, 6, "Timestamp Value", "", "%" PRIu32, ss_bytes_get32(option->data));
    ss_visit_piece(visit, at + 6, 4, "Timestamp Echo Reply", "", "%" PRIu32,
                   ss_bytes_get32(option->data + 4));
}

/* An option whose length is what its kind takes; of a kind without arithmetic, its octets. */
static void visit_known(const struct ss_visit *visit, const struct ss_tcp_option *option,
                        const char *name, size_t at)
{
    switch ((enum ss_tcp_option_kind)option->kind) {
    case SS_TCP_OPTION_END:
    case SS_TCP_OPTION_NOP:
    case SS_TCP_OPTION_SACK_PERMITTED:
        ss_visit_piece(visit, at, option->length, name, "", "%s", "");
        return;
    case SS_TCP_OPTION_MSS:
        ss_visit_piece(visit, at, 4, name, "", "%u", (unsigned)ss_bytes_get16(option->data));
        return;
    case SS_TCP_OPTION_WINDOW_SCALE:
        visit_shift(visit, option, at);
        return;
    case SS_TCP_OPTION_SACK:
        visit_sack(visit, option, at);
        return;
    case SS_TCP_OPTION_TIMESTAMPS:
        visit_times(visit, option, at);
        return;
    case SS_TCP_OPTION_FAST_OPEN:
        break;
    }
    ss_visit_octets(visit, at, option->length, name, "");
}

static void visit_option(const struct ss_visit *visit, const struct ss_tcp_option *option,
                         size_t at)
{
    const struct ss_tcp_option_form *form = ss_tcp_option_form(option->kind);
    char unknown[32];
    snprintf(unknown, sizeof(unknown), "Kind %u", (unsigned)option->kind);
    if (form && ss_tcp_option_is_well_formed(option))
        visit_known(visit, option, form->name, at);
    else
        ss_visit_octets(visit, at, option->length, form ? form->name : unknown,
                        form ? "length WRONG" : "unknown");
}

/* Each option, and what the walk could not read or was not to read: octets after the end. */
void ss_visit_tcp_options(const struct ss_visit *visit, size_t begin)
{
    size_t end = begin + visit->layer->rest_length;
    struct ss_tcp_option_walk walk = ss_tcp_option_walk_over(visit->frame + begin, end - begin);
    struct ss_tcp_option option;
    size_t at = begin;
    while (ss_tcp_option_next(&walk, &option)) {
        at = begin + option.offset;
        visit_option(visit, &option, at);
        at += option.length;
    }
    if (at < end)
        ss_visit_octets(visit, at, end - at, walk.malformed ? "Unreadable" : "Padding",
                        walk.malformed ? "length WRONG" : "");
}
