/*
 * test_verify_shift: no number is special. The same conversation, however senseless, gets the same
 * verdicts wherever J and K lie: at random places, and wherever any of its edges falls on 0.
 */
#include "synstep/random.h"
#include "verify_bench.h"

enum { SEGMENTS = 60, SHIFTS = 1000, SLOW_SHIFTS = 50, EDGE_CONVERSATIONS = 12, SLOW_EDGES = 20 };

static uint64_t shifts(void)
{
    return check_is_slow() ? SLOW_SHIFTS : SHIFTS;
}

struct conversation {
    struct bench_segment segments[SEGMENTS];
};

#define pick(random, ...)                                                                          \
    ((const int64_t[]){__VA_ARGS__}[ss_random_below(                                               \
        random, (uint32_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))])

/* Where each end stands if all goes well: most segments are made from that, some are not. */
struct stand {
    int64_t next[2];
    uint32_t stamp; /* 0: none are sent */
};

static uint8_t some_flags(struct ss_random *random)
{
    return (uint8_t)pick(random, ACK, ACK, ACK, ACK, ACK, ACK, ACK, PSH | ACK, PSH | ACK, FIN | ACK,
                         ACK, ACK, ACK, ACK, ACK, ACK, ACK, ACK, RST, RST | ACK, SYN, SYN | ACK,
                         PSH, FIN);
}

/* Timestamps that mostly go on, and SACK blocks around what is acknowledged. */
static void some_marks(struct ss_random *random, struct stand *stand, struct bench_segment *s)
{
    if (stand->stamp && ss_random_below(random, 20)) {
        s->stamp = stand->stamp += (uint32_t)pick(random, 0, 1, 1, 5);
        s->stamp -= (uint32_t)pick(random, 0, 0, 0, 0, 7);
        s->echo = ss_random_below(random, 9) ? 0 : s->stamp + (uint32_t)pick(random, -9, 2);
    }
    s->sack_count = (uint8_t)pick(random, 0, 0, 0, 1, 2);
    for (size_t i = 0; i < 2 * (size_t)s->sack_count; i++)
        s->sack[i] = s->ack + pick(random, -20, -10, 0, 10, 20, 400, INT64_C(0x80000000));
}

static struct bench_segment some_segment(struct ss_random *random, struct stand *stand)
{
    struct bench_segment s = {.from = ss_random_below(random, 2) ? SS_SIDE_B : SS_SIDE_A};
    s.flags = some_flags(random);
    s.seq = stand->next[s.from] + pick(random, 0, 0, 0, 0, 0, 0, 0, -1, -10, -20, 10, 20, 990, 1000,
                                       1001, 5000, -500, INT64_C(0x80000000));
    if (s.flags & SYN)
        s.seq = pick(random, 0, 0, 1, 11, -500, 300);
    s.ack = stand->next[ss_side_other(s.from)] +
            pick(random, 0, 0, 0, 0, 0, 0, 0, -1, -10, 1, 5, -1001, INT64_C(0x80000000));
    if (!(s.flags & ACK) && s.ack == 0)
        s.ack = 1; /* so that the field moves along with the others */
    s.payload = (uint32_t)pick(random, 0, 0, 0, 10, 10, 20, 1, 400);
    s.window = (int)pick(random, 0, 0, 0, 0, -1, 400, 2000);
    s.shift = (int)pick(random, 0, 4, 8);
    s.fast_open = ss_random_below(random, 8) == 0;
    s.no_id = ss_random_below(random, 3) == 0;
    s.after_us = (uint64_t)pick(random, 100, 100, 100, 9000, 30000);
    some_marks(random, stand, &s);
    if (!(s.flags & (SYN | RST)) && s.seq == stand->next[s.from])
        stand->next[s.from] += s.payload + (s.flags & FIN ? 1 : 0);
    return s;
}

/* Most begin as connections do, some with nothing, or with two SYNs. */
static size_t some_opening(struct ss_random *random, struct conversation *conversation)
{
    int shift = (int)pick(random, 0, 3);
    struct bench_segment *s = conversation->segments;
    s[0] = (struct bench_segment){.from = A, .flags = SYN, .shift = shift};
    s[1] = (struct bench_segment){.from = B, .flags = SYN | ACK, .ack = 1, .shift = shift};
    s[2] = (struct bench_segment){.from = A, .flags = ACK, .seq = 1, .ack = 1};
    if (ss_random_below(random, 6) == 0)
        s[1].flags = SYN;
    return (size_t)pick(random, 3, 3, 3, 3, 3, 3, 2, 1, 0);
}

static struct conversation some_conversation(uint64_t seed)
{
    struct ss_random random = ss_random_seeded(seed);
    struct stand stand = {.next = {1, 1}};
    stand.stamp = ss_random_below(&random, 2) ? ss_random_next32(&random) | 1 : 0;
    struct conversation conversation = {0};
    for (size_t i = some_opening(&random, &conversation); i < SEGMENTS; i++)
        conversation.segments[i] = some_segment(&random, &stand);
    for (size_t i = 0; i < 2 && stand.stamp; i++) /* those of the opening, if it is there */
        conversation.segments[i].stamp = stand.stamp;
    return conversation;
}

/* The one number that is absolute: 0 in a refusal (RFC 9293 section 3.10.7.1). */
static bool is_absolute(const struct ss_verdict *verdict)
{
    return strncmp(ss_rule_name(verdict->rule), "refusal_seq", strlen("refusal_seq")) == 0;
}

static uint32_t base_of(const struct bench *bench, const struct ss_verdict *verdict)
{
    if (verdict->numbers == SS_NUMBERS_SEQ_A)
        return bench->isn[A];
    return verdict->numbers == SS_NUMBERS_SEQ_B ? bench->isn[B] : 0;
}

static bool is_same_verdict(const struct bench *one, const struct ss_verdict *a,
                            const struct bench *other, const struct ss_verdict *b)
{
    if (is_absolute(a) || is_absolute(b))
        return is_absolute(a) && is_absolute(b);
    return a->rule == b->rule && a->level == b->level &&
           a->expected - base_of(one, a) == b->expected - base_of(other, b) &&
           a->actual - base_of(one, a) == b->actual - base_of(other, b);
}

/* One answer for the whole step: each of Check's own assertions costs a system call. */
static bool is_same_step(const struct bench *one, const struct bench *other)
{
    if (one->verdicts.count != other->verdicts.count)
        return false;
    for (size_t n = 0; n < one->verdicts.count; n++)
        if (!is_same_verdict(one, &one->verdicts.list[n], other, &other->verdicts.list[n]))
            return false;
    return memcmp(&one->analysis, &other->analysis, sizeof(one->analysis)) == 0 &&
           one->verify.sides[A].state == other->verify.sides[A].state &&
           one->verify.sides[B].state == other->verify.sides[B].state;
}

static void expect_same(const struct conversation *conversation, struct bench one,
                        struct bench other)
{
    for (size_t i = 0; i < SEGMENTS; i++) {
        char here[BENCH_LINE_SIZE], there[BENCH_LINE_SIZE];
        bench_feed(&one, conversation->segments[i]);
        bench_feed(&other, conversation->segments[i]);
        if (is_same_step(&one, &other))
            continue;
        bench_line(&one.verdicts, here);
        bench_line(&other.verdicts, there);
        ck_abort_msg("segment %zu: \"%s\" at J=%u K=%u, but \"%s\" at J=%u K=%u", i, here,
                     one.isn[A], one.isn[B], there, other.isn[A], other.isn[B]);
    }
}

START_TEST(test_verify_random_shifts_change_no_verdict)
{
    struct ss_random random = ss_random_seeded(5961);
    for (uint64_t seed = 0; seed < shifts(); seed++) {
        struct conversation conversation = some_conversation(seed);
        uint32_t j = ss_random_next32(&random), k = ss_random_next32(&random);
        expect_same(&conversation, bench_of(0x10000000, 0x20000000), bench_of(j, k));
    }
}
END_TEST

/* Shifts both streams so that `seq` of the one, or `ack` of the other, is 0. */
static void expect_same_at_edge(const struct conversation *conversation, enum ss_side from,
                                int64_t seq, int64_t ack)
{
    struct bench shifted = bench_of(0x30000000, 0x40000000);
    shifted.isn[from] = (uint32_t)-seq;
    expect_same(conversation, bench_of(0x10000000, 0x20000000), shifted);
    shifted.isn[ss_side_other(from)] = (uint32_t)-ack;
    expect_same(conversation, bench_of(0x10000000, 0x20000000), shifted);
}

START_TEST(test_verify_edges_on_zero_change_no_verdict)
{
    struct conversation conversation = some_conversation(70000 + (uint64_t)_i);
    size_t every = check_is_slow() ? SLOW_EDGES : 1;
    for (size_t i = (size_t)_i % every; i < SEGMENTS; i += every) {
        const struct bench_segment *s = &conversation.segments[i];
        expect_same_at_edge(&conversation, s->from, s->seq, s->ack);
        expect_same_at_edge(&conversation, s->from, s->seq + s->payload, s->ack + BENCH_WINDOW);
        expect_same_at_edge(&conversation, s->from, s->seq + s->payload + 1, s->ack + 1);
        expect_same_at_edge(&conversation, s->from, s->seq - 1, s->ack - 1);
        for (size_t n = 0; n < 2 * (size_t)s->sack_count; n++)
            expect_same_at_edge(&conversation, s->from, s->seq, s->sack[n]);
    }
}
END_TEST

/* The conversations above are worth something only if they meet most of the rules. */
START_TEST(test_verify_random_conversations_meet_most_rules)
{
    size_t count = 0, met = 0;
    const struct ss_verify_rule *rules = ss_verify_rules(&count);
    bool seen[128] = {false};
    ck_assert_uint_le(count, sizeof seen);
    for (uint64_t seed = 0; seed < shifts(); seed++) {
        struct conversation conversation = some_conversation(seed);
        struct bench bench = bench_of(0x10000000, 0x20000000);
        for (size_t i = 0; i < SEGMENTS; i++) {
            bench_feed(&bench, conversation.segments[i]);
            if (bench.verdicts.count >= SS_VERDICTS_MAX)
                ck_abort_msg("a list of verdicts is full");
            for (size_t n = 0; n < count; n++)
                seen[n] = seen[n] || bench_verdict(&bench, rules[n].name);
        }
    }
    for (size_t n = 0; n < count; n++)
        met += seen[n];
    ck_assert_msg(met >= (check_is_slow() ? 50 : 70), "only %zu of %zu rules were met", met, count);
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_shift");
    TCase *tcase = tcase_create("shift");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_verify_random_shifts_change_no_verdict);
    tcase_add_loop_test(tcase, test_verify_edges_on_zero_change_no_verdict, 0, EDGE_CONVERSATIONS);
    tcase_add_test(tcase, test_verify_random_conversations_meet_most_rules);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
