/* print: the lines on standard output. */
#include "print.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

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

/* Ends the line, which writes it. */
static void end_line(struct peer_printer *printer)
{
    if (fputc('\n', printer->out) == EOF && printer->trouble == 0)
        printer->trouble = errno;
}

static void escape(FILE *out, const uint8_t *data, size_t length, size_t most)
{
    for (size_t i = 0; i < length && i < most;) {
        const size_t whole = printable_length(data + i, length - i);
        if (whole > 0) {
            fwrite(data + i, 1, whole, out);
            i += whole;
            continue;
        }
        const uint8_t byte = data[i++];
        if (byte == '\n')
            fputs("\\n", out);
        else if (byte == '\r')
            fputs("\\r", out);
        else if (byte == '\t')
            fputs("\\t", out);
        else if (byte == '\\')
            fputs("\\\\", out);
        else
            fprintf(out, "\\x%02x", byte);
    }
}

void peer_print_start(struct peer_printer *printer, const struct peer_address *local)
{
    char text[PEER_ADDRESS_TEXT_BYTES];
    if (printer->out == NULL)
        return;
    peer_address_text(local, text, sizeof text);
    fprintf(printer->out, "start server %s", text);
    end_line(printer);
}

void peer_print_client(struct peer_printer *printer, const struct peer_address *client)
{
    char text[PEER_ADDRESS_TEXT_BYTES];
    if (printer->out == NULL)
        return;
    peer_address_pair(client, text, sizeof text);
    fprintf(printer->out, "recv client from %s", text);
    end_line(printer);
}

void peer_print_data(struct peer_printer *printer, const uint8_t *data, size_t length, size_t whole)
{
    if (printer->out == NULL)
        return;
    fputs("recv data: ", printer->out);
    escape(printer->out, data, length, PEER_SHOWN_BYTES);
    if (length > PEER_SHOWN_BYTES)
        fputs("...", printer->out);
    if (whole > length)
        fprintf(printer->out, " (cut: %zu of %zu bytes)", length, whole);
    else if (length > PEER_SHOWN_BYTES)
        fprintf(printer->out, " (%zu bytes)", length);
    end_line(printer);
}

void peer_print_note(struct peer_printer *printer, const struct peer_address *client,
                     const char *note)
{
    char text[PEER_ADDRESS_TEXT_BYTES];
    if (printer->out == NULL)
        return;
    peer_address_pair(client, text, sizeof text);
    fprintf(printer->out, "client %s: %s", text, note);
    end_line(printer);
}

void peer_print_end(struct peer_printer *printer, const struct peer_counts *counts)
{
    if (printer->out == NULL)
        return;
    fprintf(printer->out,
            "end server: %" PRIu64 " connections, %" PRIu64 " datagrams, %" PRIu64
            " bytes received, %" PRIu64 " bytes sent",
            counts->connections, counts->datagrams, counts->received_bytes, counts->sent_bytes);
    end_line(printer);
}

int peer_print_finish(struct peer_printer *printer)
{
    if (printer->out != NULL && fflush(printer->out) != 0 && printer->trouble == 0)
        printer->trouble = errno;
    return printer->trouble;
}
