/* test_bounds: every combination of what can be asked for, held against SECURITY.md. */
#include "check_main.h"
#include "dummy_wire.h"
#include "synstep/bounds.h"
#include "synstep/pace.h"

#include <stdio.h>

enum { SECOND_US = 1000000, BYTES = 40 };

static struct dummy_wire dummy;
static struct ss_problem problem;

/* An address of each kind: own, the target, somebody else's. */
enum who { OWN, TARGET, OTHER };

static struct ss_address address(enum who who, uint8_t version)
{
    static const uint8_t v4[3][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}, {198, 51, 100, 3}};
    const uint8_t v6[3][16] = {{0x20, 1, 0x0d, 0xb8, [15] = 1},
                               {0x20, 1, 0x0d, 0xb8, [15] = 2},
                               {0x20, 1, 0x0d, 0xb8, [15] = 3}};
    return version == 6 ? ss_address_v6(v6[who]) : ss_address_v4(v4[who]);
}

static struct ss_bounds asked(enum ss_bounds_place place, uint8_t version)
{
    return (struct ss_bounds){
        .place = place,
        .source = address(OWN, version),
        .target = address(TARGET, version),
        .count = 1,
    };
}

/* A header of zeros but for its addresses: the nibble that says the version is anybody's. */
static void datagram(uint8_t octets[BYTES], uint8_t version, enum who source, enum who destination)
{
    struct ss_address from = address(source, version), to = address(destination, version);
    memset(octets, 0, BYTES);
    memcpy(octets + (version == 6 ? 8 : 12), from.octets, ss_address_length(&from));
    memcpy(octets + (version == 6 ? 24 : 16), to.octets, ss_address_length(&to));
}

/* SECURITY.md's table, once more. */
static bool is_allowed(const struct ss_bounds *bounds, enum who source, enum who destination)
{
    if (bounds->place == SS_BOUNDS_PRIVATE)
        return true;
    return destination == TARGET && (source == OWN || bounds->spoof);
}

static bool is_askable(const struct ss_bounds *bounds)
{
    bool narrow = bounds->place == SS_BOUNDS_OUTSIDE ||
                  (bounds->place == SS_BOUNDS_LOOPBACK && bounds->spoof);
    return bounds->count > 0 &&
           (!narrow || (bounds->count <= 1000000 && bounds->per_second <= 1000));
}

static const uint64_t counts[] = {0, 1, 999, 1000000, 1000001, UINT32_MAX, UINT64_MAX};
static const uint64_t rates[] = {0, 1, 999, 1000, 1001, UINT32_MAX, UINT64_MAX};

/* Each combination of place, version, spoof, count and rate: `use` gets it. */
static void for_each(void (*use)(const struct ss_bounds *bounds))
{
    for (int place = SS_BOUNDS_PRIVATE; place <= SS_BOUNDS_OUTSIDE; place++)
        for (int each = 0; each < 2 * 2 * 7 * 7; each++) {
            struct ss_bounds bounds = asked((enum ss_bounds_place)place, each % 2 ? 6 : 4);
            bounds.spoof = each / 2 % 2;
            bounds.count = counts[each / 4 % 7];
            bounds.per_second = rates[each / 28];
            use(&bounds);
        }
}

static void check_askable(const struct ss_bounds *bounds)
{
    struct ss_wire *wire = NULL;
    dummy_open(&dummy);
    enum ss_status expected = is_askable(bounds) ? SS_OK : SS_USAGE;
    ck_assert_int_eq(ss_bounds_check(bounds, &problem), expected);
    ck_assert_int_eq(ss_bounds_open(&dummy.wire, bounds, &wire, &problem), expected);
    ck_assert_int_eq(wire != NULL, expected == SS_OK);
    ss_wire_close(wire);
    ck_assert_int_eq(dummy.closed, expected == SS_OK);
}

START_TEST(test_bounds_every_combination_is_taken_or_refused_as_it_must)
{
    for_each(check_askable);
}
END_TEST

/* No datagram gets through that may not, whatever the options. */
static void check_datagrams(const struct ss_bounds *bounds)
{
    struct ss_wire *wire = NULL;
    if (!is_askable(bounds))
        return;
    for (int each = 0; each < 9; each++) {
        uint8_t octets[BYTES];
        enum who source = (enum who)(each / 3), destination = (enum who)(each % 3);
        bool allowed = is_allowed(bounds, source, destination);
        dummy_open(&dummy);
        ck_assert_int_eq(ss_bounds_open(&dummy.wire, bounds, &wire, &problem), SS_OK);
        datagram(octets, bounds->target.version, source, destination);
        ck_assert_int_eq(ss_wire_send(wire, octets, BYTES, NULL, &problem),
                         allowed ? SS_OK : SS_USAGE);
        ck_assert_uint_eq(dummy.sent_count, allowed);
        ss_wire_close(wire);
    }
}

START_TEST(test_bounds_no_datagram_passes_that_may_not)
{
    for_each(check_datagrams);
}
END_TEST

/* Without a whole header nobody knows whom it is for. */
START_TEST(test_bounds_short_datagram_passes_between_private_hosts_alone)
{
    for (size_t length = 0; length <= BYTES; length++)
        for (int version = 4; version <= 6; version += 2) {
            uint8_t octets[BYTES];
            struct ss_bounds bounds = asked(SS_BOUNDS_OUTSIDE, (uint8_t)version);
            datagram(octets, (uint8_t)version, OWN, TARGET);
            bool whole = length >= (version == 6 ? 40 : 20);
            ck_assert_int_eq(ss_bounds_datagram(&bounds, octets, length, &problem),
                             whole ? SS_OK : SS_USAGE);
            bounds.place = SS_BOUNDS_LOOPBACK;
            ck_assert_int_eq(ss_bounds_datagram(&bounds, octets, length, &problem),
                             whole ? SS_OK : SS_USAGE);
            bounds.place = SS_BOUNDS_PRIVATE;
            ck_assert_int_eq(ss_bounds_datagram(&bounds, octets, length, &problem), SS_OK);
        }
}
END_TEST

/* Sends as many as pass; they are counted and timed at the far side of the wire. */
static size_t send_many(const struct ss_bounds *bounds, size_t tries)
{
    struct ss_wire *wire = NULL;
    uint8_t octets[BYTES];
    size_t passed = 0;
    dummy_open(&dummy);
    ck_assert_int_eq(ss_bounds_open(&dummy.wire, bounds, &wire, &problem), SS_OK);
    datagram(octets, bounds->target.version, bounds->spoof ? OTHER : OWN, TARGET);
    while (tries-- > 0 && ss_wire_send(wire, octets, BYTES, NULL, &problem) == SS_OK)
        passed++;
    ss_wire_close(wire);
    ck_assert_uint_eq(dummy.sent_count, passed);
    return passed;
}

static void assert_no_second_holds_more_than(size_t most)
{
    for (size_t each = most; each < dummy.sent_count; each++)
        ck_assert_uint_ge(dummy.sent[each].time_us - dummy.sent[each - most].time_us, SECOND_US);
}

START_TEST(test_bounds_rate_and_count_hold_outside)
{
    static const uint64_t wanted[] = {0, 7, 1000};
    for (size_t i = 0; i < 3; i++) {
        struct ss_bounds bounds = asked(SS_BOUNDS_OUTSIDE, 4);
        bounds.per_second = wanted[i];
        bounds.count = 3000;
        ck_assert_uint_eq(send_many(&bounds, 3010), 3000);
        assert_no_second_holds_more_than(wanted[i] ? wanted[i] : SS_PACE_PER_SECOND_MAX);
    }
}
END_TEST

START_TEST(test_bounds_foreign_source_obeys_the_rate_on_loopback_too)
{
    struct ss_bounds bounds = asked(SS_BOUNDS_LOOPBACK, 6);
    bounds.count = 3000;
    bounds.spoof = true;
    ck_assert_uint_eq(send_many(&bounds, 3000), 3000);
    assert_no_second_holds_more_than(SS_PACE_PER_SECOND_MAX);
    bounds.spoof = false;
    ck_assert_uint_eq(send_many(&bounds, 3000), 3000);
    ck_assert_uint_eq(dummy.now_us, 0);
    bounds.place = SS_BOUNDS_PRIVATE;
    bounds.spoof = true;
    ck_assert_uint_eq(send_many(&bounds, 3000), 3000);
    ck_assert_uint_eq(dummy.now_us, 0);
}
END_TEST

START_TEST(test_bounds_loopback_has_many_addresses_of_its_own)
{
    static const uint8_t one[4] = {127, 0, 0, 1}, five[4] = {127, 0, 0, 5};
    struct ss_bounds bounds = asked(SS_BOUNDS_LOOPBACK, 4);
    uint8_t octets[BYTES] = {0};
    bounds.source = bounds.target = ss_address_v4(one);
    memcpy(octets + 12, five, 4);
    memcpy(octets + 16, one, 4);
    ck_assert_int_eq(ss_bounds_datagram(&bounds, octets, BYTES, &problem), SS_OK);
    memcpy(octets + 16, five, 4);
    ck_assert_int_eq(ss_bounds_datagram(&bounds, octets, BYTES, &problem), SS_USAGE);
}
END_TEST

START_TEST(test_bounds_receives_what_the_inner_wire_does)
{
    struct ss_bounds bounds = asked(SS_BOUNDS_OUTSIDE, 4);
    struct ss_arrival arrival;
    struct ss_wire *wire = NULL;
    dummy_open(&dummy);
    dummy_will_come(&dummy, 5, 'x');
    ck_assert_int_eq(ss_bounds_open(&dummy.wire, &bounds, &wire, &problem), SS_OK);
    ck_assert_int_eq(ss_wire_flush(wire, &problem), SS_OK);
    ck_assert_int_eq(ss_wire_receive(wire, 10, &arrival, &problem), SS_OK);
    ck_assert_uint_eq(arrival.octets[0], 'x');
    ck_assert_uint_eq(ss_wire_now_us(wire), 5);
    ss_wire_close(wire);
}
END_TEST

static Suite *bounds_suite(void)
{
    Suite *suite = suite_create("bounds");
    TCase *tcase = tcase_create("bounds");
    tcase_add_test(tcase, test_bounds_every_combination_is_taken_or_refused_as_it_must);
    tcase_add_test(tcase, test_bounds_no_datagram_passes_that_may_not);
    tcase_add_test(tcase, test_bounds_short_datagram_passes_between_private_hosts_alone);
    tcase_add_test(tcase, test_bounds_rate_and_count_hold_outside);
    tcase_add_test(tcase, test_bounds_foreign_source_obeys_the_rate_on_loopback_too);
    tcase_add_test(tcase, test_bounds_loopback_has_many_addresses_of_its_own);
    tcase_add_test(tcase, test_bounds_receives_what_the_inner_wire_does);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(bounds_suite());
}
