/*
 * far_orders: a far end that is given orders, whatever kind it is, and what must come of them.
 */
#ifndef SS_TESTS_FAR_ORDERS_H
#define SS_TESTS_FAR_ORDERS_H

#include <poll.h>

#include "hand.h"
#include "synstep/far.h"

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
enum { BASES = 4, NEAR_PORT = 40000, FAR_PORT = 8888, TRIES = 5000 };

static struct hand near;
static struct ss_far *far;
static struct ss_far_answer answer;

static inline enum ss_far_outcome command(const struct ss_far_command *what)
{
    struct ss_problem problem;
    must(ss_far_command(far, what, &answer, &problem) == SS_OK, "%s", problem.text);
    return answer.outcome;
}

static inline enum ss_far_outcome tell(enum ss_far_verb verb, int64_t number)
{
    return command(&(struct ss_far_command){.verb = verb, .number = number});
}

static inline enum ss_far_outcome say(const char *text)
{
    return command(&(struct ss_far_command){
        .verb = SS_FAR_SEND, .octets = (const uint8_t *)text, .length = strlen(text)});
}

static inline enum ss_far_outcome set(const char *name, int64_t value)
{
    return command(&(struct ss_far_command){.verb = SS_FAR_SET, .name = name, .number = value});
}

/* Repeats it as long as it is not yet to be done: a real far host has its own time. */
static inline enum ss_far_outcome await(enum ss_far_verb verb, int64_t number)
{
    for (int i = 0; i < TRIES && tell(verb, number) == SS_FAR_NOT_YET; i++)
        (void)poll(NULL, 0, 1);
    return answer.outcome;
}

static inline void expect_read(const char *text)
{
    must(await(SS_FAR_READ, (int64_t)strlen(text)) == SS_FAR_DONE, "%s", answer.error);
    must(answer.length == strlen(text) && memcmp(answer.octets, text, answer.length) == 0);
}

static inline void expect_state(enum ss_tcp_state state)
{
    for (int i = 0; i < TRIES; i++) {
        must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE);
        if (answer.state_known && answer.state == state)
            return;
        (void)poll(NULL, 0, 1);
    }
    must(false, "it is in %s", ss_tcp_state_text(answer.state));
}

static inline void expect_numbers(uint32_t rcv_nxt, uint32_t write_seq)
{
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE);
    must(answer.numbers_known && answer.rcv_nxt.value == rcv_nxt &&
             answer.write_seq.value == write_seq,
         "rcv_nxt=%u write_seq=%u", answer.rcv_nxt.value, answer.write_seq.value);
}

static inline void expect_failed(enum ss_far_outcome outcome, const char *error)
{
    must(outcome == SS_FAR_FAILED && strcmp(answer.error, error) == 0, "%d %s", (int)outcome,
         answer.error);
}

static inline void expect_error(const char *error)
{
    must(tell(SS_FAR_LOOK, 0) == SS_FAR_DONE && strcmp(answer.error, error) == 0, "%s",
         answer.error);
}

#endif
