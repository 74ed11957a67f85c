/*
 * send_options: what was typed after `synstep send`, read and checked as far as text can be.
 */
#ifndef SYNSTEP_CLI_SEND_OPTIONS_H
#define SYNSTEP_CLI_SEND_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run_options.h"
#include "synstep/status.h"

enum send_wire {
    SEND_WIRE_AUTO, /* raw, or link where raw cannot send what is asked for */
    SEND_WIRE_RAW,
    SEND_WIRE_LINK,
    SEND_WIRE_PACKET,
};

struct send_options {
    const char **words; /* layers and fields, in their order; owned */
    size_t word_count;
    const char *target; /* NULL: two private hosts */
    bool private;
    uint8_t version;       /* 4, 6, or 0: as the target's name resolves */
    const char *interface; /* NULL: the route's */
    const char *source;    /* NULL: the route's */
    bool spoof;
    enum send_wire wire;

    bool is_tcp;   /* one of the options that name flags was given */
    uint8_t flags; /* together */
    bool is_ping;
    bool is_udp_echo;
    bool is_traceroute;

    const char **lets; /* owned */
    size_t let_count;
    uint64_t count; /* 0: as many as the lists make */
    bool paced;     /* an interval or a rate was given */
    bool rated;     /* it was a rate */
    uint64_t interval_us;
    uint64_t per_second;
    uint64_t timeout_us;
    bool no_answers;
    bool seed_given;
    uint64_t seed;

    const char *capture_file; /* NULL: none */
    bool dry_run;
    bool json;
    bool quiet;
    bool headers;
    bool ascii;
    enum color_choice color;

    const char *fields; /* the layer whose fields are to be listed; NULL: none */
    bool list_interfaces;
};

/* As run_options_read, for `synstep send`. */
enum ss_status send_options_read(int argc, char **argv, struct send_options *options,
                                 struct ss_problem *problem);
void send_options_free(struct send_options *options);

/* "10us", "1.5ms", "2s", or seconds: 0 to an hour. */
enum ss_status send_read_interval(const char *text, uint64_t *interval_us,
                                  struct ss_problem *problem);

/* What can only be judged when all words are known: which one is the target, what goes together. */
enum ss_status send_options_check(struct send_options *options, struct ss_problem *problem);

#endif
