/*
 * test_endpoint_soak: thousands of seeded connections with random loss, duplication and reordering,
 * random windows, segment sizes, amounts and reading habits; each must end CLOSED at both ends with
 * equal numbers and the right octets. And streams over several wraps of 2^32.
 */
#include <stdio.h>

#include "endpoint_invariants.h"
#include "synstep/random.h"
#include "two_ends.h"

enum {
    OCTETS_MAX = 20000,
    MSS_MAX = 1460,
    IN_FLIGHT_MAX = 512,
    EVENTS_MAX = 2000000,
    RUNS = 3000,
};

struct frame {
    struct ss_segment segment;
    uint64_t due;
    unsigned from;
};

struct soak {
    struct two_ends two;
    struct peer_view views[2]; /* what each end may send, as the other one has told it */
    uint8_t received[2][OCTETS_MAX];
    struct frame in_flight[IN_FLIGHT_MAX];
    unsigned count;
    uint64_t now;
    struct ss_random random;
    uint32_t harm_percent;
    uint32_t reads_most; /* octets at a time */
    uint64_t seed;
};

static bool chance(struct soak *soak, uint32_t percent)
{
    return ss_random_below(&soak->random, 100) < percent;
}

static uint32_t between(struct soak *soak, uint32_t low, uint32_t high)
{
    return low + ss_random_below(&soak->random, high - low + 1);
}

static void put_on(struct soak *soak, const struct ss_segment *segment, unsigned from)
{
    if (soak->count == IN_FLIGHT_MAX)
        return; /* lost, like in a full queue */
    uint64_t delay = 1000 + ss_random_below(&soak->random, 1000);
    if (chance(soak, soak->harm_percent))
        delay += ss_random_below(&soak->random, 300000); /* others overtake it */
    soak->in_flight[soak->count++] = (struct frame){*segment, soak->now + delay, from};
}

static void send_all(struct soak *soak)
{
    struct ss_segment segment;
    for (unsigned from = 0; from < 2; from++) {
        struct one_end *end = &soak->two.ends[from];
        application_act(end, 1 + ss_random_below(&soak->random, soak->reads_most));
        while (ss_endpoint_send(&end->endpoint, soak->now, &segment)) {
            expect_invariants(&end->endpoint);
            expect_inside_window(&soak->views[from], &end->endpoint, &segment);
            if (chance(soak, soak->harm_percent))
                continue;
            put_on(soak, &segment, from);
            if (chance(soak, soak->harm_percent))
                put_on(soak, &segment, from);
        }
    }
}

static unsigned first_due(const struct soak *soak)
{
    unsigned first = 0;
    for (unsigned i = 1; i < soak->count; i++)
        if (soak->in_flight[i].due < soak->in_flight[first].due)
            first = i;
    return first;
}

static void deliver(struct soak *soak, unsigned index)
{
    struct frame frame = soak->in_flight[index];
    struct one_end *end = &soak->two.ends[1 - frame.from];
    unsigned author = soak->two.ends[frame.from].author;
    struct ss_endpoint_delivery delivery;
    soak->in_flight[index] = soak->in_flight[--soak->count];
    ss_endpoint_receive(&end->endpoint, &frame.segment, soak->now, &delivery);
    note_told(&soak->views[1 - frame.from], &end->endpoint, &frame.segment);
    expect_invariants(&end->endpoint);
    must(delivery.offset + delivery.length <= end->application.expected &&
             delivery.skip + delivery.length <= frame.segment.payload_length,
         "seed %lu: octets delivered that are not there", (unsigned long)soak->seed);
    for (uint32_t i = 0; i < delivery.length; i++)
        soak->received[1 - frame.from][delivery.offset + i] =
            stream_octet(author, frame.segment.stream_offset + delivery.skip + i);
}

/* The next thing to happen, at its time. False when nothing will. */
static bool step(struct soak *soak)
{
    uint64_t next = SS_ENDPOINT_NO_DEADLINE;
    for (int i = 0; i < 2; i++) {
        uint64_t deadline = ss_endpoint_deadline(&soak->two.ends[i].endpoint);
        bool reading = ss_endpoint_readable(&soak->two.ends[i].endpoint) > 0;
        if (reading && soak->now + 500 < deadline)
            deadline = soak->now + 500; /* the application reads on */
        if (deadline < next)
            next = deadline;
    }
    unsigned frame = first_due(soak);
    if (soak->count > 0 && soak->in_flight[frame].due <= next) {
        if (soak->in_flight[frame].due > soak->now)
            soak->now = soak->in_flight[frame].due;
        deliver(soak, frame);
        return true;
    }
    if (next == SS_ENDPOINT_NO_DEADLINE)
        return false;
    soak->now = next > soak->now ? next : soak->now;
    return true;
}

static uint32_t some_window(struct soak *soak)
{
    static const uint32_t most[] = {3, 50, 2000, 30000, 65535, 300000};
    return between(soak, 1, most[ss_random_below(&soak->random, 6)]);
}

static struct ss_endpoint_options some_options(struct soak *soak)
{
    static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
    uint32_t isn = bases[ss_random_below(&soak->random, 4)] - between(soak, 0, 3000);
    struct ss_endpoint_options options = ss_endpoint_defaults(ss_seq_from(isn));
    options.mss = (uint16_t)between(soak, 1, chance(soak, 30) ? 20 : MSS_MAX);
    options.receive_buffer = some_window(soak);
    options.retransmissions = 60; /* at 30 % each way twice in a row is nothing */
    options.rto_max_us = 4000000;
    return options;
}

static void choose(struct soak *soak, uint32_t seed)
{
    memset(soak, 0, sizeof(*soak));
    soak->random = ss_random_seeded(seed);
    soak->seed = seed;
    soak->harm_percent = ss_random_below(&soak->random, 31);
    soak->reads_most = chance(soak, 50) ? OCTETS_MAX : between(soak, 1, 3000);
    struct ss_endpoint_options options[2] = {some_options(soak), some_options(soak)};
    /* Tiny segments or windows make many events of few octets. */
    bool tiny = options[0].mss < 20 || options[1].mss < 20 || options[0].receive_buffer < 100 ||
                options[1].receive_buffer < 100 || soak->reads_most < 100;
    uint32_t most = tiny ? 300 : OCTETS_MAX;
    uint32_t lengths[2] = {between(soak, 0, most), between(soak, 0, most)};
    bool echo = chance(soak, 50);
    bool together = !echo && chance(soak, 30);
    struct application applications[2] = {
        {true, false, lengths[0], echo ? lengths[0] : lengths[1], CLOSE_WHEN_ALL_IS_HERE},
        {together, echo, lengths[1], lengths[0],
         chance(soak, 50) && lengths[1] == 0 ? CLOSE_WHEN_ALL_IS_HERE : CLOSE_AFTER_PEER},
    };
    two_ends_start(&soak->two, options, applications);
}

static uint64_t run_soak(struct soak *soak)
{
    for (unsigned events = 0; events < EVENTS_MAX; events++) {
        send_all(soak);
        if (!step(soak))
            break;
    }
    char what[40];
    snprintf(what, sizeof(what), "seed %lu", (unsigned long)soak->seed);
    expect_equal_numbers(&soak->two, what);
    for (unsigned i = 0; i < 2; i++)
        for (uint32_t n = 0; n < soak->two.ends[i].application.expected; n++)
            must(soak->received[i][n] == stream_octet(soak->two.ends[1 - i].author, n),
                 "%s: end %u received a wrong octet %u", what, i, n);
    return soak->now;
}

START_TEST(test_endpoint_soak_lossy_networks_end_closed_with_equal_streams)
{
    static struct soak soak;
    uint32_t runs = check_is_slow() ? 5 : RUNS / 3;
    for (uint32_t run = 0; run < runs; run++) {
        choose(&soak, (uint32_t)_i * RUNS + run);
        uint64_t took = run_soak(&soak);
        must(took < UINT64_C(36000) * 1000000, "seed %lu took %lu us of virtual time",
             (unsigned long)soak.seed, (unsigned long)took);
    }
    printf("# %u connections from seed %u\n", runs, (uint32_t)_i * RUNS);
}
END_TEST

/* --- streams over several wraps of 2^32 --------------------------------------------------------
 */

static void pass_all(struct ss_endpoint *from, struct ss_endpoint *to, uint64_t *sent,
                     uint64_t *got)
{
    struct ss_segment segment;
    struct ss_endpoint_delivery delivery;
    while (ss_endpoint_send(from, 0, &segment)) {
        if (segment.payload_length > 0) {
            must(segment.stream_offset == *sent, "sent from %lu, not %lu",
                 (unsigned long)segment.stream_offset, (unsigned long)*sent);
            *sent += segment.payload_length;
        }
        ss_endpoint_receive(to, &segment, 0, &delivery);
        must(delivery.length == segment.payload_length, "not all of it taken");
        must(delivery.length == 0 || delivery.offset == *got, "delivered at %lu, not %lu",
             (unsigned long)delivery.offset, (unsigned long)*got);
        *got += delivery.length;
        ss_endpoint_read(to, ss_endpoint_readable(to));
    }
}

START_TEST(test_endpoint_soak_stream_over_several_wraps_keeps_its_offsets)
{
    const uint64_t count = UINT64_C(3) << 32 | 12345;
    struct ss_endpoint_options options[2] = {
        ss_endpoint_defaults(ss_seq_from(UINT32_C(0xffffffff))),
        ss_endpoint_defaults(ss_seq_from(UINT32_C(0x7fffffff))),
    };
    struct ss_endpoint ends[2];
    uint64_t sent[2] = {0};
    uint64_t got[2] = {0};
    for (int i = 0; i < 2; i++) {
        options[i].mss = 65495;
        options[i].receive_buffer = UINT32_C(1) << (_i ? 30 : 17);
        ss_endpoint_init(&ends[i], &options[i]);
    }
    ss_endpoint_connect(&ends[0]);
    ss_endpoint_listen(&ends[1]);
    ss_endpoint_write(&ends[0], count);
    ss_endpoint_write(&ends[1], count);
    for (int turn = 0; turn < 40000000 && (got[0] < count || got[1] < count); turn++) {
        pass_all(&ends[0], &ends[1], &sent[0], &got[0]);
        pass_all(&ends[1], &ends[0], &sent[1], &got[1]);
    }
    ck_assert_uint_eq(got[0], count);
    ck_assert_uint_eq(got[1], count);
    pass_all(&ends[0], &ends[1], &sent[0], &got[0]);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(ss_endpoint_acknowledged(&ends[i]), count);
        ck_assert_uint_eq(ends[i].received, count);
        ck_assert_uint_eq(ends[i].snd_una.value, options[i].isn.value + 1 + (uint32_t)count);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("endpoint_soak");
    TCase *tcase = tcase_create("soak");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, test_endpoint_soak_lossy_networks_end_closed_with_equal_streams, 0,
                        10);
    tcase_add_loop_test(tcase, test_endpoint_soak_stream_over_several_wraps_keeps_its_offsets, 0,
                        2);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
