/*
 * companion_process: another program of ours in a process of its own: started, and ended by the end
 * of its control socket, on which lines are said and heard.
 */
#ifndef SS_WIRE_COMPANION_PROCESS_H
#define SS_WIRE_COMPANION_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/companion.h"

struct ss_companion_program {
    const char *name;             /* it lies beside this one */
    const char *variable;         /* of the environment: the path to take instead */
    const char *const *arguments; /* after --control-fd=N, NULL-terminated */
    int network_namespace;        /* descriptor of the one to enter; -1: stay in this one */
    /* Hears what it says at its start; false when that is not that it is ready. */
    bool (*await_ready)(int control, void *context);
    void *context;
};

/* SS_IO with its own words when it does not become ready. End it with ss_companion_stop. */
enum ss_status ss_companion_begin(struct ss_companion *companion,
                                  const struct ss_companion_program *program,
                                  struct ss_problem *problem);

enum { SS_COMPANION_READY_US = 10 * 1000 * 1000, SS_COMPANION_ANSWER_US = 5 * 1000 * 1000 };

/* Says `length` octets; false when they cannot be said within the time of an answer. */
bool ss_companion_say(int control, const char *octets, size_t length);

/* Hears one line, without its end, cut when it is too long; false when none comes in time. */
bool ss_companion_hear(int control, char *line, size_t size, uint64_t timeout_us);

#endif
