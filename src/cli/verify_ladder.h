/*
 * verify_ladder: one connection of a capture as `synstep run` shows one, or in its JSON.
 */
#ifndef SYNSTEP_CLI_VERIFY_LADDER_H
#define SYNSTEP_CLI_VERIFY_LADDER_H

#include "synstep/json.h"
#include "synstep/ladder.h"
#include "verify_seen.h"

struct verify_ladder {
    struct ss_ladder *ladder; /* or */
    struct ss_json *json;
    struct ss_sink sink;
    const char *file;
    uint32_t segments; /* 0: the connection was not met yet */
    uint32_t checks;
    uint32_t failed;
    uint64_t began_us;
    uint64_t last_us;
    enum ss_tcp_state shown[2];
    struct ss_verify verify; /* as it was after the last segment */
};

enum ss_status verify_ladder_open(struct verify_ladder *ladder,
                                  const struct verify_options *options, const char *file,
                                  struct ss_problem *problem);

/* A segment of the connection. */
void verify_ladder_take(struct verify_ladder *ladder, const struct verify_seen *seen);

/* Tells the end, when there was a beginning. Frees what it holds. */
void verify_ladder_close(struct verify_ladder *ladder);

#endif
