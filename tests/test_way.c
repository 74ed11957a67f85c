/* test_way: messages about groups and neighbours go where their RFCs have them. */
#include "check_main.h"
#include "synstep/way.h"

#include <string.h>

static struct ss_layer layer(enum ss_layer_kind kind, uint8_t type, uint8_t second)
{
    struct ss_layer made = ss_layer_new(kind);
    made.fixed[0] = type;
    made.fixed[1] = second;
    return made;
}

static void expect(const struct ss_layer *message, const uint8_t *behind, size_t length,
                   uint8_t hops, bool alert, const char *to)
{
    struct ss_way way = {.hops = 77};
    char text[SS_ADDRESS_TEXT_SIZE] = "";
    ck_assert(ss_way_of(message, behind, length, &way));
    if (way.to.version != 0)
        ss_address_format(text, &way.to);
    ck_assert_uint_eq(way.hops, hops);
    ck_assert_int_eq(way.alert, alert);
    ck_assert_str_eq(text, to);
}

/* RFC 2236 section 2 and 3; RFC 3376 section 4.1.12, 4.2.14 and 7.1; RFC 1112 appendix I. */
START_TEST(test_way_igmp)
{
    static const struct {
        uint8_t type, time;
        size_t behind;
        bool alert;
        const char *to, *to_group;
    } rows[] = {
        {0x11, 0, 0, false, "224.0.0.1", "239.1.2.3"},
        {0x11, 0, 4, true, "224.0.0.1", "239.1.2.3"},
        {0x11, 10, 0, true, "224.0.0.1", "239.1.2.3"},
        {0x12, 0, 0, false, "224.0.0.1", "239.1.2.3"},
        {0x16, 0, 0, true, "224.0.0.1", "239.1.2.3"},
        {0x17, 0, 0, true, "224.0.0.2", "224.0.0.2"},
        {0x22, 0, 0, true, "224.0.0.22", "224.0.0.22"},
    };
    static const uint8_t group[] = {239, 1, 2, 3}, zeros[4] = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ss_layer message = layer(SS_LAYER_IGMP, rows[i].type, rows[i].time);
        expect(&message, zeros, rows[i].behind, 1, rows[i].alert, rows[i].to);
        memcpy(message.fixed + 4, group, 4);
        expect(&message, zeros, rows[i].behind, 1, rows[i].alert, rows[i].to_group);
    }
}
END_TEST

/* RFC 2710 section 3.4 and 8, RFC 3810 section 5.1.15 and 5.2.14; RFC 4861 section 4. */
START_TEST(test_way_icmp6)
{
    static const struct {
        uint8_t type, hops;
        bool alert;
        const char *to, *to_address;
    } rows[] = {
        {130, 1, true, "ff02::1", "ff15::12:3456"},
        {131, 1, true, "ff02::1", "ff15::12:3456"},
        {132, 1, true, "ff02::2", "ff02::2"},
        {143, 1, true, "ff02::16", "ff02::16"},
        {133, 255, false, "ff02::2", "ff02::2"},
        {134, 255, false, "ff02::1", "ff02::1"},
        {135, 255, false, "", "ff02::1:ff12:3456"},
        {136, 255, false, "", ""},
        {137, 255, false, "", ""},
    };
    static const uint8_t address[16] = {0xff, 0x15, [13] = 0x12, 0x34, 0x56};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ss_layer message = layer(SS_LAYER_ICMP6, rows[i].type, 0);
        expect(&message, NULL, 0, rows[i].hops, rows[i].alert, rows[i].to);
        expect(&message, address, 15, rows[i].hops, rows[i].alert, rows[i].to);
        expect(&message, address, 16, rows[i].hops, rows[i].alert, rows[i].to_address);
    }
}
END_TEST

START_TEST(test_way_others_have_none)
{
    struct ss_way way;
    for (unsigned type = 0; type < 256; type++) {
        struct ss_layer igmp = layer(SS_LAYER_IGMP, (uint8_t)type, 0),
                        icmp6 = layer(SS_LAYER_ICMP6, (uint8_t)type, 0),
                        icmp = layer(SS_LAYER_ICMP, (uint8_t)type, 0);
        bool known = type == 0x11 || type == 0x12 || type == 0x16 || type == 0x17 || type == 0x22;
        ck_assert_int_eq(ss_way_of(&igmp, NULL, 0, &way), known);
        ck_assert_int_eq(ss_way_of(&icmp6, NULL, 0, &way),
                         (type >= 130 && type <= 137) || type == 143);
        ck_assert(!ss_way_of(&icmp, NULL, 0, &way));
    }
}
END_TEST

START_TEST(test_way_alert_is_found_among_options)
{
    static const struct {
        uint8_t version;
        size_t length;
        uint8_t octets[12];
        bool found;
    } rows[] = {
        {4, 4, {0x94, 4, 0, 0}, true},
        {4, 8, {1, 7, 3, 4, 0x94, 4, 0, 0}, true},
        {4, 8, {0, 0, 0, 0, 0x94, 4, 0, 0}, false}, /* behind the end of options */
        {4, 8, {7, 1, 0, 0, 0x94, 4, 0, 0}, false}, /* a length that cannot be */
        {4, 8, {7, 8, 4, 0, 0x94, 4, 0, 0}, false}, /* within another */
        {4, 3, {0x94, 4, 0}, false},
        {4, 0, {0}, false},
        {4, 4, {5, 2, 0, 0}, false},
        {6, 6, {5, 2, 0, 0, 1, 0}, true},
        {6, 6, {0, 0, 5, 2, 0, 0}, true},
        {6, 6, {1, 0, 5, 2, 0, 0}, true},
        {6, 6, {5, 2, 0, 1, 1, 0}, false}, /* for RSVP, not for MLD (RFC 2711 2.1) */
        {6, 6, {1, 4, 5, 2, 0, 0}, false},
        {6, 3, {5, 2, 0}, false},
        {6, 4, {0x94, 4, 0, 0}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(ss_way_has_alert(rows[i].version, rows[i].octets, rows[i].length) ==
                          rows[i].found,
                      "row %zu", i);
}
END_TEST

static Suite *way_suite(void)
{
    Suite *suite = suite_create("way");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_way_igmp);
    tcase_add_test(tcase, test_way_icmp6);
    tcase_add_test(tcase, test_way_others_have_none);
    tcase_add_test(tcase, test_way_alert_is_found_among_options);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(way_suite());
}
