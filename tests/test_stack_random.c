/*
 * test_stack_random: what is read is built again octet for octet, and what is built is read again
 * layer for layer: 10,000 random frames for each kind of layer.
 */
#include "check_main.h"
#include "exact.h"
#include "random_stack.h"
#include "stack_support.h"

enum { ROUNDS = 10000, ROUNDS_SLOW = 100 };

static struct random_stack made;
static uint8_t frame[RANDOM_FRAME_MAX];

static int rounds(void)
{
    return check_is_slow() ? ROUNDS_SLOW : ROUNDS;
}

/* The same header, and the same behind it: a built one has its padding outside `rest`. */
static void expect_same(const struct ss_layer *built, const struct ss_layer *read, size_t i)
{
    const struct ss_layer_table *table = ss_layer_table(built->kind);
    ck_assert_int_eq(read->kind, built->kind);
    ck_assert_msg(read->more == built->more &&
                      memcmp(read->fixed, built->fixed, ss_layer_bytes(built)) == 0,
                  "%s, layer %zu", table->name, i);
    ck_assert_uint_ge(read->rest_length, built->rest_length);
    ck_assert_uint_lt(read->rest_length - built->rest_length, 8);
    ck_assert(built->rest_length == 0 || memcmp(read->rest, built->rest, built->rest_length) == 0);
}

START_TEST(test_stack_random_layers_are_read_as_they_were_built)
{
    made.random = ss_random_seeded(100 + (uint64_t)_i);
    for (int round = 0; round < rounds(); round++) {
        struct ss_stack read;
        struct ss_stack_faults faults;
        random_make(&made, (enum ss_layer_kind)_i);
        size_t length = build(&made.stack, frame, sizeof frame);
        ss_stack_dissect(SS_LINK_ETHERNET, frame, length, &read, &faults);
        ck_assert_msg(faults.count == 0, "%s", faults.count ? faults.list[0].text : "");
        ck_assert_uint_eq(read.count, made.stack.count);
        for (size_t i = 0; i < read.count; i++) {
            ck_assert_uint_eq(read.offset[i], made.stack.offset[i]);
            expect_same(&made.stack.layers[i], &read.layers[i], i);
        }
    }
}
END_TEST

static void damage(size_t *length)
{
    for (uint32_t changes = random_below(&made, 5); changes > 0; changes--)
        frame[random_below(&made, (uint32_t)*length)] = (uint8_t)random_below(&made, 256);
    if (random_below(&made, 3) == 0)
        *length = random_below(&made, (uint32_t)*length + 1);
}

START_TEST(test_stack_random_frames_are_built_as_they_were_read)
{
    static uint8_t again[RANDOM_FRAME_MAX];
    made.random = ss_random_seeded(200 + (uint64_t)_i);
    for (int round = 0; round < rounds(); round++) {
        struct ss_stack read;
        struct ss_stack_faults faults;
        random_make(&made, (enum ss_layer_kind)_i);
        size_t length = build(&made.stack, frame, sizeof frame);
        size_t skip = round % 2 ? 14 : 0;
        length -= skip;
        memmove(frame, frame + skip, length);
        damage(&length);
        struct exact copy = exact_copy(frame, length);
        ss_stack_dissect(skip ? SS_LINK_IP : SS_LINK_ETHERNET, copy.octets, length, &read, &faults);
        ck_assert_uint_eq(build(&read, again, sizeof again), length);
        ck_assert(length == 0 || memcmp(again, copy.octets, length) == 0);
        exact_free(copy);
    }
}
END_TEST

static Suite *stack_random_suite(void)
{
    Suite *suite = suite_create("stack_random");
    TCase *both = tcase_create("both ways");
    tcase_add_loop_test(both, test_stack_random_layers_are_read_as_they_were_built, 0,
                        SS_LAYER_KINDS);
    tcase_add_loop_test(both, test_stack_random_frames_are_built_as_they_were_read, 0,
                        SS_LAYER_KINDS);
    suite_add_tcase(suite, both);
    return suite;
}

int main(void)
{
    return check_main(stack_random_suite());
}
