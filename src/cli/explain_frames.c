/* explain_frames: whether the words are hex, a file of hex or a capture file, and the frames there.
 */
#include "explain_frames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "hex_text.h"
#include "synstep/capture_file.h"

/* --- hex -----------------------------------------------------------------------------------------
 */

/* The words joined, when all of them are hex: `synstep explain 45 00 00 28 …`. */
static enum ss_status join(const struct explain_words *words, struct data *data,
                           struct ss_problem *problem)
{
    size_t length = 0;
    for (int i = 0; i < words->count; i++)
        length += strlen(words->list[i]) + 1;
    data->octets = calloc(1, length + 1);
    if (!data->octets)
        return ss_problem_set(problem, SS_IO, "out of memory for the frame");
    for (int i = 0; i < words->count; i++)
        strcat(strcat((char *)data->octets, words->list[i]), " ");
    data->length = length;
    return SS_OK;
}

/* pcap in either order and any form, pcapng, either of them packed by gzip: how they begin. */
static bool is_capture(const uint8_t *octets, size_t length)
{
    static const struct {
        uint8_t octets[4];
        size_t length;
    } begins[] = {
        {{0xa1, 0xb2, 0xc3, 0xd4}, 4}, {{0xd4, 0xc3, 0xb2, 0xa1}, 4},
        {{0xa1, 0xb2, 0x3c, 0x4d}, 4}, {{0x4d, 0x3c, 0xb2, 0xa1}, 4},
        {{0xa1, 0xb2, 0xcd, 0x34}, 4}, {{0x34, 0xcd, 0xb2, 0xa1}, 4},
        {{0x0a, 0x0d, 0x0d, 0x0a}, 4}, {{0x1f, 0x8b}, 2},
    };
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (length >= 4 && memcmp(octets, begins[i].octets, begins[i].length) == 0)
            return true;
    return false;
}

static bool is_all_hex(const struct explain_words *words)
{
    for (int i = 0; i < words->count; i++)
        if (!hex_text_is_plain(words->list[i]) || strcmp(words->list[i], "-") == 0)
            return false;
    return true;
}

static enum ss_status each_in_hex(const char *what, const struct data *data,
                                  const struct explain_taker *taker, struct ss_problem *problem)
{
    struct hex_frames frames;
    enum ss_status status =
        hex_text_read(what, (const char *)data->octets, data->length, &frames, problem);
    for (size_t i = 0; status == SS_OK && i < frames.count; i++) {
        size_t begin = i ? frames.ends[i - 1] : 0;
        const struct ss_dissection_frame frame = {
            .guessed = true,
            .number = frames.count > 1 ? i + 1 : 0,
            .octets = frames.octets + begin,
            .length = frames.ends[i] - begin,
        };
        status = taker->take(taker->context, &frame, problem);
    }
    hex_frames_free(&frames);
    return status;
}

/* --- capture files -------------------------------------------------------------------------------
 */

static enum ss_status each_captured(const char *name, const struct data *data,
                                    const struct explain_taker *taker, struct ss_problem *problem)
{
    struct ss_capture_file *file = NULL;
    struct ss_capture_frame captured;
    enum ss_status status = ss_capture_file_over(name, data->octets, data->length, &file, problem);
    while (status == SS_OK && ss_capture_file_next(file, &captured)) {
        const struct ss_dissection_frame frame = {
            .link = captured.link,
            .number = captured.number,
            .octets = captured.octets,
            .length = captured.length,
        };
        status = taker->take(taker->context, &frame, problem);
    }
    if (status == SS_OK)
        status = ss_capture_file_ended(file, problem);
    ss_capture_file_close(file);
    return status;
}

/* --- which it is ---------------------------------------------------------------------------------
 */

static enum ss_status each_in_file(const char *path, const struct explain_taker *taker,
                                   struct ss_problem *problem)
{
    struct data data = {0};
    char what[80];
    bool input = strcmp(path, "-") == 0;
    snprintf(what, sizeof(what), "%.70s: ", input ? "standard input" : path);
    enum ss_status status = data_read_file("", path, &data, problem);
    if (status != SS_OK && !input)
        ss_problem_set(problem, status,
                       "'%.60s' is not hex, and no file can be read by that name: %s", path,
                       strerror(errno));
    else if (status == SS_OK && is_capture(data.octets, data.length))
        status = each_captured(input ? "standard input" : path, &data, taker, problem);
    else if (status == SS_OK)
        status = each_in_hex(what, &data, taker, problem);
    data_free(&data);
    return status;
}

enum ss_status explain_each(const struct explain_words *words, const struct explain_taker *taker,
                            struct ss_problem *problem)
{
    struct data data = {0};
    if (!is_all_hex(words) && words->count > 1)
        return ss_problem_set(problem, SS_USAGE, "one FILE is enough: '%.60s' is too many",
                              words->list[1]);
    if (!is_all_hex(words))
        return each_in_file(words->list[0], taker, problem);
    enum ss_status status = join(words, &data, problem);
    if (status == SS_OK)
        status = each_in_hex("", &data, taker, problem);
    data_free(&data);
    return status;
}
