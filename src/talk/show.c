/* show: the prompt and what came. */
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static void flush(struct talk_show *show)
{
    if (fflush(stdout) != 0 && show->trouble == 0)
        show->trouble = errno;
}

void talk_show_prompt(struct talk_show *show)
{
    if (!show->has_prompts || show->is_prompted)
        return;
    fputs("word: ", stdout);
    flush(show);
    show->is_prompted = true;
}

/* What comes while the prompt waits starts a line of its own. */
static void leave_prompt(struct talk_show *show)
{
    if (!show->is_prompted)
        return;
    fputc('\n', stdout);
    flush(show);
    show->is_prompted = false;
}

/* Characters that turn the writing direction or show nothing: text could pose as other text. */
static bool is_disguise(wchar_t character)
{
    return (character >= 0x200b && character <= 0x200f) ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2060 && character <= 0x206f) || character == 0xfeff;
}

/* How many bytes at `data` are one printable character in the user's locale; 0 for none. */
static size_t printable_length(const uint8_t *data, size_t length)
{
    if (data[0] < 0x80)
        return data[0] >= ' ' && data[0] < 0x7f && data[0] != '\\' ? 1 : 0;
    char bytes[8];
    wchar_t character = 0;
    mbstate_t state = {0};
    if (length > sizeof bytes)
        length = sizeof bytes;
    memcpy(bytes, data, length);
    const size_t used = mbrtowc(&character, bytes, length, &state);
    return used <= length && iswprint((wint_t)character) && !is_disguise(character) ? used : 0;
}

static void write_escaped(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length;) {
        const size_t whole = printable_length(data + i, length - i);
        if (whole > 0)
            fwrite(data + i, 1, whole, stdout);
        else if (data[i] == '\n')
            fputs("\\n", stdout);
        else if (data[i] == '\r')
            fputs("\\r", stdout);
        else if (data[i] == '\t')
            fputs("\\t", stdout);
        else if (data[i] == '\\')
            fputs("\\\\", stdout);
        else
            printf("\\x%02x", data[i]);
        i += whole > 0 ? whole : 1;
    }
}

void talk_show_received(struct talk_show *show, const uint8_t *data, size_t length, size_t whole)
{
    leave_prompt(show);
    fputs("recv: ", stdout);
    write_escaped(data, length);
    if (whole > length)
        printf(" (cut: %zu of %zu bytes)", length, whole);
    fputc('\n', stdout);
    flush(show);
}

void talk_show_note(struct talk_show *show, const char *note)
{
    leave_prompt(show);
    fprintf(stderr, "synstep-talk: %s\n", note);
}
