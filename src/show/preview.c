/* preview: the statement, the headers as the ladder's -v shows them, the sums. */
#include "synstep/preview.h"

#include <string.h>

#include "foresee.h"
#include "ladder_parts.h"
#include "preview_sums.h"

/* "line 6: > PSH,ACK "hello"". */
static void write_statement(struct ss_ladder *ladder, const struct ss_step *step)
{
    const char *main_file = ladder->options.file;
    struct ss_text text;
    ss_text_clear(&text);
    if (main_file && strcmp(main_file, step->place.file) != 0) {
        ss_text_add_sentence(&text, step->place.file);
        ss_text_add(&text, " ");
    }
    ss_text_add(&text, "line %u: ", step->place.line);
    ss_text_add_sentence(&text, step->text);
    ss_lines_paragraph(&ladder->lines, SS_STRONG, text.octets);
}

static void write_warning(struct ss_ladder *ladder, const char *what, const char *words)
{
    struct ss_text text;
    ss_text_clear(&text);
    ss_text_add(&text, "%s", what);
    ss_text_add_sentence(&text, words);
    ss_lines_paragraph(&ladder->lines, SS_WARN, text.octets);
}

void ss_preview_show(struct ss_ladder *ladder, const struct ss_preview *preview)
{
    struct ss_event_segment segment;
    struct ss_verify after;
    struct ss_packet before;
    enum ss_link link = ss_draft_link(preview->draft);
    ss_foresee(preview->verify, link, preview->octets, preview->length, &segment, &after);
    ss_ladder_begin_block(ladder, false);
    write_statement(ladder, preview->step);
    if (preview->edits[0])
        write_warning(ladder, "set by hand: ", preview->edits);
    if (preview->before) {
        ss_packet_decode(link, preview->before, preview->before_length, &before);
        ss_ladder_write_changes(ladder, &segment, &before);
    } else {
        ss_ladder_write_headers(ladder, &segment);
    }
    ss_preview_write_sums(&ladder->lines, preview);
}

void ss_preview_refuse(struct ss_ladder *ladder, const struct ss_step *step, const char *why)
{
    ss_ladder_begin_block(ladder, false);
    write_statement(ladder, step);
    write_warning(ladder, "", why);
}
