/*
 * data: the octets of a file: what a run sends, or a scenario.
 */
#ifndef SYNSTEP_CLI_DATA_H
#define SYNSTEP_CLI_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "synstep/status.h"

struct data {
    uint8_t *octets; /* owned */
    size_t length;
};

/*
 * Reads a whole file; "-" is standard input. SS_UNREADABLE says why it could not be, with `what`
 * before its name: "--data-file ", or "".
 */
enum ss_status data_read_file(const char *what, const char *path, struct data *data,
                              struct ss_problem *problem);

/* A copy of a text's octets, without its terminating zero. */
enum ss_status data_from_text(const char *text, struct data *data, struct ss_problem *problem);

void data_free(struct data *data);

#endif
