/*
 * test_fields: the list of what can be set names every field of every layer, within its columns.
 */
#include "check_main.h"

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
              "  sport        16  0          Source Port: the sender's\n"
              "  dport        16  0          Destination Port: the receiver's\n"
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
    ck_assert_ptr_nonnull(strstr(text, "  group        32  -          Group Address: which"));
    free(text);
    text = printed("tcp", 80);
    ck_assert_ptr_nonnull(strstr(text, "  window       16  64240      Window: octets"));
    ck_assert_ptr_nonnull(strstr(text, "  flags         8  0x00       Control Bits: all eight"));
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
    tcase_add_test(list, test_fields_of_no_layer_list_the_layers);
    tcase_add_test(list, test_fields_of_a_wrong_layer_name_the_right_one);
    suite_add_tcase(suite, list);
    return suite;
}

int main(void)
{
    return check_main(fields_suite());
}
