/*
 * verify_runs: what was seen of a stream beyond a gap, as stretches in order.
 */
#include <string.h>

#include "verify_internal.h"

static void remove_runs(struct ss_verify_extra_side *extra, uint32_t at, uint32_t count)
{
    memmove(extra->runs + at, extra->runs + at + count,
            (extra->run_count - at - count) * sizeof extra->runs[0]);
    extra->run_count -= count;
}

void ss_verify_absorb_runs(struct ss_verify_side *side, struct ss_verify_extra_side *extra)
{
    uint32_t taken = 0;
    if (!extra)
        return;
    while (taken < extra->run_count &&
           ss_seq_at_or_before(extra->runs[taken].start, side->contiguous)) {
        if (ss_seq_after(extra->runs[taken].end, side->contiguous))
            side->contiguous = extra->runs[taken].end;
        taken++;
    }
    if (taken > 0)
        remove_runs(extra, 0, taken);
}

static void insert_run(struct ss_verify_extra_side *extra, uint32_t at, struct ss_verify_run run)
{
    memmove(extra->runs + at + 1, extra->runs + at,
            (extra->run_count - at) * sizeof extra->runs[0]);
    extra->runs[at] = run;
    extra->run_count++;
}

/* Joins the run at `at` with those after it that it touches. */
static void join_runs(struct ss_verify_extra_side *extra, uint32_t at)
{
    struct ss_verify_run *run = &extra->runs[at];
    uint32_t next = at + 1;
    while (next < extra->run_count && ss_seq_at_or_before(extra->runs[next].start, run->end)) {
        if (ss_seq_after(extra->runs[next].end, run->end))
            run->end = extra->runs[next].end;
        next++;
    }
    remove_runs(extra, at + 1, next - at - 1);
}

/*
 * Remembers what was seen beyond a gap. When there are too many gaps the furthest run gives way:
 * what it held then counts as not seen until an acknowledgment covers it.
 */
static void add_run(struct ss_verify_extra_side *extra, struct ss_verify_run run)
{
    uint32_t at = 0;
    while (at < extra->run_count && ss_seq_before(extra->runs[at].end, run.start))
        at++;
    if (at < extra->run_count && ss_seq_at_or_before(extra->runs[at].start, run.end)) {
        if (ss_seq_before(run.start, extra->runs[at].start))
            extra->runs[at].start = run.start;
        if (ss_seq_after(run.end, extra->runs[at].end))
            extra->runs[at].end = run.end;
    } else {
        if (at == SS_VERIFY_RUNS_MAX)
            return;
        if (extra->run_count == SS_VERIFY_RUNS_MAX)
            extra->run_count--;
        insert_run(extra, at, run);
    }
    join_runs(extra, at);
}

void ss_verify_see(struct ss_verify_side *side, struct ss_verify_extra_side *extra,
                   struct ss_verify_run seen)
{
    if (ss_seq_equal(seen.start, seen.end))
        return;
    if (ss_seq_after(seen.start, side->contiguous)) {
        if (extra)
            add_run(extra, seen);
        return;
    }
    if (ss_seq_after(seen.end, side->contiguous))
        side->contiguous = seen.end;
    ss_verify_absorb_runs(side, extra);
}

bool ss_verify_was_seen(const struct ss_verify_side *side, const struct ss_verify_extra_side *extra,
                        struct ss_verify_run asked)
{
    if (ss_seq_at_or_before(asked.end, side->contiguous))
        return true;
    for (uint32_t i = 0; extra && i < extra->run_count; i++)
        if (ss_seq_at_or_before(extra->runs[i].start, asked.start) &&
            ss_seq_at_or_before(asked.end, extra->runs[i].end))
            return true;
    return false;
}

/* Both `asked` and `seen` are no longer than half the numbers; what they have in common. */
static uint32_t common(struct ss_verify_run asked, struct ss_verify_run seen)
{
    struct ss_seq start = ss_seq_before(asked.start, seen.start) ? seen.start : asked.start;
    struct ss_seq end = ss_seq_after(asked.end, seen.end) ? seen.end : asked.end;
    return ss_seq_before(start, end) ? ss_seq_distance(start, end) : 0;
}

uint32_t ss_verify_count_seen(const struct ss_verify_side *side,
                              const struct ss_verify_extra_side *extra, struct ss_verify_run asked)
{
    uint32_t count = 0;
    if (side->contiguous_known)
        count = common(asked, (struct ss_verify_run){asked.start, side->contiguous});
    for (uint32_t i = 0; extra && i < extra->run_count; i++)
        count += common(asked, extra->runs[i]);
    return count;
}
