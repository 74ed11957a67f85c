/* show: what the user sees: the prompt, "recv: …" with what a terminal would obey escaped. */
#ifndef TALK_SHOW_H
#define TALK_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct talk_show {
    bool has_prompts; /* standard input is a terminal */
    bool is_prompted; /* the prompt stands there, and waits */
    int trouble;      /* errno when standard output could not be written */
};

void talk_show_prompt(struct talk_show *show);
/* `whole`: the message's own length, more than `length` when it was cut. */
void talk_show_received(struct talk_show *show, const uint8_t *data, size_t length, size_t whole);
/* One line on standard error. */
void talk_show_note(struct talk_show *show, const char *note);

#endif
