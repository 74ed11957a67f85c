/*
 * explain_frames: the frames that `synstep explain` is given, one after the other.
 */
#ifndef SYNSTEP_CLI_EXPLAIN_FRAMES_H
#define SYNSTEP_CLI_EXPLAIN_FRAMES_H

#include "synstep/dissection.h"
#include "synstep/status.h"

/* What was typed: octets in hex, or the name of a file, "-" being standard input. */
struct explain_words {
    char **list; /* at least one */
    int count;
};

/* Called for each frame; `guessed` when it is not known how it begins. Not SS_OK ends it all. */
struct explain_taker {
    void *context;
    enum ss_status (*take)(void *context, const struct ss_dissection_frame *frame,
                           struct ss_problem *problem);
};

/* SS_USAGE or SS_UNREADABLE when there are no frames, or the file breaks off after those taken. */
enum ss_status explain_each(const struct explain_words *words, const struct explain_taker *taker,
                            struct ss_problem *problem);

#endif
