/* far_model_bench: the far end behind the simulated wire, and a near end driven by hand. */
#ifndef SS_TESTS_FAR_MODEL_BENCH_H
#define SS_TESTS_FAR_MODEL_BENCH_H

#include "far_orders.h"
#include "synstep/simulated.h"

enum { LATENCY_US = 500, MSS = 1000 };

static inline struct ss_socket_address end_of(int host, uint8_t version, uint16_t port)
{
    const uint8_t four[4] = {10, 0, 0, (uint8_t)(host + 1)};
    const uint8_t six[16] = {0xfd, [15] = (uint8_t)(host + 1)};
    return (struct ss_socket_address){version == 4 ? ss_address_v4(four) : ss_address_v6(six),
                                      port};
}

static inline void begin_with(struct ss_far_model_options options, uint8_t version)
{
    struct ss_problem problem;
    near.here = end_of(0, version, NEAR_PORT);
    near.there = end_of(1, version, FAR_PORT);
    near.window = HAND_WINDOW;
    options.local = near.there;
    options.peer = near.here;
    options.mss = MSS;
    must(ss_far_model_open(&options, &far, &problem) == SS_OK, "%s", problem.text);
    struct ss_simulated_host host = ss_far_model_as_host(far);
    must(ss_simulated_open(&host, LATENCY_US, &near.wire, &problem) == SS_OK, "%s", problem.text);
    ss_far_model_attach(far, near.wire);
}

static inline void begin(uint8_t version, uint32_t isn)
{
    begin_with((struct ss_far_model_options){.isn_given = true,
                                             .isn = ss_seq_from(isn),
                                             .random = ss_random_seeded(1),
                                             .receive_buffer = 5000},
               version);
}

static inline void end(void)
{
    ss_wire_close(near.wire);
    ss_far_close(far);
}

/* What was sent is there, and nothing came of it. */
static inline void settle(void)
{
    hand_expect_silence(&near, 2 * LATENCY_US);
}

/* It listens, and has accepted a connection from J. */
static inline void accept_from(uint32_t j, uint32_t k)
{
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE, "%s", answer.error);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET);
    must(hand_shake(&near, j) == k);
    settle();
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_DONE, "%s", answer.error);
}

#endif
