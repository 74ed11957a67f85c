/*
 * test_verify_fast: the short way for most packets says and remembers what the long way does, to
 * the last octet, in random conversations that mostly go as they should.
 */
#include "../src/tcp/verify_internal.h"
#include "synstep/random.h"
#include "verify_bench.h"

enum { SEGMENTS = 300, CONVERSATIONS = 400, OCTETS = 64 };

/* The same connection, judged both ways. */
struct twin {
    struct ss_verify verify;
    struct ss_verify_room room;
    struct ss_verdicts verdicts;
    struct ss_verify_analysis analysis;
};

struct stand {
    struct bench bench; /* makes the packets */
    uint32_t next[2];   /* relative to the ISN */
    uint32_t acked[2];  /* of what that end sent, by the other */
    uint32_t stamp;
    bool stamps;
    bool scaled;
    uint8_t octets[2 * OCTETS];
};

static uint32_t below(struct ss_random *random, uint32_t bound)
{
    return ss_random_below(random, bound);
}

static struct bench_segment some_segment(struct ss_random *random, struct stand *stand)
{
    struct bench_segment s = {.from = below(random, 2) ? B : A, .flags = ACK};
    enum ss_side other = ss_side_other(s.from);
    s.seq = stand->next[s.from];
    s.payload = below(random, 2) ? below(random, OCTETS) : 0;
    if (below(random, 4) > 0)
        stand->acked[other] = stand->next[other];
    else if (below(random, 2))
        stand->acked[other] += below(random, stand->next[other] - stand->acked[other] + 1);
    s.ack = stand->acked[other];
    s.flags |= below(random, 3) ? 0 : PSH;
    s.window = below(random, 10) ? 0 : 80 + (int)below(random, 1000);
    s.after_us = 1 + below(random, 20000);
    s.stamp = stand->stamps ? stand->stamp++ : 0;
    s.no_id = below(random, 5) == 0;
    return s;
}

/* One in some: what is lost, repeated, early, late, closed, or wrong in one number. */
static void spoil(struct ss_random *random, struct stand *stand, struct bench_segment *s)
{
    switch (below(random, 160)) {
    case 0:
        stand->next[s->from] += below(random, 30); /* some was lost */
        s->seq = stand->next[s->from];
        break;
    case 1:
        s->seq -= below(random, 60);
        break;
    case 2:
        s->ack += (int)below(random, 60) - 30;
        break;
    case 3:
        s->window = -1;
        break;
    case 4:
        s->stamp = below(random, 2) ? stand->stamp - below(random, 9) : 0;
        break;
    case 5:
        s->id = 1 + (int)below(random, 500);
        break;
    case 6:
        s->payload = 1;
        break;
    case 7:
        s->window = (int)s->payload;
        break;
    case 8:
        s->flags = below(random, 9) ? ACK | SS_TCP_URG : (uint8_t)below(random, 256);
        break;
    case 9:
        s->echo = stand->stamp + below(random, 3);
        break;
    case 10: /* answered by a challenge ACK */
        s->flags = RST;
        s->seq += 1 + below(random, 20);
        break;
    case 11: /* to be refused */
        s->flags = SYN | ACK;
        s->ack += 5;
        break;
    }
}

/* Now and then as much as fills the window, and one octet into a closed one. */
static void fit(struct ss_random *random, const struct ss_verify *verify, struct stand *stand,
                struct bench_segment *s)
{
    const struct ss_verify_side *receiver = &verify->sides[ss_side_other(s->from)];
    struct ss_seq seq = ss_seq_from(stand->bench.isn[s->from] + (uint32_t)s->seq);
    uint32_t room = ss_seq_distance(seq, receiver->edge);
    if (receiver->edge_known && room > 0 && room <= 2000 && below(random, 60) == 0)
        s->payload = room;
    if (s->seq == stand->next[s->from])
        stand->next[s->from] += s->payload;
    if (!receiver->window_known || receiver->window > 0 || below(random, 2))
        return;
    stand->next[s->from] -= s->payload; /* not counted before it is acknowledged */
    s->payload = 1;
}

static void feed_twin(struct twin *twin, bool fast, const struct ss_verify_input *some)
{
    struct ss_verify_input input = *some;
    struct ss_verify_case c;
    input.extra = some->extra ? &twin->room.extra : NULL;
    if (fast) {
        ss_verify_judge(&twin->verify, &input, &twin->verdicts, &twin->analysis);
        return;
    }
    twin->verdicts.count = 0;
    twin->analysis = (struct ss_verify_analysis){0};
    ss_verify_begin(&c, &twin->verify, &input, &twin->verdicts);
    if (ss_verify_judge_integrity(&c))
        ss_verify_long(&twin->verify, &input, &twin->verdicts, &twin->analysis);
    twin->verify.packets++;
}

/* Whether the short way takes it; asked of a copy. */
static bool is_short(const struct twin *twin, const struct ss_verify_input *input)
{
    struct ss_verify verify = twin->verify;
    struct ss_verify_input alone = *input;
    struct ss_verify_case c;
    struct ss_verdicts verdicts = {0};
    alone.extra = NULL;
    ss_verify_begin(&c, &verify, &alone, &verdicts);
    return ss_verify_fast(&verify, &c, NULL);
}

static bool is_same_extra(const struct twin *one, const struct twin *other)
{
    struct ss_verify_extra a = one->room.extra, b = other->room.extra;
    for (int side = A; side <= B; side++) {
        if (memcmp(one->room.segments[side], other->room.segments[side],
                   sizeof(one->room.segments[side])) != 0)
            return false;
        a.sides[side].ring.segments = b.sides[side].ring.segments = NULL;
    }
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static void expect_twins(const struct twin *one, const struct twin *other, size_t at)
{
    char here[BENCH_LINE_SIZE], there[BENCH_LINE_SIZE];
    bench_line(&one->verdicts, here);
    bench_line(&other->verdicts, there);
    bool same = one->verdicts.count == other->verdicts.count &&
                memcmp(one->verdicts.list, other->verdicts.list,
                       one->verdicts.count * sizeof(one->verdicts.list[0])) == 0;
    if (!same)
        ck_abort_msg("segment %zu: the short way says \"%s\", the long one \"%s\"", at, here,
                     there);
    if (memcmp(&one->analysis, &other->analysis, sizeof(one->analysis)) != 0)
        ck_abort_msg("segment %zu (%s): another analysis", at, here);
    if (memcmp(&one->verify, &other->verify, sizeof(one->verify)) != 0)
        ck_abort_msg("segment %zu (%s): another state", at, here);
    if (!is_same_extra(one, other))
        ck_abort_msg("segment %zu (%s): other segments remembered", at, here);
}

static struct bench_segment opening(const struct stand *stand, size_t at)
{
    struct bench_segment s = {.from = at == 1 ? B : A, .flags = at == 2 ? ACK : SYN};
    s.flags |= at == 1 ? ACK : 0;
    s.seq = at == 2;
    s.ack = at > 0;
    s.shift = at < 2 && stand->scaled ? 4 : 0;
    s.stamp = stand->stamps ? stand->stamp : 0;
    return s;
}

static struct stand stand_of(struct ss_random *random)
{
    struct stand stand = {.next = {1, 1}, .acked = {1, 1}};
    stand.bench = bench_of(bench_bases[below(random, BENCH_BASES)] - below(random, 3000),
                           bench_bases[below(random, BENCH_BASES)] - below(random, 3000));
    stand.stamps = below(random, 2);
    stand.scaled = below(random, 2);
    stand.stamp = bench_bases[below(random, BENCH_BASES)] - 100;
    stand.stamp = stand.stamp ? stand.stamp : 1;
    for (size_t i = 0; i < sizeof(stand.octets); i++)
        stand.octets[i] = (uint8_t)i;
    return stand;
}

/* How many of a conversation's segments went the short way. */
static size_t converse(uint64_t seed)
{
    static struct twin one, other;
    struct ss_random random = ss_random_seeded(seed);
    struct stand stand = stand_of(&random);
    const uint32_t wishes = below(&random, 8);
    const bool extra = below(&random, 4) > 0;
    size_t taken = 0, first = below(&random, 5) ? 0 : 1 + below(&random, 3);
    ss_verify_init(&one.verify);
    ss_verify_init(&other.verify);
    memset(&one.room, 0, sizeof(one.room));
    memset(&other.room, 0, sizeof(other.room));
    ss_verify_room_init(&one.room);
    ss_verify_room_init(&other.room);
    for (size_t i = first; i < SEGMENTS; i++) {
        struct bench_segment s = i < 3 ? opening(&stand, i) : some_segment(&random, &stand);
        if (i >= 3)
            spoil(&random, &stand, &s);
        if (i >= 3)
            fit(&random, &one.verify, &stand, &s);
        struct ss_packet packet = bench_packet(&stand.bench, &s);
        packet.frame = stand.octets + (s.seq + below(&random, 50) / 49) % OCTETS;
        packet.frame_length = OCTETS;
        packet.tcp.urgent = below(&random, 50) == 0;
        stand.bench.now_us += s.after_us;
        const struct ss_verify_input input = {.packet = &packet,
                                              .time_us = stand.bench.now_us,
                                              .extra = extra ? &one.room.extra : NULL,
                                              .frame = (uint32_t)i,
                                              .wishes = wishes,
                                              .from = s.from};
        taken += is_short(&one, &input);
        feed_twin(&one, true, &input);
        feed_twin(&other, false, &input);
        expect_twins(&one, &other, i);
    }
    return taken;
}

START_TEST(test_verify_short_way_is_the_long_one)
{
    size_t taken = 0, all = 0;
    for (uint64_t seed = 0; seed < CONVERSATIONS; seed += check_is_slow() ? 20 : 1) {
        taken += converse(seed);
        all += SEGMENTS;
    }
    ck_assert_msg(taken > all / 5, "only %zu of %zu segments went the short way", taken, all);
}
END_TEST

static Suite *verify_suite(void)
{
    Suite *suite = suite_create("verify_fast");
    TCase *tcase = tcase_create("fast");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_verify_short_way_is_the_long_one);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(verify_suite());
}
