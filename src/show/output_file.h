/*
 * output_file: a capture file that is being written, and the first thing that went wrong with
 * it.
 */
#ifndef SYNSTEP_SHOW_OUTPUT_FILE_H
#define SYNSTEP_SHOW_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "synstep/status.h"

struct ss_output_file {
    FILE *out;
    int error;        /* errno of the first failure; after it nothing more is to be written */
    const char *what; /* "the capture file"; static storage */
    char path[256];
};

/* Creates or empties the file; "-" is standard output. SS_USAGE when it cannot be. */
enum ss_status ss_output_file_open(const char *what, const char *path, struct ss_output_file *file,
                                   struct ss_problem *problem);

/* `written` is false: errno, which was 0 before, says why. */
void ss_output_file_remember(struct ss_output_file *file, bool written);

/* Closes the file, or flushes standard output. */
void ss_output_file_close(struct ss_output_file *file);

/* What became of it: SS_NO_SPACE or SS_IO when anything could not be written. */
enum ss_status ss_output_file_ended(const struct ss_output_file *file, struct ss_problem *problem);

#endif
