/* answer: what came of a command. Values only; nothing here is owned. */
#ifndef PUPPET_ANSWER_H
#define PUPPET_ANSWER_H

#include <stddef.h>
#include <stdint.h>

enum puppet_outcome {
    PUPPET_DONE,
    PUPPET_NOT_YET, /* nothing was changed: ask again later */
    PUPPET_END,     /* of the stream, before so many octets */
    PUPPET_FAILED,  /* `trouble` is the errno of the call that failed */
    PUPPET_CANNOT,  /* `words` say why this is not done here */
};

struct puppet_answer {
    enum puppet_outcome outcome;
    int trouble;
    const char *words;     /* static storage */
    const uint8_t *octets; /* what was read; borrowed from the puppet until the next command */
    size_t length;
};

static inline struct puppet_answer puppet_done(void)
{
    return (struct puppet_answer){.outcome = PUPPET_DONE};
}

static inline struct puppet_answer puppet_not_yet(void)
{
    return (struct puppet_answer){.outcome = PUPPET_NOT_YET};
}

static inline struct puppet_answer puppet_cannot(const char *words)
{
    return (struct puppet_answer){.outcome = PUPPET_CANNOT, .words = words};
}

#endif
