/*
 * step_commands: what may be typed at the stepping prompt, and whom it moves.
 */
#ifndef SYNSTEP_CLI_STEP_COMMANDS_H
#define SYNSTEP_CLI_STEP_COMMANDS_H

#include "step_session.h"

enum { STEP_COMMANDS_MAX = 32, STEP_WORD_SIZE = 24 };

/* "seq=", "ack=": each field's word as it is typed. */
struct step_words {
    char fields[SS_FIELDS][STEP_WORD_SIZE];
};

/* A stepping under way. */
struct stepping {
    struct session session;
    bool running; /* to the end, nobody is asked any more */
    bool over;    /* `status` says how */
    enum ss_status status;

    /* The preview that was shown last: it is not shown again while it stays the same. */
    bool hinted;
    const struct ss_step *shown;
    size_t shown_length; /* 0: none */
    size_t shown_edits;  /* the length of what had been set by hand then */
    uint8_t shown_octets[SS_DATAGRAM_BYTES_MAX];
    struct ss_far_answer answer; /* of the last look at the peer: large */
    struct step_words words;     /* for completion */
};

/*
 * Does what the line says; what is wrong with it is told on standard output. Anything but SS_OK is
 * the end.
 */
enum ss_status step_command(struct stepping *stepping, const char *line,
                            struct ss_problem *problem);

/* The commands' names, static storage; returns how many. */
size_t step_command_names(const char *names[STEP_COMMANDS_MAX]);

/* --- step_complete.c: the words that may be meant by what was typed ----------------------------*/

void step_words_init(struct step_words *words);

/* As prompt_options.complete. */
size_t step_complete(const struct step_words *known, const char *before, size_t *from,
                     const char *words[PROMPT_WORDS_MAX]);

/* --- step_show.c: what is asked to be shown ---------------------------------------------------*/

/* Where it stands: the segment that is to be sent, that a step failed, or the end. */
void step_show_standing(struct stepping *stepping);

/* Each takes what is typed after the command's name. SS_USAGE: it makes no sense. */
enum ss_status step_show(struct stepping *stepping, const char *words, struct ss_problem *problem);
enum ss_status step_explain(struct stepping *stepping, const char *words,
                            struct ss_problem *problem);

/* What can be shown, NULL-terminated, static storage. */
const char *const *step_show_words(void);

#endif
