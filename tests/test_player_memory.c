/* test_player_memory: a run during which memory runs out, at each place where it can.
 *
 * The linker puts these in place of the library's malloc and its like (--wrap). */
#include "player_support.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned left; /* so many more succeed; then one does not; 0: all do */
static bool failed;

static bool fails(void)
{
    if (left == 0 || --left > 0)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

static const char text[] = "param J\n"
                           "> SYN seq=J size 10\n"
                           "duplicate <\n"
                           "delay > 3ms\n"
                           "delay < 2ms\n"
                           "< SYN,ACK seq=K\n"
                           "> ACK\n"
                           "> PSH,ACK size 5\n"
                           "<? ACK\n"
                           "<* SYN,ACK\n"
                           "peer send size 5\n"
                           "{\n"
                           "< ACK\n"
                           "< FIN,ACK\n"
                           "}\n"
                           "<! RST within 1ms\n"
                           "set window = 5\n"
                           "wait 10ms\n";

static struct stage *set_memory_stage(void)
{
    struct stage *stage = set_stage(4, 1000, text);
    say_after(stage, 1, segment(stage, S | A, 500, 11));
    say_after(stage, 2, segment(stage, A, 501, 16));
    say_after(stage, 2, segment(stage, F | A, 501, 16));
    say_octets(stage, (const uint8_t *)"garbage", 7)->after = 2;
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    return stage;
}

/* Those of the run, not of the stage. */
static enum ss_status play_until(struct stage *stage, unsigned n)
{
    failed = false;
    left = n;
    enum ss_status status = play(stage);
    left = 0;
    return status;
}

START_TEST(test_player_memory_that_runs_out_is_told)
{
    unsigned n = 1;
    for (;; n++) {
        struct stage *stage = set_memory_stage();
        memset(&stage->problem, '?', sizeof(stage->problem));
        enum ss_status status = play_until(stage, n);
        stage->prepared_next = stage->prepared_count;
        if (failed) {
            stage->problem.text[SS_PROBLEM_TEXT_SIZE - 1] = '\0';
            ck_assert_msg(status == SS_IO, "at %u: %s: %s", n, ss_status_text(status),
                          stage->problem.text);
            ck_assert_msg(strstr(stage->problem.text, "out of memory") != NULL, "at %u: %s", n,
                          stage->problem.text);
        }
        strike(stage);
        if (!failed)
            break;
        failed = false;
    }
    ck_assert_uint_gt(n, 30);
}
END_TEST

static Suite *player_memory_suite(void)
{
    Suite *suite = suite_create("player_memory");
    TCase *tcase = tcase_create("memory");
    tcase_add_test(tcase, test_player_memory_that_runs_out_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(player_memory_suite());
}
