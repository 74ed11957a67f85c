/*
 * test_walk: the exhaustive walk. Two endpoints over a network in memory, every interleaving of
 * what is in flight both ways, with one loss, duplication or swap at every frame in turn (and with
 * two of them, in the network's natural order). Every run must end CLOSED on both sides, with equal
 * numbers and the right octets; all eleven states must have been visited.
 */
#include <stdio.h>

#include "two_ends.h"

enum { MSS = 4, OCTETS = 6, QUEUE_MAX = 24, STEPS_MAX = 400 };

struct frame {
    struct ss_segment segment;
    uint8_t payload[MSS];
};

/* One direction. A swapped frame is held until the next one the same way has gone. */
struct path {
    struct frame frames[QUEUE_MAX];
    unsigned count;
    bool holding;
    struct frame held;
};

struct world {
    struct two_ends two;
    uint8_t received[2][OCTETS];
    struct path paths[2]; /* paths[i] leads away from end i */
    uint64_t now;
    unsigned harms_left;
    unsigned steps;
};

struct tally {
    unsigned long runs;
    unsigned long segments;
    bool visited[SS_TCP_STATES];
    bool interleave; /* try both orders when frames are in flight both ways */
};

enum harm {
    LOSS,
    DUPLICATE,
    SWAP,
};

static void note_states(struct tally *tally, const struct world *world)
{
    for (int i = 0; i < 2; i++)
        tally->visited[world->two.ends[i].endpoint.state] = true;
}

static void enqueue(struct path *path, const struct frame *frame)
{
    must(path->count < QUEUE_MAX, "too many frames in flight");
    path->frames[path->count++] = *frame;
}

/* A frame goes on its way unharmed, and the one held behind it. */
static void forward(struct path *path, const struct frame *frame)
{
    enqueue(path, frame);
    if (path->holding)
        enqueue(path, &path->held);
    path->holding = false;
}

static void harm_frame(struct path *path, const struct frame *frame, enum harm harm)
{
    switch (harm) {
    case LOSS:
        break;
    case DUPLICATE:
        forward(path, frame);
        enqueue(path, frame);
        break;
    case SWAP:
        if (path->holding) {
            forward(path, frame);
            break;
        }
        path->holding = true;
        path->held = *frame;
        break;
    }
}

/* The next frame of end `from`, its application having acted. */
static bool take_frame(struct world *world, unsigned from, struct frame *frame)
{
    struct one_end *end = &world->two.ends[from];
    memset(frame, 0, sizeof(*frame));
    application_act(end, UINT64_MAX);
    if (!ss_endpoint_send(&end->endpoint, world->now, &frame->segment))
        return false;
    must(frame->segment.payload_length <= MSS, "a segment larger than the MSS");
    for (uint32_t i = 0; i < frame->segment.payload_length; i++)
        frame->payload[i] = stream_octet(end->author, frame->segment.stream_offset + i);
    return true;
}

static void deliver(struct world *world, unsigned from)
{
    struct path *path = &world->paths[from];
    struct frame frame = path->frames[0];
    struct ss_endpoint_delivery delivery;
    path->count--;
    memmove(&path->frames[0], &path->frames[1], path->count * sizeof(frame));
    ss_endpoint_receive(&world->two.ends[1 - from].endpoint, &frame.segment, world->now, &delivery);
    must(delivery.offset + delivery.length <= OCTETS &&
             delivery.skip + delivery.length <= frame.segment.payload_length,
         "octets delivered that are not there");
    memcpy(&world->received[1 - from][delivery.offset], &frame.payload[delivery.skip],
           delivery.length);
}

/* Nothing is on its way: time passes. When no time is awaited either, what is held comes now. */
static bool let_time_pass(struct world *world)
{
    uint64_t next = ss_endpoint_deadline(&world->two.ends[0].endpoint);
    uint64_t other = ss_endpoint_deadline(&world->two.ends[1].endpoint);
    if (other < next)
        next = other;
    if (next != SS_ENDPOINT_NO_DEADLINE) {
        world->now = next;
        return true;
    }
    for (int i = 0; i < 2; i++) {
        struct path *path = &world->paths[i];
        if (path->holding) {
            path->holding = false;
            enqueue(path, &path->held);
            return true;
        }
    }
    return false;
}

static void expect_good_end(const struct world *world)
{
    expect_equal_numbers(&world->two, "walk");
    for (unsigned i = 0; i < 2; i++)
        for (unsigned n = 0; n < world->two.ends[i].application.expected; n++)
            must(world->received[i][n] == stream_octet(world->two.ends[1 - i].author, n),
                 "end %u received a wrong octet %u", i, n);
}

static void explore(struct world world, struct tally *tally);

/* Sends all that both ends have to send; every frame is also tried with every harm. */
static void send_all(struct world *world, struct tally *tally)
{
    struct frame frame;
    for (unsigned from = 0; from < 2; from++) {
        while (take_frame(world, from, &frame)) {
            tally->segments++;
            note_states(tally, world);
            for (unsigned harm = LOSS; world->harms_left > 0 && harm <= SWAP; harm++) {
                struct world harmed = *world;
                harmed.harms_left--;
                harm_frame(&harmed.paths[from], &frame, (enum harm)harm);
                explore(harmed, tally);
            }
            forward(&world->paths[from], &frame);
        }
    }
}

/* Walks every run from here on. The world is this walk's own copy. */
static void explore(struct world world, struct tally *tally)
{
    for (;;) {
        send_all(&world, tally);
        note_states(tally, &world);
        must(++world.steps < STEPS_MAX, "no end in sight");
        if (world.paths[0].count > 0 && world.paths[1].count > 0 && tally->interleave) {
            struct world other = world;
            deliver(&other, 1);
            explore(other, tally);
        }
        if (world.paths[0].count > 0)
            deliver(&world, 0);
        else if (world.paths[1].count > 0)
            deliver(&world, 1);
        else if (!let_time_pass(&world))
            break;
        note_states(tally, &world);
    }
    expect_good_end(&world);
    tally->runs++;
}

static void walk(const struct application applications[2], uint32_t j, uint32_t k, unsigned harms,
                 struct tally *tally)
{
    struct world world;
    struct ss_endpoint_options options[2] = {
        ss_endpoint_defaults(ss_seq_from(j)),
        ss_endpoint_defaults(ss_seq_from(k)),
    };
    memset(&world, 0, sizeof(world));
    options[0].mss = options[1].mss = MSS;
    world.harms_left = harms;
    two_ends_start(&world.two, options, applications);
    note_states(tally, &world);
    explore(world, tally);
}

static const struct {
    const char *name;
    struct application applications[2];
} plans[] = {
    {"the client closes first",
     {{true, false, OCTETS, OCTETS, CLOSE_WHEN_ALL_IS_HERE},
      {false, true, 0, OCTETS, CLOSE_AFTER_PEER}}},
    {"the server closes first",
     {{true, false, OCTETS, OCTETS, CLOSE_AFTER_PEER},
      {false, true, 0, OCTETS, CLOSE_WHEN_ALL_IS_HERE}}},
    {"both close",
     {{true, false, OCTETS, OCTETS, CLOSE_WHEN_ALL_IS_HERE},
      {false, true, 0, OCTETS, CLOSE_WHEN_ALL_IS_HERE}}},
    {"simultaneous open, echo, close after the other",
     {{true, false, OCTETS, OCTETS, CLOSE_WHEN_ALL_IS_HERE},
      {true, true, 0, OCTETS, CLOSE_AFTER_PEER}}},
    {"simultaneous open and close, no data",
     {{true, false, 0, 0, CLOSE_WHEN_ALL_IS_HERE}, {true, false, 0, 0, CLOSE_WHEN_ALL_IS_HERE}}},
    {"simultaneous open and close, data both ways",
     {{true, false, MSS, MSS, CLOSE_WHEN_ALL_IS_HERE},
      {true, false, MSS, MSS, CLOSE_WHEN_ALL_IS_HERE}}},
};
enum { PLANS = sizeof(plans) / sizeof(plans[0]) };

static void tell(const struct tally *tally, unsigned harms, const char *plan, uint32_t j,
                 uint32_t k)
{
    printf("# %lu runs, %lu segments: %s, harms %u, %s, J=%u K=%u\n", tally->runs, tally->segments,
           plan, harms, tally->interleave ? "every order" : "one order", j, k);
}

static void expect_visited_all(const struct tally *tally)
{
    for (int state = 0; state < SS_TCP_STATES; state++)
        ck_assert_msg(tally->visited[state], "%s was never visited",
                      ss_tcp_state_text((enum ss_tcp_state)state));
}

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};

/* One harm anywhere, every interleaving, every plan: once per pair of wrap bases. */
START_TEST(test_walk_one_harm_anywhere_ends_closed_with_equal_numbers)
{
    struct tally tally = {.interleave = true};
    uint32_t j = bases[_i % 4];
    uint32_t k = bases[_i / 4];
    for (int plan = 0; plan < PLANS; plan++)
        walk(plans[plan].applications, j, k, 1, &tally);
    expect_visited_all(&tally);
    tell(&tally, 1, "every plan", j, k);
}
END_TEST

/* The wraps fall inside the streams. Under valgrind fewer interleavings, fewer harms. */
START_TEST(test_walk_two_harms_anywhere_end_closed_with_equal_numbers)
{
    struct tally tally = {.interleave = !check_is_slow()};
    uint32_t j = UINT32_C(0xffffffff) - 3;
    uint32_t k = UINT32_C(0x80000000) - 3;
    walk(plans[_i].applications, j, k, 2, &tally);
    tell(&tally, 2, plans[_i].name, j, k);
    ck_assert_uint_gt(tally.runs, 100);
}
END_TEST

START_TEST(test_walk_three_harms_anywhere_end_closed_with_equal_numbers)
{
    struct tally tally = {.interleave = false};
    unsigned harms = check_is_slow() ? 1 : 3;
    uint32_t j = UINT32_C(0x80000000) - 3;
    uint32_t k = UINT32_C(0xffffffff) - 3;
    walk(plans[_i].applications, j, k, harms, &tally);
    tell(&tally, harms, plans[_i].name, j, k);
    ck_assert_uint_gt(tally.runs, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walk");
    TCase *tcase = tcase_create("walk");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, test_walk_one_harm_anywhere_ends_closed_with_equal_numbers, 0, 16);
    tcase_add_loop_test(tcase, test_walk_two_harms_anywhere_end_closed_with_equal_numbers, 0,
                        PLANS);
    tcase_add_loop_test(tcase, test_walk_three_harms_anywhere_end_closed_with_equal_numbers, 0,
                        PLANS);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
