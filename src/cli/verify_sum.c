/* verify_sum: the counts of a file, the worst first. */
#include "verify_sum.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void verify_sum_finding(struct verify_sum *sum, const struct verify_options *options,
                        const struct ss_verdict *verdict)
{
    if (!options->told[verdict->rule])
        return;
    sum->findings[verdict->rule][verdict->level]++;
    if (verdict->level == SS_VERDICT_VIOLATION)
        sum->violations++;
}

void verify_sum_flow(struct verify_sum *sum, const struct ss_flow *flow)
{
    sum->connections++;
    sum->late += flow->late;
    sum->ends[ss_flow_end(flow)]++;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_ends(const struct verify_sum *sum)
{
    const char *between = ": ";
    printf("%" PRIu64 " connection%s", sum->connections, plural(sum->connections));
    for (int end = 0; end < VERIFY_ENDS; end++)
        if (sum->ends[end]) {
            printf("%s%" PRIu64 " %s", between, sum->ends[end],
                   ss_connection_end_text((enum ss_connection_end)end));
            between = ", ";
        }
    if (sum->late)
        printf("; %" PRIu64 " begin%s before the capture", sum->late, sum->late == 1 ? "s" : "");
    putchar('\n');
}

struct counted {
    uint64_t count;
    enum ss_rule rule;
};

/* The most frequent first; then by the rules' own order. */
static int by_count(const void *a, const void *b)
{
    const struct counted *one = a, *other = b;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    return one->rule < other->rule ? -1 : one->rule > other->rule;
}

static void print_level(const struct verify_sum *sum, enum ss_verdict_level level)
{
    struct counted list[SS_RULES];
    size_t count = 0;
    for (int rule = 0; rule < SS_RULES; rule++)
        if (sum->findings[rule][level])
            list[count++] = (struct counted){sum->findings[rule][level], (enum ss_rule)rule};
    qsort(list, count, sizeof(*list), by_count);
    for (size_t i = 0; i < count; i++)
        printf("%8" PRIu64 "  %-9s  %-28s  %-19s  %s\n", list[i].count,
               ss_verdict_level_name(level), ss_rule_name(list[i].rule),
               ss_rule_clause(list[i].rule), ss_rule_meaning(list[i].rule));
}

static bool has_findings(const struct verify_sum *sum, const struct verify_options *options)
{
    for (int rule = 0; rule < SS_RULES; rule++)
        for (int level = (int)options->level; level <= SS_VERDICT_VIOLATION; level++)
            if (sum->findings[rule][level])
                return true;
    return false;
}

void verify_sum_print(const struct verify_sum *sum, const struct verify_options *options,
                      const char *file, uint64_t crowded_out, uint64_t fragments)
{
    printf("%s: %" PRIu64 " frame%s, %" PRIu64 " TCP segment%s, ", file, sum->frames,
           plural(sum->frames), sum->segments, plural(sum->segments));
    print_ends(sum);
    if (sum->lost)
        printf("%" PRIu64 " frame%s lost for want of time or room: what is missing may be that\n",
               sum->lost, sum->lost == 1 ? " was" : "s were");
    if (crowded_out)
        printf("%" PRIu64 " connections were told before they ended: too many were open at once\n",
               crowded_out);
    if (fragments)
        printf("%" PRIu64 " fragmented datagram%s could not be put together, and %s not judged\n",
               fragments, plural(fragments), fragments == 1 ? "was" : "were");
    for (int level = SS_VERDICT_VIOLATION; level >= (int)options->level; level--)
        print_level(sum, (enum ss_verdict_level)level);
    if (!has_findings(sum, options))
        puts("nothing to tell");
}
