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

/* What holds in the end, and ways not to. */
static const char *const texts[] = {
    "param J\n"
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
    "wait 10ms\n",
    "param J\n> SYN seq=J size 10\n< SYN,ACK\n> ACK\n<? ACK\n< FIN,ACK\n",
    "param J\n> SYN seq=J size 10\n< SYN,ACK\n> ACK\n<* RST within 1ms\n",
    "param J\n> SYN seq=J size 10\n< SYN,ACK\n> ACK\n< FIN\n",
    "param J\n> SYN seq=J size 10\n< SYN,ACK\n> ACK\n<! ACK\n",
    "param J\n> SYN seq=J size 10\n{\n< SYN\n}\n",
    "param J\n> SYN seq=J size 10\n< SYN,ACK\n> ACK\nwait 1ms\npeer close\n",
};

enum { TEXTS = sizeof(texts) / sizeof(texts[0]), THAT_HOLD = 2 };

static struct stage *set_memory_stage(int which)
{
    struct stage *stage = set_stage(4, 1000, texts[which]);
    say_after(stage, 1, segment(stage, S | A, 500, 11));
    say_after(stage, 2, segment(stage, A, 501, 16));
    say_after(stage, 2, segment(stage, F | A, 501, 16));
    say_octets(stage, (const uint8_t *)"garbage", 7)->after = 2;
    answer(stage, (struct prepared){.outcome = which < THAT_HOLD ? SS_FAR_DONE : SS_FAR_FAILED});
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

/* A check that failed has been told before, and keeps the last word over what comes after it. */
static bool failed_before(const struct stage *stage, enum ss_status status)
{
    for (size_t i = 0; i < ss_trace_count(stage->trace); i++) {
        const struct ss_event *event = ss_trace_at(stage->trace, i);
        if (event->kind == SS_EVENT_STEP && !event->step.ok)
            return status == SS_CHECK_FAILED && strstr(stage->problem.text, "test.step:");
    }
    return false;
}

START_TEST(test_player_memory_that_runs_out_is_told)
{
    unsigned n = 1;
    for (;; n++) {
        struct stage *stage = set_memory_stage(_i);
        memset(&stage->problem, '?', sizeof(stage->problem));
        enum ss_status status = play_until(stage, n);
        stage->prepared_next = stage->prepared_count;
        stage->problem.text[SS_PROBLEM_TEXT_SIZE - 1] = '\0';
        bool told = status == SS_IO && strstr(stage->problem.text, "out of memory");
        if (!told && _i >= THAT_HOLD)
            told = failed_before(stage, status);
        ck_assert_msg(!failed || told, "at %u: %s: %s", n, ss_status_text(status),
                      stage->problem.text);
        strike(stage);
        if (!failed)
            break;
    }
    ck_assert_uint_gt(n, 10);
}
END_TEST

START_TEST(test_player_memory_that_runs_out_by_hand_is_told)
{
    unsigned n = 1;
    failed = true;
    for (; failed; n++) {
        struct stage *stage = set_memory_stage(0);
        begin(stage);
        advance(stage);
        advance(stage);
        struct ss_problem problem;
        memset(&problem, '?', sizeof(problem));
        failed = false;
        left = n;
        enum ss_status status = ss_player_listen(stage->player, 1000, &problem);
        left = 0;
        problem.text[SS_PROBLEM_TEXT_SIZE - 1] = '\0';
        ck_assert_int_eq(status, failed ? SS_IO : SS_OK);
        ck_assert(!failed || strstr(problem.text, "out of memory"));
        (void)finish(stage, status);
        stage->prepared_next = stage->prepared_count;
        strike(stage);
    }
    ck_assert_uint_gt(n, 3);
}
END_TEST

/* Two are held back, one of them is released, and the end is told. */
static enum ss_status hold_and_release(struct stage *stage)
{
    enum ss_status status = SS_OK;
    for (int i = 0; i < 2 && status == SS_OK; i++) {
        struct ss_draft draft;
        const struct ss_step *step = &stage->scenario->steps[1];
        status = ss_player_draft_of(stage->player, step, &draft, &stage->problem);
        draft.fate = SS_FATE_DELAYED;
        if (status == SS_OK)
            status = ss_player_insert(stage->player, step, &draft, &stage->problem);
        ss_draft_clear(&draft);
        if (i == 0 && status == SS_OK)
            status = ss_player_release(stage->player, &stage->problem);
    }
    return finish(stage, status);
}

START_TEST(test_player_memory_that_runs_out_of_what_is_held_is_told)
{
    unsigned n = 1;
    failed = true;
    for (; failed; n++) {
        struct stage *stage = set_stage(4, 1000, "param J\n> SYN seq=J size 10\n");
        begin(stage);
        advance(stage);
        memset(&stage->problem, '?', sizeof(stage->problem));
        failed = false;
        left = n;
        enum ss_status status = hold_and_release(stage);
        left = 0;
        ck_assert_int_eq(status, failed ? SS_IO : SS_OK);
        stage->problem.text[SS_PROBLEM_TEXT_SIZE - 1] = '\0';
        ck_assert(!failed || strstr(stage->problem.text, "out of memory"));
        strike(stage);
    }
    ck_assert_uint_gt(n, 8);
}
END_TEST

static Suite *player_memory_suite(void)
{
    Suite *suite = suite_create("player_memory");
    TCase *tcase = tcase_create("memory");
    tcase_add_loop_test(tcase, test_player_memory_that_runs_out_is_told, 0, TEXTS);
    tcase_add_test(tcase, test_player_memory_that_runs_out_by_hand_is_told);
    tcase_add_test(tcase, test_player_memory_that_runs_out_of_what_is_held_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(player_memory_suite());
}
