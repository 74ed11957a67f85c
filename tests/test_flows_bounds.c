/*
 * test_flows_bounds: what happens when all places are taken, or all rooms, and how much memory that
 * is. The plain build does it with the real bounds, the others with smaller ones.
 *
 * The linker puts these in place of the library's malloc and its like (--wrap): what is held at a
 * time is counted.
 */
#include <malloc.h>
#include <string.h>

#include "check_main.h"
#include "synstep/bytes.h"
#include "synstep/flows.h"
#include "synstep/verify_extra.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *memory);

static size_t held_bytes;
static bool counts; /* Check allocates, too */

static void *count_in(void *memory)
{
    if (counts && memory)
        held_bytes += malloc_usable_size(memory);
    return memory;
}

void *__wrap_malloc(size_t size)
{
    return count_in(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return count_in(__real_calloc(count, size));
}

void __wrap_free(void *memory)
{
    if (counts && memory)
        held_bytes -= malloc_usable_size(memory);
    __real_free(memory);
}

/* --- connections --------------------------------------------------------------------------------
 */

static struct {
    struct ss_flows *flows;
    struct ss_flow_packet taken;
    uint64_t frame;
    uint64_t told;
    uint32_t first_told; /* its number */
} it;

static uint32_t acknowledged; /* by all that is said */

static void hear(void *context, const struct ss_flow *flow)
{
    (void)context;
    if (it.told++ == 0)
        it.first_told = flow->number;
}

static void begin(struct ss_flows_options options)
{
    memset(&it, 0, sizeof(it));
    held_bytes = 0;
    acknowledged = 1;
    options.over = hear;
    counts = true;
    it.flows = ss_flows_new(&options);
    counts = false;
    ck_assert_ptr_nonnull(it.flows);
}

static void end(void)
{
    counts = true;
    ss_flows_finish(it.flows);
    counts = false;
    ck_assert_uint_eq(it.told, ss_flows_count(it.flows).begun);
    counts = true;
    ss_flows_free(it.flows);
    counts = false;
    ck_assert_uint_eq(held_bytes, 0);
}

static struct ss_address host(uint32_t number)
{
    uint8_t octets[4];
    ss_bytes_put32(octets, number);
    return ss_address_v4(octets);
}

/* A segment of connection `which`, a millisecond after the one before; its number. */
static uint32_t said(uint32_t which, bool back, uint8_t flags, uint32_t seq, uint32_t payload)
{
    struct ss_packet packet = {.version = 4,
                               .source = host(which),
                               .destination = host(UINT32_MAX),
                               .transport = SS_TRANSPORT_TCP,
                               .payload_length = payload};
    packet.tcp = (struct ss_tcp_header){.source_port = 4000,
                                        .destination_port = 80,
                                        .seq = ss_seq_from(seq),
                                        .ack = ss_seq_from(acknowledged),
                                        .offset_words = 5,
                                        .flags = flags,
                                        .window = 8000};
    if (back) {
        struct ss_address source = packet.source;
        packet.source = packet.destination;
        packet.destination = source;
        packet.tcp.source_port = 80;
        packet.tcp.destination_port = 4000;
    }
    it.frame++;
    counts = true;
    enum ss_status status =
        ss_flows_take(it.flows, &packet, it.frame, 1000 * it.frame, 0, &it.taken);
    counts = false;
    if (status != SS_OK)
        ck_abort_msg("frame %u", (unsigned)it.frame);
    return it.taken.flow->number;
}

/* One for which nothing beyond its place has to be remembered. */
static uint32_t plain(uint32_t which)
{
    return said(which, false, SS_TCP_ACK, 1, 0);
}

static uint32_t syn(uint32_t which)
{
    return said(which, false, SS_TCP_SYN, 0, 0);
}

/* --- places -------------------------------------------------------------------------------------
 */

static const uint32_t mosts[] = {1, 2, 15, 16, 17, 1000, 1024, 1025, 4000};

static void fill(uint32_t most)
{
    for (uint32_t i = 0; i < most; i++)
        if (plain(i) != i + 1) /* each of Check's own assertions costs a system call */
            ck_abort_msg("connection %u is another", (unsigned)i + 1);
    ck_assert_uint_eq(it.told, 0);
    ck_assert_uint_eq(ss_flows_count(it.flows).places, most);
}

START_TEST(test_flows_bounds_each_beyond_the_most_drives_one_out)
{
    begin((struct ss_flows_options){.most = mosts[_i]});
    fill(mosts[_i]);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert_uint_eq(syn(mosts[_i] + i), mosts[_i] + i + 1);
        ck_assert_uint_eq(it.told, i + 1);
    }
    ck_assert_uint_eq(ss_flows_count(it.flows).crowded_out, 100);
    ck_assert_uint_eq(ss_flows_count(it.flows).places, mosts[_i]);
    end();
}
END_TEST

START_TEST(test_flows_bounds_who_speaks_stays)
{
    begin((struct ss_flows_options){.most = 50});
    fill(50);
    for (uint32_t i = 0; i < 300; i++) {
        ck_assert_uint_eq(plain(7), 8);
        (void)syn(1000 + i);
    }
    ck_assert_uint_eq(plain(7), 8);
    ck_assert_uint_eq(ss_flows_count(it.flows).crowded_out, 300);
    end();
}
END_TEST

START_TEST(test_flows_bounds_one_that_ended_is_not_crowded_out)
{
    begin((struct ss_flows_options){.most = 1});
    (void)syn(0);
    (void)said(0, true, SS_TCP_RST | SS_TCP_ACK, 0, 0);
    ck_assert_uint_eq(syn(1), 2);
    ck_assert_uint_eq(it.first_told, 1);
    ck_assert_uint_eq(ss_flows_count(it.flows).crowded_out, 0);
    ck_assert_uint_eq(syn(2), 3); /* the second had not ended */
    ck_assert_uint_eq(ss_flows_count(it.flows).crowded_out, 1);
    end();
}
END_TEST

START_TEST(test_flows_bounds_more_than_the_most_cannot_be_wished)
{
    begin((struct ss_flows_options){.most = UINT32_MAX, .rooms = UINT32_MAX});
    (void)syn(0);
    end();
}
END_TEST

/* The bounds that the manual and synstep/flows.h state, at their full size. */
START_TEST(test_flows_bounds_a_million_take_less_than_stated)
{
    const uint32_t most = check_is_slow() || !_i ? 2048 : SS_FLOWS_MAX;
    const size_t each = 512 + (_i ? 176 : 0), beside = 32 * 1024;
    begin((struct ss_flows_options){.most = most, .counted = _i});
    fill(most);
    ck_assert_uint_lt(held_bytes, most * each + beside);
    for (uint32_t i = 0; i < 1000; i++)
        (void)plain(most + i);
    ck_assert_uint_eq(ss_flows_count(it.flows).crowded_out, 1000);
    ck_assert_uint_lt(held_bytes, most * each + beside);
    end();
}
END_TEST

/* --- rooms --------------------------------------------------------------------------------------
 */

START_TEST(test_flows_bounds_rooms_go_from_the_quiet_to_the_busy)
{
    begin((struct ss_flows_options){.rooms = 4});
    for (uint32_t i = 0; i < 4; i++)
        (void)syn(i);
    ck_assert_uint_eq(ss_flows_count(it.flows).robbed, 0);
    for (uint32_t i = 0; i < 100; i++) {
        (void)said(2, false, 0, 1, 0); /* the third uses its room */
        (void)syn(4 + i);
        ck_assert_uint_eq(ss_flows_count(it.flows).robbed, i + 1);
    }
    (void)said(2, true, SS_TCP_SYN | SS_TCP_ACK, 0, 0);
    ck_assert_uint_eq(it.taken.analysis.acks_frame, 3); /* and knows the frame of its SYN */
    (void)said(1, true, SS_TCP_SYN | SS_TCP_ACK, 0, 0);
    ck_assert_uint_eq(it.taken.analysis.acks_frame, 0);
    end();
}
END_TEST

START_TEST(test_flows_bounds_rooms_take_less_than_stated)
{
    const uint32_t rooms = check_is_slow() ? 256 : SS_FLOWS_ROOMS_MAX;
    const size_t each = 82 * (size_t)1000000 / SS_FLOWS_ROOMS_MAX;
    size_t before;
    begin((struct ss_flows_options){.rooms = rooms});
    for (uint32_t i = 0; i < rooms + 100; i++) /* these need none */
        (void)plain(i);
    before = held_bytes;
    for (uint32_t i = 0; i < rooms + 100; i++)
        (void)said(i, false, SS_TCP_ACK, 1, 9);
    ck_assert_uint_eq(ss_flows_count(it.flows).robbed, 100);
    ck_assert_uint_gt(held_bytes, before);
    ck_assert_uint_lt(held_bytes - before, rooms * each);
    end();
}
END_TEST

/* --- rings --------------------------------------------------------------------------------------
 */

START_TEST(test_flows_bounds_rings_grow_with_what_is_under_way)
{
    begin((struct ss_flows_options){.counted = true});
    (void)syn(0);
    (void)said(0, true, SS_TCP_SYN | SS_TCP_ACK, 0, 0);
    (void)plain(0);
    for (uint32_t i = 0; i < 1000; i++)
        (void)said(0, false, SS_TCP_ACK, 1 + 10 * i, 10);
    acknowledged = 501;
    (void)said(0, true, SS_TCP_ACK, 1, 0);
    ck_assert_uint_eq(it.taken.analysis.acks_frame, 3 + 50);
    acknowledged = 10001;
    (void)said(0, true, SS_TCP_ACK, 1, 0);
    ck_assert_uint_eq(it.taken.analysis.acks_frame, 3 + 1000);
    ck_assert_uint_eq(it.taken.flow->sides[SS_SIDE_A].rtt_count, 3);
    end();
}
END_TEST

/* A room that goes to another connection, and one whose connection ends, leave nothing behind. */
START_TEST(test_flows_bounds_rings_that_grew_are_let_go)
{
    begin((struct ss_flows_options){.rooms = 1});
    for (uint32_t which = 0; which < 3; which++)
        for (uint32_t i = 0; i < 100; i++)
            (void)said(which, false, SS_TCP_ACK, 1 + 10 * i, 10);
    ck_assert_uint_eq(ss_flows_count(it.flows).robbed, 2);
    (void)said(2, false, SS_TCP_RST, 1001, 0);
    end();
}
END_TEST

START_TEST(test_flows_bounds_rings_take_less_than_stated)
{
    const uint32_t flows = check_is_slow() ? 3 : 3000;
    begin((struct ss_flows_options){.rooms = flows});
    for (uint32_t which = 0; which < flows; which++)
        for (uint32_t i = 0; i < 600; i++)
            (void)said(which, false, SS_TCP_ACK, 1 + 10 * i, 10);
    ck_assert_uint_lt(held_bytes, flows * (size_t)3100 + SS_FLOWS_GROWN_BYTES_MAX + (1 << 20));
    ck_assert_uint_gt(held_bytes, flows * (size_t)20000);
    end();
}
END_TEST

static Suite *flows_bounds_suite(void)
{
    Suite *suite = suite_create("flows_bounds");
    TCase *tcase = tcase_create("flows_bounds");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_flows_bounds_each_beyond_the_most_drives_one_out, 0,
                        sizeof(mosts) / sizeof(*mosts));
    tcase_add_test(tcase, test_flows_bounds_who_speaks_stays);
    tcase_add_test(tcase, test_flows_bounds_one_that_ended_is_not_crowded_out);
    tcase_add_test(tcase, test_flows_bounds_more_than_the_most_cannot_be_wished);
    tcase_add_loop_test(tcase, test_flows_bounds_a_million_take_less_than_stated, 0, 2);
    tcase_add_test(tcase, test_flows_bounds_rooms_go_from_the_quiet_to_the_busy);
    tcase_add_test(tcase, test_flows_bounds_rooms_take_less_than_stated);
    tcase_add_test(tcase, test_flows_bounds_rings_grow_with_what_is_under_way);
    tcase_add_test(tcase, test_flows_bounds_rings_that_grew_are_let_go);
    tcase_add_test(tcase, test_flows_bounds_rings_take_less_than_stated);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(flows_bounds_suite());
}
