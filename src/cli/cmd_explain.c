/* cmd_explain: `synstep explain HEX|FILE|-`: any frame, field by field, and what is wrong with it.
 */
#include <argp.h>
#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "data.h"
#include "hex_text.h"
#include "outputs.h"
#include "run_options_parts.h"
#include "synstep/dissection.h"
#include "synstep/stack_check.h"

enum link_choice {
    LINK_AUTO,
    LINK_IP,
    LINK_ETHER,
};

struct explain_options {
    enum link_choice link;
    struct run_options look; /* colour, ASCII, JSON, as `run` has them */
    char **words;            /* of argv: the frame, or where it is */
    int word_count;
    int next; /* where in argv getopt was when it met what it does not know */
    struct ss_problem problem;
};

enum { KEY_LINK = 0x2000 }; /* the others are the keys of `run` */

static const struct argp_option table[] = {
    {"link", KEY_LINK, "KIND", 0, "how the frame begins: auto, ip or ether (auto)", 0},
    {"json", KEY_JSON, NULL, 0, "one line of JSON for each frame", 0},
    {"color", KEY_COLOR, "WHEN", 0, "auto, always or never (auto; NO_COLOR is heeded)", 0},
    {"ascii", KEY_ASCII, NULL, 0, "plain ASCII only", 0},
    {NULL, 0, NULL, 0, NULL, 0},
};

static enum ss_status read_link(const char *text, struct explain_options *options)
{
    static const char *const words[] = {"auto", "ip", "ether"};
    for (unsigned i = 0; i < 3; i++)
        if (strcmp(text, words[i]) == 0) {
            options->link = (enum link_choice)i;
            return SS_OK;
        }
    return ss_problem_set(&options->problem, SS_USAGE, "--link takes auto, ip or ether, not '%s'",
                          text);
}

static error_t parse_word(int key, char *text, struct argp_state *state)
{
    struct explain_options *options = state->input;
    switch (key) {
    case KEY_LINK:
        return read_link(text, options) == SS_OK ? 0 : EINVAL;
    case KEY_COLOR:
        return run_read_color(text, &options->look, &options->problem) == SS_OK ? 0 : EINVAL;
    case KEY_JSON:
        options->look.json = true;
        return 0;
    case KEY_ASCII:
        options->look.ascii = true;
        return 0;
    case ARGP_KEY_ARGS:
        options->words = state->argv + state->next;
        options->word_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_ERROR:
        options->next = state->next;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static enum ss_status read_words(int argc, char **argv, struct explain_options *options)
{
    static const struct argp argp = {
        .options = table,
        .parser = parse_word,
        .args_doc = "HEX|FILE|-",
        .children = help_options,
        .doc = "Explain frames field by field: offset, hex, name, value, meaning; each checksum "
               "worked out; and what about them is illegal.\v"
               "HEX may have spaces, colons and 0x; FILE, or - for standard input, may be the dump "
               "of tcpdump -x, xxd, hexdump -C or od -tx1. Exit status: 0 all is legal, 1 "
               "something is not, 2 wrong usage or nothing that can be read."};
    char name[] = "synstep explain";
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, options) != 0)
        return options->problem.text[0]
                   ? SS_USAGE
                   : unknown_option("explain", table, argc, argv, options->next, &options->problem);
    if (options->word_count == 0)
        return ss_problem_set(&options->problem, SS_USAGE,
                              "no frame is named: give its octets in hex, a FILE of them, or -");
    return SS_OK;
}

/* --- where the octets are ------------------------------------------------------------------------
 */

/* The words joined, when all of them are hex: `synstep explain 45 00 00 28 …`. */
static enum ss_status join(const struct explain_options *options, struct data *data,
                           struct ss_problem *problem)
{
    size_t length = 0;
    for (int i = 0; i < options->word_count; i++)
        length += strlen(options->words[i]) + 1;
    data->octets = calloc(1, length + 1);
    if (!data->octets)
        return ss_problem_set(problem, SS_IO, "out of memory for the frame");
    for (int i = 0; i < options->word_count; i++)
        strcat(strcat((char *)data->octets, options->words[i]), " ");
    data->length = length;
    return SS_OK;
}

/* pcap in either order and resolution, pcapng: the numbers with which they begin. */
static bool is_capture(const struct data *data)
{
    static const uint8_t begins[][4] = {
        {0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d},
        {0x4d, 0x3c, 0xb2, 0xa1}, {0x0a, 0x0d, 0x0d, 0x0a},
    };
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (data->length >= 4 && memcmp(data->octets, begins[i], 4) == 0)
            return true;
    return false;
}

static bool is_all_hex(const struct explain_options *options)
{
    for (int i = 0; i < options->word_count; i++)
        if (!hex_text_is_plain(options->words[i]) || strcmp(options->words[i], "-") == 0)
            return false;
    return true;
}

static enum ss_status read_file(const char *path, struct data *data, struct ss_problem *problem)
{
    if (data_read_file("", path, data, problem) != SS_OK)
        return ss_problem_set(problem, SS_UNREADABLE,
                              "'%.60s' is not hex, and no file can be read by that name: %s", path,
                              strerror(errno));
    if (is_capture(data))
        return ss_problem_set(problem, SS_UNREADABLE,
                              "%s is a capture file: tcpdump -xx -r FILE | synstep explain -",
                              path);
    return SS_OK;
}

static enum ss_status find_frames(const struct explain_options *options, struct hex_frames *frames,
                                  struct ss_problem *problem)
{
    struct data data = {0};
    char what[80] = "";
    enum ss_status status;
    if (is_all_hex(options)) {
        status = join(options, &data, problem);
    } else if (options->word_count > 1) {
        return ss_problem_set(problem, SS_USAGE, "one FILE is enough: '%.60s' is too many",
                              options->words[1]);
    } else {
        const char *path = options->words[0];
        bool input = strcmp(path, "-") == 0;
        snprintf(what, sizeof(what), "%.70s: ", input ? "standard input" : path);
        status = read_file(path, &data, problem);
    }
    if (status == SS_OK)
        status = hex_text_read(what, (const char *)data.octets, data.length, frames, problem);
    data_free(&data);
    return status;
}

/* --- what is said of them ------------------------------------------------------------------------
 */

static struct ss_dissection_frame frame_of(const struct explain_options *options,
                                           const struct hex_frames *frames, size_t i)
{
    size_t begin = i ? frames->ends[i - 1] : 0;
    struct ss_dissection_frame frame = {
        .number = frames->count > 1 ? i + 1 : 0,
        .octets = frames->octets + begin,
        .length = frames->ends[i] - begin,
        .guessed = options->link == LINK_AUTO,
    };
    switch (options->link) {
    case LINK_AUTO:
        frame.link = ss_stack_guess(frame.octets, frame.length);
        break;
    case LINK_IP:
        frame.link = SS_LINK_IP;
        break;
    case LINK_ETHER:
        frame.link = SS_LINK_ETHERNET;
        break;
    }
    return frame;
}

static enum ss_status show(const struct explain_options *options,
                           const struct ss_dissection_frame *frame, size_t *illegal,
                           struct ss_problem *problem)
{
    const struct ss_dissection_options look = {
        .out = stdout,
        .columns = outputs_columns(),
        .color = outputs_want_color(&options->look),
        .ascii = options->look.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
    };
    if (options->look.json)
        return ss_dissection_json(stdout, frame, illegal, problem);
    if (frame->number > 1)
        putchar('\n');
    *illegal = ss_dissection_show(&look, frame);
    return SS_OK;
}

int cmd_explain(int argc, char **argv)
{
    struct explain_options options = {0};
    struct hex_frames frames = {0};
    struct ss_problem *problem = &options.problem;
    size_t all = 0;
    enum ss_status status = read_words(argc, argv, &options);
    if (status == SS_OK)
        status = find_frames(&options, &frames, problem);
    for (size_t i = 0; status == SS_OK && i < frames.count; i++) {
        size_t illegal = 0;
        struct ss_dissection_frame frame = frame_of(&options, &frames, i);
        status = show(&options, &frame, &illegal, problem);
        all += illegal;
    }
    hex_frames_free(&frames);
    if (status != SS_OK && !ferror(stdout))
        return complain("explain", problem);
    return printed("explain", ss_status_exit(all ? SS_CHECK_FAILED : SS_OK));
}
