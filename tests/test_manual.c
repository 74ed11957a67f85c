/*
 * test_manual: the rules that synstep-run(1) lists are those that verify has, word for word.
 */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/verify.h"

static const char *level_text(enum ss_verdict_level level)
{
    switch (level) {
    case SS_VERDICT_HELD:
        return "held";
    case SS_VERDICT_NOTE:
        return "note";
    case SS_VERDICT_WARNING:
        return "warning";
    case SS_VERDICT_VIOLATION:
        return "violation";
    }
    return "";
}

static char *read_page(void)
{
    char path[512], *text = NULL;
    size_t size = 0;
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, sizeof(path), "%s/man/synstep-run.1", source ? source : ".");
    FILE *page = fopen(path, "r");
    ck_assert_msg(page != NULL, "%s is not there", path);
    ck_assert_int_gt(getdelim(&text, &size, '\0', page), 0);
    fclose(page);
    return text;
}

START_TEST(test_manual_tells_every_rule)
{
    size_t count;
    const struct ss_verify_rule *rules = ss_verify_rules(&count);
    char *page = read_page(), item[400];
    ck_assert_uint_gt(count, 60);
    for (size_t i = 0; i < count; i++) {
        snprintf(item, sizeof(item), "\n.It Li %s\n%s, %s:\n%s\n", rules[i].name,
                 level_text(rules[i].level), rules[i].clause, rules[i].meaning);
        ck_assert_msg(strstr(page, item) != NULL, "the page does not say: %s", item);
    }
    free(page);
}
END_TEST

START_TEST(test_manual_tells_no_other_rule)
{
    size_t count, items = 0;
    ss_verify_rules(&count);
    char *page = read_page();
    for (const char *at = page; (at = strstr(at, "\n.It Li ")); at++)
        items++;
    ck_assert_uint_eq(items, count);
    free(page);
}
END_TEST

static Suite *manual_suite(void)
{
    Suite *suite = suite_create("manual");
    TCase *rules = tcase_create("rules");
    tcase_add_test(rules, test_manual_tells_every_rule);
    tcase_add_test(rules, test_manual_tells_no_other_rule);
    suite_add_tcase(suite, rules);
    return suite;
}

int main(void)
{
    return check_main(manual_suite());
}
