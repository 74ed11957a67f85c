/*
 * test_layer: every field of every layer lies at its bits, and has its name and usual value.
 *
 * The bits are counted here one by one, which shares nothing with how the module reads them.
 */
#include <string.h>

#include "check_main.h"
#include "synstep/layer.h"
#include "synstep/random.h"

static const struct ss_layer_field *field_of(enum ss_layer_kind kind, size_t field)
{
    return &ss_layer_table(kind)->fields[field];
}

static bool bit_at(const uint8_t *octets, size_t bit)
{
    return octets[bit / 8] >> (7 - bit % 8) & 1;
}

/* Calls `check` for each field of each layer. */
static void for_each_field(void (*check)(enum ss_layer_kind kind, size_t field))
{
    for (int kind = 0; kind < SS_LAYER_KINDS; kind++)
        for (size_t i = 0; i < ss_layer_table((enum ss_layer_kind)kind)->field_count; i++)
            check((enum ss_layer_kind)kind, i);
}

/* The field's bits have become `value`'s, and no other has changed. */
static void expect_bits(const struct ss_layer *before, const struct ss_layer *after,
                        const struct ss_layer_field *field, const uint8_t *value, size_t skip)
{
    size_t wrong = 0;
    for (size_t bit = 0; bit < 8 * (size_t)SS_LAYER_FIXED_BYTES_MAX; bit++) {
        bool inside = bit >= field->bit && bit < (size_t)field->bit + field->bits;
        bool expected =
            inside ? bit_at(value, skip + bit - field->bit) : bit_at(before->fixed, bit);
        wrong += bit_at(after->fixed, bit) != expected;
    }
    ck_assert_msg(wrong == 0, "%s: %zu bits", field->name, wrong);
}

static void fill_at_random(struct ss_random *random, uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        octets[i] = (uint8_t)ss_random_next32(random);
}

static void check_number(enum ss_layer_kind kind, size_t i)
{
    const struct ss_layer_field *field = field_of(kind, i);
    struct ss_random random = ss_random_seeded(i);
    if (field->bits > 32)
        return;
    uint32_t most = (uint32_t)((UINT64_C(1) << field->bits) - 1);
    for (int round = 0; round < 20; round++) {
        struct ss_layer before = {.kind = kind}, after;
        uint32_t value = round == 0 ? 0 : round == 1 ? UINT32_MAX : ss_random_next32(&random);
        uint8_t octets[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                             (uint8_t)value};
        fill_at_random(&random, before.fixed, sizeof before.fixed);
        after = before;
        ss_layer_put(&after, i, value);
        expect_bits(&before, &after, field, octets, 32U - field->bits);
        ck_assert_uint_eq(ss_layer_get(&after, i), value & most);
        ck_assert_uint_eq(after.set, UINT32_C(1) << i);
        ck_assert(ss_layer_is_set(&after, i));
    }
}

START_TEST(test_layer_number_is_written_and_read_at_its_bits)
{
    for_each_field(check_number);
}
END_TEST

static void check_octets(enum ss_layer_kind kind, size_t i)
{
    const struct ss_layer_field *field = field_of(kind, i);
    struct ss_random random = ss_random_seeded(i);
    if (field->bit % 8 != 0 || field->bits % 8 != 0)
        return;
    struct ss_layer before = {.kind = kind}, after;
    uint8_t value[16], again[17];
    fill_at_random(&random, before.fixed, sizeof before.fixed);
    fill_at_random(&random, value, sizeof value);
    memset(again, 0xa5, sizeof again);
    after = before;
    ss_layer_put_octets(&after, i, value);
    expect_bits(&before, &after, field, value, 0);
    ck_assert_uint_eq(after.set, UINT32_C(1) << i);
    ss_layer_get_octets(&after, i, again);
    ck_assert_mem_eq(again, value, field->bits / 8);
    ck_assert_uint_eq(again[field->bits / 8], 0xa5);
}

START_TEST(test_layer_octets_are_written_and_read_where_they_lie)
{
    for_each_field(check_octets);
}
END_TEST

/* Every bit of a header is some field's, and none lies behind it. */
START_TEST(test_layer_fields_cover_the_header)
{
    for (int kind = 0; kind < SS_LAYER_KINDS; kind++) {
        const struct ss_layer_table *table = ss_layer_table((enum ss_layer_kind)kind);
        uint8_t covered[SS_LAYER_FIXED_BYTES_MAX] = {0};
        ck_assert_uint_le(table->fixed_bytes, SS_LAYER_FIXED_BYTES_MAX);
        ck_assert_uint_le(table->field_count, SS_LAYER_FIELDS_MAX);
        for (size_t i = 0; i < table->field_count; i++)
            for (size_t bit = 0; bit < table->fields[i].bits; bit++) {
                size_t at = table->fields[i].bit + bit;
                size_t until = table->fields[i].until;
                ck_assert_uint_lt(at / 8, until ? until : table->fixed_bytes);
                ck_assert(until == 0 || at / 8 >= table->fixed_bytes);
                ck_assert_uint_le(until, SS_LAYER_FIXED_BYTES_MAX);
                covered[at / 8] |= (uint8_t)(0x80 >> at % 8);
            }
        for (size_t i = 0; i < table->fixed_bytes; i++)
            ck_assert_msg(covered[i] == 0xff, "%s: octet %zu", table->name, i);
    }
}
END_TEST

/* In order of their first bit, so that whoever shows them never goes back. */
START_TEST(test_layer_fields_stand_in_order)
{
    for (int kind = 0; kind < SS_LAYER_KINDS; kind++)
        for (size_t i = 1; i < ss_layer_table((enum ss_layer_kind)kind)->field_count; i++) {
            const struct ss_layer_field *field = field_of((enum ss_layer_kind)kind, i);
            bool icmp = kind == SS_LAYER_ICMP || kind == SS_LAYER_ICMP6; /* theirs overlap */
            ck_assert_msg(icmp || field->bit >= field[-1].bit, "%s", field->name);
        }
}
END_TEST

/* --- headers whose length their type decides ----------------------------------------------------
 */

START_TEST(test_layer_field_behind_makes_the_header_reach_it)
{
    static const uint8_t address[16] = {0xfd, [15] = 9};
    size_t field;
    struct ss_layer layer = ss_layer_new(SS_LAYER_ICMP6);
    ck_assert_uint_eq(ss_layer_bytes(&layer), 8);
    ck_assert(ss_layer_field_from_name(SS_LAYER_ICMP6, "retrans", &field));
    ss_layer_put(&layer, field, 7);
    ck_assert_uint_eq(ss_layer_bytes(&layer), 16);
    ck_assert(ss_layer_field_from_name(SS_LAYER_ICMP6, "target", &field));
    ss_layer_put_octets(&layer, field, address);
    ck_assert_uint_eq(ss_layer_bytes(&layer), 24);
    ck_assert(ss_layer_field_from_name(SS_LAYER_ICMP6, "reachable", &field));
    ss_layer_put(&layer, field, 7);
    ck_assert_uint_eq(ss_layer_bytes(&layer), 24);
}
END_TEST

/* The longest form that is all there. */
START_TEST(test_layer_bytes_by_type)
{
    static const struct {
        enum ss_layer_kind kind;
        uint8_t type;
        size_t left, bytes;
    } rows[] = {
        {SS_LAYER_ICMP, 13, 20, 20},   {SS_LAYER_ICMP, 14, 19, 8},    {SS_LAYER_ICMP, 18, 99, 12},
        {SS_LAYER_ICMP, 8, 99, 8},     {SS_LAYER_ICMP, 135, 99, 8},   {SS_LAYER_ICMP6, 130, 27, 24},
        {SS_LAYER_ICMP6, 130, 28, 28}, {SS_LAYER_ICMP6, 130, 23, 8},  {SS_LAYER_ICMP6, 132, 99, 24},
        {SS_LAYER_ICMP6, 133, 99, 8},  {SS_LAYER_ICMP6, 134, 16, 16}, {SS_LAYER_ICMP6, 136, 24, 24},
        {SS_LAYER_ICMP6, 137, 40, 40}, {SS_LAYER_ICMP6, 137, 39, 8},  {SS_LAYER_ICMP6, 143, 99, 8},
        {SS_LAYER_IGMP, 0x11, 11, 8},  {SS_LAYER_IGMP, 0x11, 12, 12}, {SS_LAYER_IGMP, 0x22, 99, 8},
        {SS_LAYER_TCP, 13, 99, 20},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_uint_eq(ss_layer_bytes_by_type(rows[i].kind, rows[i].type, rows[i].left),
                          rows[i].bytes);
}
END_TEST

/* --- names --------------------------------------------------------------------------------------
 */

static const char *const layer_names[SS_LAYER_KINDS] = {
    "ether", "vlan", "arp", "ip",   "ip6",   "hop",  "route", "frag",
    "dest",  "tcp",  "udp", "icmp", "icmp6", "igmp", "raw",
};

START_TEST(test_layer_each_is_found_by_its_name)
{
    for (int i = 0; i < SS_LAYER_KINDS; i++) {
        enum ss_layer_kind kind = SS_LAYER_RAW;
        ck_assert_str_eq(ss_layer_table((enum ss_layer_kind)i)->name, layer_names[i]);
        ck_assert(ss_layer_from_name(layer_names[i], &kind));
        ck_assert_int_eq((int)kind, i);
    }
    enum ss_layer_kind kind = SS_LAYER_ARP;
    ck_assert(ss_layer_from_name("TCP", &kind));
    ck_assert_int_eq(kind, SS_LAYER_TCP);
    ck_assert(!ss_layer_from_name("tc", &kind));
    ck_assert(!ss_layer_from_name("tcpp", &kind));
    ck_assert(!ss_layer_from_name("", &kind));
    ck_assert_int_eq(kind, SS_LAYER_TCP);
}
END_TEST

static void check_names(enum ss_layer_kind kind, size_t i)
{
    const struct ss_layer_field *field = field_of(kind, i);
    size_t found = SIZE_MAX;
    ck_assert(ss_layer_field_from_name(kind, field->name, &found));
    ck_assert_msg(found == i, "%s is not alone", field->name);
    ck_assert(ss_layer_field_from_name(kind, field->title, &found));
    ck_assert_msg(found == i, "%s is not alone", field->title);
    ck_assert(field->meaning[0] != '\0');
    ck_assert_uint_le(strlen(field->title), 31); /* what a line of `headers` takes */
}

START_TEST(test_layer_each_field_is_found_by_its_name_and_title)
{
    for_each_field(check_names);
}
END_TEST

START_TEST(test_layer_field_name_may_be_written_as_in_its_rfc)
{
    static const struct {
        enum ss_layer_kind kind;
        const char *typed;
        const char *name;
    } rows[] = {
        {SS_LAYER_IP, "Time to Live", "ttl"},
        {SS_LAYER_IP, "dont-fragment", "df"},
        {SS_LAYER_IP, "HEADER_CHECKSUM", "checksum"},
        {SS_LAYER_TCP, "Sequence-Number", "seq"},
        {SS_LAYER_TCP, "ack", "ack"},
        {SS_LAYER_TCP, "Control Bits", "flags"},
        {SS_LAYER_IP6, "hop-limit", "hop"},
        {SS_LAYER_ICMP, "next-hop-mtu", "mtu"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t field;
        ck_assert(ss_layer_field_from_name(rows[i].kind, rows[i].typed, &field));
        ck_assert_str_eq(field_of(rows[i].kind, field)->name, rows[i].name);
    }
    size_t field = 77;
    ck_assert(!ss_layer_field_from_name(SS_LAYER_TCP, "ttl", &field));
    ck_assert(!ss_layer_field_from_name(SS_LAYER_TCP, "", &field));
    ck_assert(!ss_layer_field_from_name(SS_LAYER_TCP, "--", &field));
    ck_assert(!ss_layer_field_from_name(SS_LAYER_RAW, "octets", &field));
    ck_assert_uint_eq(field, 77);
}
END_TEST

/* --- values -------------------------------------------------------------------------------------
 */

static void check_values(enum ss_layer_kind kind, size_t i)
{
    const struct ss_layer_field *field = field_of(kind, i);
    uint32_t found = 0;
    for (uint32_t value = 0; value < 0x10000; value++) {
        const char *text = ss_layer_value_text(kind, i, value);
        if (!text)
            continue;
        ck_assert_int_eq(field->form, SS_FORM_NAMED);
        ck_assert(value >> field->bits == 0);
        ck_assert(ss_layer_value_from_text(kind, i, text, &found));
        ck_assert_msg(found == value, "%s %s", field->name, text);
    }
    ck_assert(!ss_layer_value_from_text(kind, i, "nonesuch", &found));
    ck_assert(!ss_layer_value_from_text(kind, i, "", &found));
}

START_TEST(test_layer_value_names_lead_back_to_their_values)
{
    for_each_field(check_values);
}
END_TEST

/* What IANA has assigned. */
START_TEST(test_layer_values_have_the_names_that_are_registered)
{
    static const struct {
        enum ss_layer_kind kind;
        const char *field;
        uint32_t value;
        const char *name;
    } rows[] = {
        {SS_LAYER_ETHER, "type", 0x0800, "ip"},      {SS_LAYER_ETHER, "type", 0x86dd, "ip6"},
        {SS_LAYER_VLAN, "type", 0x0806, "arp"},      {SS_LAYER_IP, "protocol", 6, "tcp"},
        {SS_LAYER_IP, "protocol", 17, "udp"},        {SS_LAYER_IP6, "next", 58, "icmp6"},
        {SS_LAYER_HOP, "next", 43, "route"},         {SS_LAYER_ARP, "op", 1, "request"},
        {SS_LAYER_ICMP, "type", 8, "echo"},          {SS_LAYER_ICMP, "type", 3, "unreachable"},
        {SS_LAYER_ICMP6, "type", 129, "echo-reply"}, {SS_LAYER_IGMP, "type", 0x16, "report"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t field;
        ck_assert(ss_layer_field_from_name(rows[i].kind, rows[i].field, &field));
        const char *text = ss_layer_value_text(rows[i].kind, field, rows[i].value);
        ck_assert_ptr_nonnull(text);
        ck_assert_str_eq(text, rows[i].name);
        ck_assert_ptr_null(ss_layer_value_text(rows[i].kind, field, 0xfe));
    }
}
END_TEST

/* Each header with nothing set, before lengths, what follows and checksums are computed. */
START_TEST(test_layer_new_has_the_usual_values)
{
    static const struct {
        enum ss_layer_kind kind;
        uint8_t octets[SS_LAYER_FIXED_BYTES_MAX];
    } rows[] = {
        {SS_LAYER_ETHER, {0}},
        {SS_LAYER_VLAN, {0, 1}},
        {SS_LAYER_ARP, {0, 1, 8, 0, 6, 4, 0, 1}},
        {SS_LAYER_IP, {0x40, [6] = 0x40, [8] = 64}},
        {SS_LAYER_IP6, {0x60, [7] = 64}},
        {SS_LAYER_HOP, {0}},
        {SS_LAYER_ROUTE, {0}},
        {SS_LAYER_FRAG, {0}},
        {SS_LAYER_DEST, {0}},
        {SS_LAYER_TCP, {[14] = 0xfa, 0xf0}},
        {SS_LAYER_UDP, {0}},
        {SS_LAYER_ICMP, {8}},
        {SS_LAYER_ICMP6, {128}},
        {SS_LAYER_IGMP, {0x16}},
        {SS_LAYER_RAW, {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ss_layer layer = ss_layer_new(rows[i].kind);
        ck_assert_int_eq(layer.kind, rows[i].kind);
        ck_assert_uint_eq(layer.set, 0);
        ck_assert_uint_eq(layer.rest_length, 0);
        ck_assert_mem_eq(layer.fixed, rows[i].octets, sizeof layer.fixed);
    }
}
END_TEST

static Suite *layer_suite(void)
{
    Suite *suite = suite_create("layer");
    TCase *bits = tcase_create("bits");
    tcase_add_test(bits, test_layer_field_behind_makes_the_header_reach_it);
    tcase_add_test(bits, test_layer_bytes_by_type);
    tcase_add_test(bits, test_layer_number_is_written_and_read_at_its_bits);
    tcase_add_test(bits, test_layer_octets_are_written_and_read_where_they_lie);
    tcase_add_test(bits, test_layer_fields_cover_the_header);
    tcase_add_test(bits, test_layer_fields_stand_in_order);
    suite_add_tcase(suite, bits);
    TCase *names = tcase_create("names");
    tcase_add_test(names, test_layer_each_is_found_by_its_name);
    tcase_add_test(names, test_layer_each_field_is_found_by_its_name_and_title);
    tcase_add_test(names, test_layer_field_name_may_be_written_as_in_its_rfc);
    tcase_add_test(names, test_layer_value_names_lead_back_to_their_values);
    tcase_add_test(names, test_layer_values_have_the_names_that_are_registered);
    tcase_add_test(names, test_layer_new_has_the_usual_values);
    suite_add_tcase(suite, names);
    return suite;
}

int main(void)
{
    return check_main(layer_suite());
}
