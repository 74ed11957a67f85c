/* far_puppet_bench: a puppet in a private host, and a near end driven by hand over the raw wire. */
#ifndef SS_TESTS_FAR_PUPPET_BENCH_H
#define SS_TESTS_FAR_PUPPET_BENCH_H

#include "far.h"
#include "far_orders.h"
#include "synstep/mute.h"
#include "synstep/raw.h"

static struct ss_hosts hosts;

static inline void open_far(void)
{
    struct ss_problem problem;
    struct ss_far_puppet_options options = {
        .local = near.there,
        .peer = near.here,
        .network_namespace = hosts.far_namespace,
    };
    private_use_built("SYNSTEP_PUPPET", "synstep-puppet");
    must(ss_far_puppet_open(&options, &far, &problem) == SS_OK, "%s", problem.text);
}

static inline void open_near(void)
{
    struct ss_problem problem;
    struct ss_mute mute;
    struct ss_raw_options options = {.local_port = NEAR_PORT, .peer_port = FAR_PORT};
    must(ss_route_to(&near.there.address, &near.here.address, NULL, &options.route, &problem) ==
             SS_OK,
         "%s", problem.text);
    must(ss_mute_open(&mute, &near.here.address, NEAR_PORT, options.route.interface_index,
                      &problem) == SS_OK,
         "%s", problem.text);
    must(ss_raw_open(&options, &near.wire, &problem) == SS_OK, "%s", problem.text);
}

/* Two private hosts; here the near end, there a puppet. */
static inline void begin(uint8_t version)
{
    struct ss_problem problem;
    must(ss_hosts_open(&hosts, &problem) == SS_OK, "%s", problem.text);
    near.here = (struct ss_socket_address){ss_hosts_address(0, version), NEAR_PORT};
    near.there = (struct ss_socket_address){ss_hosts_address(1, version), FAR_PORT};
    near.window = HAND_WINDOW;
    near.is_patient = true;
    open_near();
    open_far();
}

static inline void end(void)
{
    ss_far_close(far);
    ss_wire_close(near.wire);
    ss_hosts_close(&hosts);
}

/* It listens, and has accepted a connection from J: returns K. */
static inline uint32_t accepted(uint32_t j)
{
    must(tell(SS_FAR_LISTEN, -1) == SS_FAR_DONE, "%s", answer.error);
    must(tell(SS_FAR_ACCEPT, 0) == SS_FAR_NOT_YET);
    uint32_t k = hand_shake(&near, j);
    must(await(SS_FAR_ACCEPT, 0) == SS_FAR_DONE, "%s", answer.error);
    return k;
}

#endif
