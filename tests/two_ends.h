/*
 * two_ends: two endpoints with an application each, carrying real octets, for tests that connect
 * them. A plain value: copying it copies the whole situation.
 */
#ifndef SS_TESTS_TWO_ENDS_H
#define SS_TESTS_TWO_ENDS_H

#include <string.h>

#include "check_main.h"
#include "synstep/endpoint.h"

/* As ck_assert_msg, which notes every place it passes: too slow for millions of checks. */
#ifndef must
#define must(condition, ...)                                                                       \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg(__VA_ARGS__);                                                             \
    } while (0)
#endif

enum close_rule {
    CLOSE_WHEN_ALL_IS_HERE,
    CLOSE_AFTER_PEER,
};

/* One end's application: sends `length` octets of its own, or echoes what it gets. */
struct application {
    bool connects;
    bool echoes;
    uint32_t length;   /* of its own stream */
    uint32_t expected; /* of the peer's stream */
    enum close_rule close_rule;
};

/* The octet at `offset` of what end 0 or 1 sends; an echo has the other end's. */
static inline uint8_t stream_octet(unsigned author, uint64_t offset)
{
    return (uint8_t)(offset * 37 + offset / 241 + author * 101 + 1);
}

struct one_end {
    struct ss_endpoint endpoint;
    struct application application;
    unsigned author; /* whose octets it sends */
};

struct two_ends {
    struct one_end ends[2];
};

static inline void two_ends_start(struct two_ends *two, const struct ss_endpoint_options options[2],
                                  const struct application applications[2])
{
    for (unsigned i = 0; i < 2; i++) {
        struct one_end *end = &two->ends[i];
        end->application = applications[i];
        end->author = applications[i].echoes ? 1 - i : i;
        ss_endpoint_init(&end->endpoint, &options[i]);
        if (applications[i].connects)
            ss_endpoint_connect(&end->endpoint);
        else
            ss_endpoint_listen(&end->endpoint);
        if (!applications[i].echoes && end->endpoint.state == SS_TCP_SYN_SENT)
            ss_endpoint_write(&end->endpoint, applications[i].length);
    }
}

/* What the application does after anything happened. It reads `reads` octets at most. */
static inline void application_act(struct one_end *end, uint64_t reads)
{
    struct ss_endpoint *endpoint = &end->endpoint;
    const struct application *application = &end->application;
    uint64_t readable = ss_endpoint_readable(endpoint);
    ss_endpoint_read(endpoint, reads < readable ? reads : readable);
    if (endpoint->fin_wanted || endpoint->state == SS_TCP_CLOSED)
        return;
    bool connected = endpoint->state == SS_TCP_ESTABLISHED || endpoint->state == SS_TCP_CLOSE_WAIT;
    if (!connected)
        return;
    uint64_t due = application->echoes ? endpoint->received : application->length;
    if (endpoint->written < due)
        ss_endpoint_write(endpoint, due - endpoint->written);
    bool time_to_close = application->close_rule == CLOSE_AFTER_PEER
                             ? endpoint->fin_received
                             : endpoint->received == application->expected;
    if (time_to_close)
        ss_endpoint_close(endpoint);
}

static inline bool both_closed(const struct two_ends *two)
{
    return two->ends[0].endpoint.state == SS_TCP_CLOSED &&
           two->ends[1].endpoint.state == SS_TCP_CLOSED;
}

/* How a whole connection must have ended at both ends: by FINs, with equal numbers. */
static inline void expect_equal_numbers(const struct two_ends *two, const char *what)
{
    for (int i = 0; i < 2; i++) {
        const struct ss_endpoint *here = &two->ends[i].endpoint;
        const struct ss_endpoint *there = &two->ends[1 - i].endpoint;
        const struct application *application = &two->ends[i].application;
        must(here->state == SS_TCP_CLOSED, "%s: end %d in %s", what, i,
             ss_tcp_state_text(here->state));
        must(here->failure == SS_ENDPOINT_NO_FAILURE, "%s: end %d failed (%d)", what, i,
             (int)here->failure);
        must(here->fin_received, "%s: end %d saw no FIN", what, i);
        must(here->received == application->expected, "%s: end %d has %lu octets", what, i,
             (unsigned long)here->received);
        must(ss_seq_equal(here->snd_nxt, there->rcv_nxt),
             "%s: end %d sent up to %u, the other expects %u", what, i, here->snd_nxt.value,
             there->rcv_nxt.value);
        must(ss_seq_equal(here->snd_una, here->snd_nxt) &&
                 ss_seq_equal(here->snd_max, here->snd_nxt),
             "%s: end %d has una %u nxt %u max %u", what, i, here->snd_una.value,
             here->snd_nxt.value, here->snd_max.value);
        /* ISN, the octets, SYN and FIN. */
        uint32_t span = (uint32_t)there->received + 2;
        must(ss_seq_distance(here->iss, here->snd_nxt) == span &&
                 here->acknowledged == there->received,
             "%s: end %d counts %u numbers, not %u", what, i,
             ss_seq_distance(here->iss, here->snd_nxt), span);
    }
}

#endif
