/*
 * text: bounded strings for what a user reads: appended to, cut when full, always terminated.
 */
#ifndef SYNSTEP_SHOW_TEXT_H
#define SYNSTEP_SHOW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/seq.h"
#include "synstep/trace.h"
#include "synstep/verdict_words.h"

enum { SS_TEXT_SIZE = 512 };

struct ss_text {
    size_t length; /* without the terminator; below SS_TEXT_SIZE */
    char octets[SS_TEXT_SIZE];
};

void ss_text_clear(struct ss_text *text);

/* Appends a printf-style piece; what does not fit is cut. */
void ss_text_add(struct ss_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Appends octets of unknown origin as printable ASCII: backslash and the double quote escaped, \n
 * \r \t by name, all else as \xHH. An escape is never cut in its middle.
 */
void ss_text_add_escaped(struct ss_text *text, const uint8_t *octets, size_t length);

/* Appends a sentence of the run as printable ASCII: like the above, but quotes stay as they are. */
void ss_text_add_sentence(struct ss_text *text, const char *sentence);

enum { SS_DURATION_TEXT_SIZE = 24 };

/* "0.104 ms" below a second, "3.007 s" from there on, in at most `width` octets. */
void ss_text_format_duration(char text[SS_DURATION_TEXT_SIZE], uint64_t duration_us, size_t width);

/*
 * A number of the stream that `sender` sends, in the letters that `segment` already uses for that
 * stream ("J+2" beside the segment's own "J+1"); "" when the segment names no letter of it.
 */
void ss_text_format_symbol(char text[SS_SEQ_TEXT_SIZE], const struct ss_event_segment *segment,
                           enum ss_side sender, struct ss_seq number);

/* Both numbers, in the letters that the segment uses. */
void ss_text_word_verdict(struct ss_verdict_words *words, const struct ss_verdict *verdict,
                          const struct ss_event_segment *segment);

/* "delivered", "dropped", …: static storage. */
const char *ss_text_fate(enum ss_fate fate);

#endif
