/*
 * test_scenario_manual: every example in synstep-scenario(5) is a scenario, and its tables are
 * those of the parser. An example is a literal display, `.Bd -literal`; one that can be run has a
 * title.
 */
#include "scenario_bounds.h"
#include "scenario_support.h"

enum { EXAMPLE_SIZE = 4096 };

static char *read_page(void)
{
    char path[512], *text = NULL;
    size_t size = 0;
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, sizeof(path), "%s/man/synstep-scenario.5", source ? source : ".");
    FILE *page = fopen(path, "r");
    ck_assert_msg(page != NULL, "%s is not there", path);
    ck_assert_int_gt(getdelim(&text, &size, '\0', page), 0);
    fclose(page);
    return text;
}

/* --- examples ----------------------------------------------------------------------------------*/

/* The next display as a reader sees it, and where the page goes on; NULL when there is none. */
static const char *next_example(const char *page, char example[EXAMPLE_SIZE])
{
    static const char begin[] = "\n.Bd -literal -offset indent\n", end[] = "\n.Ed\n";
    const char *at = strstr(page, begin);
    size_t length = 0;
    if (!at)
        return NULL;
    at += strlen(begin);
    for (const char *last = strstr(at, end) + 1; at < last; at++) {
        ck_assert_uint_lt(length, EXAMPLE_SIZE - 1);
        example[length++] = *at;
        if (at[0] == '\\' && at[1] == 'e') /* mdoc's backslash */
            at++;
    }
    example[length] = '\0';
    return at;
}

/* The file that an example includes. */
static const struct file handshake = {
    "handshake.step",
    "let J\n"
    "> SYN     seq=J mss=1460 sackok\n"
    "< SYN,ACK seq=K ack=J+1\n"
    "> ACK     seq=J+1 ack=K+1\n",
    0,
};

START_TEST(test_scenario_manual_examples_are_scenarios)
{
    char *page = read_page(), example[EXAMPLE_SIZE];
    unsigned examples = 0, runnable = 0;
    struct files files = {&handshake, 1, 0};
    for (const char *at = page; (at = next_example(at, example)) != NULL; examples++) {
        struct ss_scenario_source source = source_of(example, &files);
        struct ss_scenario *scenario = parse_source(&source);
        ck_assert(scenario_within_bounds(scenario));
        ck_assert_uint_gt(scenario->step_count, 0);
        runnable += scenario->title[0] != '\0';
        ss_scenario_free(scenario);
    }
    ck_assert_uint_eq(examples, 17);
    ck_assert_uint_eq(runnable, 8);
    free(page);
}
END_TEST

/* No literal display is written so that it is passed over. */
START_TEST(test_scenario_manual_examples_are_all_found)
{
    char *page = read_page(), example[EXAMPLE_SIZE];
    unsigned displays = 0, examples = 0;
    for (const char *at = page; (at = strstr(at, "-literal")) != NULL; at++)
        displays++;
    for (const char *at = page; (at = next_example(at, example)) != NULL;)
        examples++;
    ck_assert_uint_eq(displays, examples);
    free(page);
}
END_TEST

/* --- tables ------------------------------------------------------------------------------------*/

/* Each field in its order, with its bits. */
START_TEST(test_scenario_manual_tells_every_field)
{
    char *page = read_page(), row[80];
    const char *at = page;
    for (int i = 0; i < SS_FIELDS; i++) {
        unsigned bits = ss_field_bits((enum ss_field)i);
        const char *name = ss_field_text((enum ss_field)i);
        snprintf(row, sizeof(row), bits ? "\n.It %s Ta %u Ta " : "\n.It %s Ta - Ta ", name, bits);
        at = strstr(at, row);
        ck_assert_msg(at != NULL, "the page does not say:%s", row);
    }
    ck_assert_int_eq(strncmp(strchr(at + strlen(row), '\n'), "\n.El\n", 5), 0);
    free(page);
}
END_TEST

/* Those of ARP, and of the header before it. */
START_TEST(test_scenario_manual_tells_every_field_of_arp)
{
    static const enum ss_layer_kind kinds[] = {SS_LAYER_ARP, SS_LAYER_ETHER};
    char *page = read_page(), row[80];
    const char *at = strstr(page, "\n.It Sy field Ta Sy bits Ta Sy what it is, and what is sent");
    ck_assert_ptr_nonnull(at);
    for (size_t k = 0; k < 2; k++) {
        const struct ss_layer_table *table = ss_layer_table(kinds[k]);
        for (size_t i = 0; i < table->field_count; i++) {
            snprintf(row, sizeof(row), "\n.It %s%s Ta %u Ta ", k ? "ether." : "",
                     table->fields[i].name, table->fields[i].bits);
            ck_assert_msg(strstr(at, row) != NULL, "the page does not say:%s", row);
        }
    }
    free(page);
}
END_TEST

/* Whether `word` stands in the text up to `end` by itself. */
static bool is_said(const char *text, const char *end, const char *word)
{
    for (const char *at = text; (at = strstr(at, word)) != NULL && at < end; at++)
        if (strchr(" \n", at[-1]) && strchr(" \n", at[strlen(word)]))
            return true;
    return false;
}

START_TEST(test_scenario_manual_tells_every_socket_option_and_state)
{
    char *page = read_page();
    const char *set = strstr(page, "\n.It Cm peer set"),
               *sysctl = strstr(set, "\n.It Cm peer sysctl");
    const char *state = strstr(page, "\n.It Cm peer expect state");
    const char *read = strstr(state, "\n.It Cm peer expect read");
    for (const char *const *name = ss_far_option_names(); *name; name++)
        ck_assert_msg(is_said(set, sysctl, *name), "the page does not say: %s", *name);
    for (int i = 0; i < SS_TCP_STATES; i++)
        ck_assert_msg(is_said(state, read, ss_tcp_state_text((enum ss_tcp_state)i)),
                      "the page does not say: %s", ss_tcp_state_text((enum ss_tcp_state)i));
    free(page);
}
END_TEST

/* Each error that the page names is one that can be expected. */
START_TEST(test_scenario_manual_errors_can_be_expected)
{
    char *page = read_page(), text[80];
    unsigned errors = 0;
    const char *end = strstr(page, "\n.It Cm peer expect rcv_nxt");
    for (const char *at = strstr(page, "\n.It Cm peer expect error"); at < end;) {
        size_t length = strcspn(at, " ,\n");
        if (at[0] == 'E' && strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length) {
            snprintf(text, sizeof(text), "peer expect error %.*s", (int)length, at);
            ss_scenario_free(parse(text));
            errors++;
        }
        at += length + strspn(at + length, " ,\n");
    }
    ck_assert_uint_eq(errors, 20);
    free(page);
}
END_TEST

static void write_number(char text[16], const struct ss_type_number *number)
{
    if (number->there)
        snprintf(text, 16, "%u, %u", number->type, number->code);
    else
        snprintf(text, 16, "-");
}

/* Each type in its order, with its numbers over both versions. */
START_TEST(test_scenario_manual_tells_every_message_type)
{
    char *page = read_page(), row[96], v4[16], v6[16];
    size_t count;
    const struct ss_message_type *types = ss_message_types(SS_PROTOCOL_ICMP, &count);
    const char *at = strstr(page, "\n.It Sy ICMP type");
    ck_assert_ptr_nonnull(at);
    for (size_t i = 0; i < count; i++) {
        write_number(v4, &types[i].v4);
        write_number(v6, &types[i].v6);
        snprintf(row, sizeof(row), "\n.It %s Ta %s Ta %s\n", types[i].name, v4, v6);
        at = strstr(at, row);
        ck_assert_msg(at != NULL, "the page does not say:%s", row);
    }
    types = ss_message_types(SS_PROTOCOL_IGMP, &count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(is_said(at, strstr(at, "\n.Ss "), types[i].name), "%s", types[i].name);
    types = ss_message_types(SS_PROTOCOL_ARP, &count);
    at = strstr(page, "\n.Ss ARP");
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(is_said(at, strstr(at + 1, "\n.Ss "), types[i].name), "%s", types[i].name);
    free(page);
}
END_TEST

static Suite *manual_suite(void)
{
    Suite *suite = suite_create("scenario_manual");
    TCase *examples = tcase_create("examples");
    tcase_add_test(examples, test_scenario_manual_examples_are_scenarios);
    tcase_add_test(examples, test_scenario_manual_examples_are_all_found);
    suite_add_tcase(suite, examples);
    TCase *tables = tcase_create("tables");
    tcase_add_test(tables, test_scenario_manual_tells_every_field);
    tcase_add_test(tables, test_scenario_manual_tells_every_field_of_arp);
    tcase_add_test(tables, test_scenario_manual_tells_every_socket_option_and_state);
    tcase_add_test(tables, test_scenario_manual_errors_can_be_expected);
    tcase_add_test(tables, test_scenario_manual_tells_every_message_type);
    suite_add_tcase(suite, tables);
    return suite;
}

int main(void)
{
    return check_main(manual_suite());
}
