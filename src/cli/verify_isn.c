/* verify_isn: of each host what it counts by. */
#include "verify_isn.h"

#include <inttypes.h>
#include <stdio.h>

#include "verify_json.h"

/* Modulo 2^32 a long step is one back. */
static void print_step(uint32_t step)
{
    if (step <= INT32_MAX)
        printf("%" PRIu32 " after the one before", step);
    else
        printf("%" PRIu32 " before the one before", 0 - step);
}

static void print_pattern(const struct ss_isn_found *found)
{
    switch (found->pattern) {
    case SS_ISN_CONSTANT:
        printf("always the same");
        return;
    case SS_ISN_NEAR:
        printf("each at most %" PRIu32 " after the one before", found->step);
        return;
    case SS_ISN_STEP:
        printf("each ");
        print_step(found->step);
        break;
    case SS_ISN_CLOCK:
        printf("a clock of %" PRIu32 " a second", found->per_second);
        break;
    }
    printf(", missed by %" PRIu32 " at most", found->miss);
}

void verify_isn_print(const struct ss_isn_hosts *hosts)
{
    uint64_t all;
    size_t count;
    const struct ss_isn_told *told = ss_isn_hosts_told(hosts, &count, &all);
    for (size_t i = 0; i < count; i++) {
        char address[SS_ADDRESS_TEXT_SIZE];
        ss_address_format(address, &told[i].address);
        printf("ISNs of %s: ", address);
        print_pattern(&told[i].found);
        putchar('\n');
    }
    if (all > count)
        printf("ISNs of %" PRIu64 " more hosts can be foretold\n", all - count);
}

static json_t *integer_of(bool known, uint32_t number)
{
    return known ? json_integer(number) : json_null();
}

void verify_isn_json(const char *file, const struct ss_isn_hosts *hosts)
{
    uint64_t all;
    size_t count;
    const struct ss_isn_told *told = ss_isn_hosts_told(hosts, &count, &all);
    for (size_t i = 0; i < count; i++) {
        const struct ss_isn_found *found = &told[i].found;
        bool clock = found->pattern == SS_ISN_CLOCK;
        char address[SS_ADDRESS_TEXT_SIZE];
        ss_address_format(address, &told[i].address);
        verify_json_line(json_pack(
            "{s:s, s:o, s:s, s:I, s:s, s:o, s:o, s:I, s:I}", "event", "isn", "file",
            verify_json_text(file), "address", address, "frame", (json_int_t)told[i].frame,
            "pattern", ss_isn_pattern_name(found->pattern), "step", integer_of(!clock, found->step),
            "per_second", integer_of(clock, found->per_second), "miss", (json_int_t)found->miss,
            "isns", (json_int_t)found->count));
    }
}
