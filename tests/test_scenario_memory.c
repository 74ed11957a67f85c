/*
 * test_scenario_memory: out of memory at each allocation in turn, a scenario is none, nothing is
 * lost, and SS_IO says so. Linked with --wrap, so that the parser's allocations pass here.
 */
#include "scenario_bounds.h"
#include "scenario_support.h"

/* How many allocations succeed before one fails; none fails while it is negative. */
static long left = -1;

enum { MANY = 1000000 };

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    return fails() ? NULL : __real_realloc(block, size);
}

/* Gives "data", an octet, and "more", a statement; its own memory does not run out. */
static enum ss_status read_data(void *context, const char *path, uint8_t **octets, size_t *length,
                                struct ss_problem *problem)
{
    (void)context;
    (void)problem;
    const char *text = strcmp(path, "data") == 0 ? "x" : "wait 1s\n";
    *length = strlen(text);
    *octets = __real_malloc(*length);
    memcpy(*octets, text, *length);
    return SS_OK;
}

static const char *const every_statement =
    "title \"t\"\nonly live\nlet J\nparam n = 2\nparam m\ninclude more\ninclude \"more\"\n"
    "> SYN seq=J mss=1 opt=254:00 \"a\" hex:00 file:data file:\"data\" size\n"
    "< SYN,ACK seq=K ack=J+1 ts within 1s\n"
    "repeat n {\n{\n< ACK seq=L\n<? ACK\n}\npeer send \"b\"\n}\n"
    "peer sysctl net.ipv4.x = 1\npeer set nodelay\npeer expect error EPIPE\n"
    "wait 1s\ndrop >\nset snd_nxt = J\n";

/* The same, right and wrong: the "size" of the SYN has no number. */
static struct ss_scenario_source every_source(char *text, bool right)
{
    static const struct ss_scenario_param m = {"m", "7"};
    strcpy(text, every_statement);
    memcpy(strstr(text, " size"), right ? "     " : " size", 5);
    struct ss_scenario_source source = source_of(text, NULL);
    source.params = &m;
    source.param_count = 1;
    source.reader.read = read_data;
    return source;
}

/* What was left of `left`. */
static long unused;

/* `failing`: which allocation fails, counted from 0. */
static enum ss_status parse_with(long failing, bool right, size_t *found)
{
    char text[1000];
    struct ss_scenario_source source = every_source(text, right);
    struct ss_scenario *scenario = NULL;
    struct ss_diagnostics diagnostics;
    left = failing;
    enum ss_status status = ss_scenario_parse(&source, &scenario, &diagnostics);
    unused = left;
    left = -1;
    ck_assert((status == SS_OK) == (scenario != NULL));
    ck_assert(!scenario || scenario_within_bounds(scenario));
    ck_assert(diagnostics_within_bounds(&diagnostics));
    *found = diagnostics.found;
    ss_scenario_free(scenario);
    return status;
}

/* How many allocations it makes when none fails. */
static long count_allocations(bool right)
{
    size_t found;
    ck_assert_int_eq(parse_with(MANY, right, &found), right ? SS_OK : SS_USAGE);
    ck_assert_uint_eq(found, right ? 0 : 1);
    return MANY - unused;
}

START_TEST(test_scenario_memory_any_allocation_may_fail)
{
    size_t found;
    long allocations = count_allocations(true);
    ck_assert_int_gt(allocations, 50);
    for (long failing = 0; failing < allocations; failing++) {
        ck_assert_int_eq(parse_with(failing, true, &found), SS_IO);
        ck_assert_uint_eq(found, 0);
    }
}
END_TEST

/* Whatever was found before is told. */
START_TEST(test_scenario_memory_of_what_is_wrong_may_fail)
{
    size_t found;
    long allocations = count_allocations(false);
    ck_assert_int_gt(allocations, 30);
    for (long failing = 0; failing < allocations; failing++) {
        ck_assert_int_eq(parse_with(failing, false, &found), SS_IO);
        ck_assert_uint_le(found, 1);
    }
}
END_TEST

START_TEST(test_scenario_memory_step_may_fail)
{
    static const char *const names[] = {"J", "K"};
    static const struct ss_scenario known = {.title = "", .names = names, .name_count = 2};
    struct ss_scenario *extra = NULL;
    struct ss_diagnostics diagnostics;
    enum ss_status status = SS_IO;
    long failing = 0;
    for (; status == SS_IO; failing++) {
        left = failing;
        status =
            ss_scenario_parse_step(&known, "> ACK seq=J nop \"a\"", false, &extra, &diagnostics);
        left = -1;
    }
    ck_assert_int_eq(status, SS_OK);
    ck_assert_int_gt(failing, 8);
    ss_scenario_free(extra);
}
END_TEST

static Suite *memory_suite(void)
{
    Suite *suite = suite_create("scenario_memory");
    TCase *fails_at = tcase_create("fails");
    tcase_add_test(fails_at, test_scenario_memory_any_allocation_may_fail);
    tcase_add_test(fails_at, test_scenario_memory_of_what_is_wrong_may_fail);
    tcase_add_test(fails_at, test_scenario_memory_step_may_fail);
    suite_add_tcase(suite, fails_at);
    return suite;
}

int main(void)
{
    return check_main(memory_suite());
}
