/* answers: the table of probes, found again by what an answer says. */
#include "synstep/answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "answers_parts.h"
#include "synstep/seq.h"

enum { BUCKETS = 1 << 16, FIRST_ROOM = 64, LOOKED_BACK_MAX = 4096 };

static const uint32_t no_probe = UINT32_MAX;

struct probe {
    struct answer_trait trait;
    uint64_t time_us;
    uint64_t rtt_us; /* of its first answer */
    uint32_t before; /* the one before it in the same bucket */
    bool answered;
    bool late;
    bool error;
};

struct ss_answers {
    enum ss_link link;
    uint64_t timeout_us;
    struct probe *probes;
    size_t count, room;
    size_t first_answers;
    uint64_t duplicates;
    uint32_t buckets[BUCKETS]; /* the newest probe of each */
};

struct ss_answers *ss_answers_new(enum ss_link link, uint64_t timeout_us)
{
    struct ss_answers *answers = calloc(1, sizeof(*answers));
    if (!answers)
        return NULL;
    answers->link = link;
    answers->timeout_us = timeout_us;
    memset(answers->buckets, 0xff, sizeof(answers->buckets));
    return answers;
}

void ss_answers_free(struct ss_answers *answers)
{
    if (!answers)
        return;
    free(answers->probes);
    free(answers);
}

/* Probes that one answer could mean are in one bucket. */
static size_t bucket_of(const struct answer_trait *trait)
{
    uint32_t mixed = ((uint32_t)trait->local << 16 | trait->peer) * UINT32_C(2654435761);
    return (mixed >> 16 ^ trait->protocol) % BUCKETS;
}

static bool grow(struct ss_answers *answers)
{
    size_t room = answers->room ? answers->room * 2 : FIRST_ROOM;
    struct probe *probes = realloc(answers->probes, room * sizeof(*probes));
    if (!probes)
        return false;
    answers->probes = probes;
    answers->room = room;
    return true;
}

enum ss_status ss_answers_sent(struct ss_answers *answers, const uint8_t *octets, size_t length,
                               uint64_t time_us, struct ss_problem *problem)
{
    if (answers->count == answers->room && !grow(answers))
        return ss_problem_set(problem, SS_IO, "out of memory for the probes; give --no-answers");
    struct probe *probe = &answers->probes[answers->count];
    *probe = (struct probe){.time_us = time_us, .before = no_probe};
    answer_trait_of(answers->link, octets, length, &probe->trait);
    uint32_t *newest = &answers->buckets[bucket_of(&probe->trait)];
    probe->before = *newest;
    *newest = (uint32_t)answers->count++;
    return SS_OK;
}

/* How well an answer fits a probe. */
enum fit { FIT_NOT, FIT_LOOSE, FIT_EXACT };

/*
 * RFC 9293 section 3.10.7: what answers acknowledges all of the probe; a RST to a segment with ACK
 * has that number as its own, and need not acknowledge.
 */
static enum fit fit_tcp(const struct answer_trait *probe, const struct answer_trait *answer)
{
    bool acknowledges = answer->flags & ANSWER_ACK;
    bool reset = answer->flags & ANSWER_RST;
    struct ss_seq all = ss_seq_add(ss_seq_from(probe->seq), probe->segment_length);
    if (acknowledges && ss_seq_equal(ss_seq_from(answer->ack), all))
        return FIT_EXACT;
    if (reset && (probe->flags & ANSWER_ACK) && answer->seq == probe->ack)
        return FIT_EXACT;
    return reset || acknowledges ? FIT_LOOSE : FIT_NOT;
}

static enum fit fit_of(const struct answer_trait *probe, const struct answer_trait *answer)
{
    if (probe->protocol != answer->protocol || probe->local != answer->local ||
        probe->peer != answer->peer || probe->protocol == 0)
        return FIT_NOT;
    if (answer->quoted)
        return probe->protocol != ANSWER_TCP || probe->seq == answer->seq ? FIT_EXACT : FIT_NOT;
    if (probe->protocol == ANSWER_TCP)
        return fit_tcp(probe, answer);
    return !probe->reply && answer->reply ? FIT_EXACT : FIT_NOT;
}

/* Of two that fit alike, the older is rather meant: unanswered, and its time is not over. */
static bool is_rather(const struct ss_answers *answers, const struct probe *older, uint32_t newer,
                      uint64_t time_us)
{
    bool in_time = older->time_us + answers->timeout_us >= time_us;
    return !older->answered && (in_time || answers->probes[newer].answered);
}

/* Rather one that fits exactly; of those, the oldest that still waits: answers keep their order. */
static uint32_t find(const struct ss_answers *answers, const struct answer_trait *trait,
                     uint64_t time_us, enum fit *best)
{
    uint32_t found = no_probe;
    size_t looked = 0;
    *best = FIT_NOT;
    for (uint32_t at = answers->buckets[bucket_of(trait)];
         at != no_probe && looked++ < LOOKED_BACK_MAX; at = answers->probes[at].before) {
        const struct probe *probe = &answers->probes[at];
        enum fit fit = fit_of(&probe->trait, trait);
        bool alike = fit == *best && fit != FIT_NOT;
        if (fit > *best || (alike && is_rather(answers, probe, found, time_us))) {
            found = at;
            *best = fit;
        }
    }
    return found;
}

bool ss_answers_match(struct ss_answers *answers, const uint8_t *octets, size_t length,
                      uint64_t time_us, struct ss_answer *answer)
{
    struct answer_trait trait;
    enum fit fit = FIT_NOT;
    if (!answer_trait_reversed(answers->link, octets, length, &trait))
        return false;
    uint32_t at = find(answers, &trait, time_us, &fit);
    if (at == no_probe)
        return false;
    struct probe *probe = &answers->probes[at];
    uint64_t rtt_us = time_us > probe->time_us ? time_us - probe->time_us : 0;
    *answer = (struct ss_answer){
        .probe = at,
        .rtt_us = rtt_us,
        .error = trait.quoted,
        .duplicate = probe->answered,
        .late = rtt_us > answers->timeout_us,
        .wrong_numbers = fit == FIT_LOOSE,
    };
    if (probe->answered) {
        answers->duplicates++;
        return true;
    }
    probe->answered = true;
    probe->late = answer->late;
    probe->error = answer->error;
    probe->rtt_us = rtt_us;
    answers->first_answers++;
    return true;
}

bool ss_answers_has(const struct ss_answers *answers, uint64_t probe)
{
    return probe < answers->count && answers->probes[probe].answered;
}

bool ss_answers_are_complete(const struct ss_answers *answers)
{
    return answers->first_answers == answers->count;
}

static void add_round_trip(struct ss_answers_sum *sum, double ms)
{
    if (sum->answered + sum->late == 1 || ms < sum->min_ms)
        sum->min_ms = ms;
    if (ms > sum->max_ms)
        sum->max_ms = ms;
    sum->mean_ms += ms;
}

struct ss_answers_sum ss_answers_sum(const struct ss_answers *answers)
{
    struct ss_answers_sum sum = {.sent = answers->count, .duplicates = answers->duplicates};
    double count = (double)answers->first_answers;
    for (size_t i = 0; i < answers->count; i++) {
        const struct probe *probe = &answers->probes[i];
        if (!probe->answered)
            continue;
        sum.answered += !probe->late;
        sum.late += probe->late;
        sum.errors += probe->error;
        add_round_trip(&sum, (double)probe->rtt_us / 1000);
    }
    if (count > 0)
        sum.mean_ms /= count;
    for (size_t i = 0; i < answers->count; i++)
        if (answers->probes[i].answered)
            sum.deviation_ms +=
                fabs((double)answers->probes[i].rtt_us / 1000 - sum.mean_ms) / count;
    return sum;
}
