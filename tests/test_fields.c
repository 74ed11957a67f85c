/*
 * test_fields: the list of what can be set names every field of every layer, within its columns.
 */
#include "check_main.h"
#include "synstep/probe.h"

#include <string.h>

#include "../src/cli/field_list.h"
#include "synstep/layer.h"

static char *printed(const char *layer, unsigned columns)
{
    char *text = NULL;
    size_t length;
    struct ss_problem problem;
    FILE *out = open_memstream(&text, &length);
    ck_assert_int_eq(fields_print(out, layer, columns, &problem), SS_OK);
    fclose(out);
    return text;
}

START_TEST(test_fields_of_udp_are_listed)
{
    char *text = printed("udp", 80);
    ck_assert_str_eq(
        text, "udp: UDP, RFC 768\n"
              "  field      bits  if not set what it is\n"
              "  sport        16  free one   Source Port: the sender's\n"
              "  dport        16  target's   Destination Port: the receiver's\n"
              "  length       16  computed   Length: octets of this header and what follows\n"
              "  checksum     16  computed   Checksum: over the pseudo-header, this header "
              "and\n                              what follows\n");
    free(text);
}
END_TEST

START_TEST(test_fields_tell_the_names_of_values)
{
    char *text = printed("IGMP", 100);
    ck_assert_ptr_nonnull(strstr(text, "names: query, report-v1, report, leave, report-v3\n"));
    ck_assert_ptr_nonnull(strstr(text, "  type          8  report     Type: query"));
    ck_assert_ptr_nonnull(strstr(text, "  group        32  0.0.0.0    Group Address: which"));
    free(text);
    text = printed("tcp", 80);
    ck_assert_ptr_nonnull(strstr(text, "  window       16  64240      Window: octets"));
    ck_assert_ptr_nonnull(strstr(text, "  flags         8  SYN        Control Bits: all eight"));
    ck_assert_ptr_nonnull(strstr(text, "  and behind them: options\n"));
    free(text);
}
END_TEST

START_TEST(test_fields_of_every_layer_fit)
{
    for (int kind = 0; kind < SS_LAYER_KINDS; kind++) {
        const struct ss_layer_table *table = ss_layer_table((enum ss_layer_kind)kind);
        char *text = printed(table->name, 80), row[32];
        for (size_t i = 0; i < table->field_count; i++) {
            snprintf(row, sizeof row, "\n  %-10s %4u  ", table->fields[i].name,
                     (unsigned)table->fields[i].bits);
            ck_assert_msg(strstr(text, row) != NULL, "%s %s", table->name, row);
        }
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
            ck_assert_msg(strcspn(line, "\n") <= 80, "%.100s", line);
        free(text);
    }
}
END_TEST

/* A frame of whatever that layer alone makes, and the layer in it. */
static struct ss_layer layer_sent(enum ss_layer_kind kind)
{
    static uint8_t octets[SS_FRAME_BYTES_MAX];
    static struct ss_stack stack;
    struct ss_stack_faults faults;
    bool v6 = (kind >= SS_LAYER_IP6 && kind <= SS_LAYER_DEST) || kind == SS_LAYER_ICMP6;
    const struct ss_probe_ends ends = {
        .source = v6 ? ss_address_v6((const uint8_t[16]){0xfd, [15] = 1})
                     : ss_address_v4((const uint8_t[4]){10, 0, 0, 1}),
        .target = v6 ? ss_address_v6((const uint8_t[16]){0xfd, [15] = 2})
                     : ss_address_v4((const uint8_t[4]){10, 0, 0, 2}),
        .source_port = 50000,
        .target_port = 80,
    };
    struct ss_probe *probe = ss_probe_new(9, NULL);
    size_t length = 0, at = 0;
    ck_assert_int_eq(ss_probe_word(probe, ss_layer_table(kind)->name, NULL), SS_OK);
    ck_assert_int_eq(ss_probe_finish(probe, &ends, NULL), SS_OK);
    ck_assert_int_eq(ss_probe_build(probe, 0, octets, sizeof octets, &length, NULL), SS_OK);
    ss_stack_dissect(ss_probe_link(probe), octets, length, &stack, &faults);
    while (at < stack.count && stack.layers[at].kind != kind)
        at++;
    ck_assert_uint_lt(at, stack.count);
    ss_probe_free(probe);
    return stack.layers[at];
}

/* Of what ICMP's types make of one word, only echo's is sent. */
START_TEST(test_fields_that_are_not_set_have_what_is_told)
{
    for (int kind = 0; kind < SS_LAYER_RAW; kind++) {
        const struct ss_layer_table *table = ss_layer_table((enum ss_layer_kind)kind);
        bool icmp = kind == SS_LAYER_ICMP || kind == SS_LAYER_ICMP6;
        char *text = printed(table->name, 80), row[32];
        struct ss_layer layer = layer_sent((enum ss_layer_kind)kind);
        for (size_t i = 0; i < table->field_count; i++) {
            snprintf(row, sizeof row, "\n  %-10s %4u  ", table->fields[i].name,
                     (unsigned)table->fields[i].bits);
            const char *told = strstr(text, row) + strlen(row);
            if (*told < '0' || *told > '9' || table->fields[i].bits > 32 ||
                (icmp && table->fields[i].bit >= 32) || table->fields[i].form == SS_FORM_IPV4)
                continue;
            ck_assert_msg(strtoul(told, NULL, 0) == ss_layer_get(&layer, i), "%s %s: %.10s",
                          table->name, table->fields[i].name, told);
        }
        free(text);
    }
}
END_TEST

START_TEST(test_fields_of_no_layer_list_the_layers)
{
    char *text = printed("", 80);
    ck_assert_ptr_nonnull(strstr(text, "  ether  Ethernet, IEEE 802.3\n"));
    ck_assert_ptr_nonnull(strstr(text, "  raw    octets\n"));
    free(text);
}
END_TEST

START_TEST(test_fields_of_a_wrong_layer_name_the_right_one)
{
    struct ss_problem problem;
    ck_assert_int_eq(fields_print(stderr, "tpc", 80, &problem), SS_USAGE);
    ck_assert_str_eq(problem.text, "no layer 'tpc'; did you mean tcp; --fields= lists all");
    ck_assert_int_eq(fields_print(stderr, "wonderful", 80, &problem), SS_USAGE);
    ck_assert_str_eq(problem.text, "no layer 'wonderful'; --fields= lists all");
}
END_TEST

static Suite *fields_suite(void)
{
    Suite *suite = suite_create("fields");
    TCase *list = tcase_create("list");
    tcase_add_test(list, test_fields_of_udp_are_listed);
    tcase_add_test(list, test_fields_tell_the_names_of_values);
    tcase_add_test(list, test_fields_of_every_layer_fit);
    tcase_add_test(list, test_fields_that_are_not_set_have_what_is_told);
    tcase_add_test(list, test_fields_of_no_layer_list_the_layers);
    tcase_add_test(list, test_fields_of_a_wrong_layer_name_the_right_one);
    suite_add_tcase(suite, list);
    return suite;
}

int main(void)
{
    return check_main(fields_suite());
}
