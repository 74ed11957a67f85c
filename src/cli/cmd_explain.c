/* cmd_explain: `synstep explain HEX|FILE|-`: any frame, field by field, and what is wrong with it.
 */
#include <argp.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "explain_frames.h"
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
    struct run_options look;    /* colour, ASCII, JSON, as `run` has them */
    struct explain_words words; /* of argv: the frame, or where it is */
    bool illegal;               /* something in some frame was */
    int next;                   /* where in argv getopt was when it met what it does not know */
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
        options->words.list = state->argv + state->next;
        options->words.count = state->argc - state->next;
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
        .doc =
            "Explain frames field by field: offset, hex, name, value, meaning; each checksum "
            "worked out; and what about them is illegal.\v"
            "HEX may have spaces, colons and 0x; FILE, or - for standard input, may be a capture "
            "file, or the dump of tcpdump -x, xxd, hexdump -C or od -tx1. Exit status: 0 all is "
            "legal, 1 "
            "something is not, 2 wrong usage or nothing that can be read."};
    char name[] = "synstep explain";
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP, NULL, options) != 0)
        return options->problem.text[0]
                   ? SS_USAGE
                   : unknown_option("explain", table, argc, argv, options->next, &options->problem);
    if (options->words.count == 0)
        return ss_problem_set(&options->problem, SS_USAGE,
                              "no frame is named: give its octets in hex, a FILE of them, or -");
    return SS_OK;
}

/* --- what is said of them ------------------------------------------------------------------------
 */

/* As it was told to begin, or as the capture says, or as makes more sense. */
static void settle_link(const struct explain_options *options, struct ss_dissection_frame *frame)
{
    switch (options->link) {
    case LINK_AUTO:
        if (frame->guessed)
            frame->link = ss_stack_guess(frame->octets, frame->length);
        return;
    case LINK_IP:
        frame->link = SS_LINK_IP;
        break;
    case LINK_ETHER:
        frame->link = SS_LINK_ETHERNET;
        break;
    }
    frame->guessed = false;
}

static enum ss_status take(void *context, const struct ss_dissection_frame *taken,
                           struct ss_problem *problem)
{
    struct explain_options *options = context;
    struct ss_dissection_frame frame = *taken;
    size_t illegal = 0;
    const struct ss_dissection_options look = {
        .out = stdout,
        .columns = outputs_columns(),
        .color = outputs_want_color(&options->look),
        .ascii = options->look.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
    };
    settle_link(options, &frame);
    if (options->look.json) {
        enum ss_status status = ss_dissection_json(stdout, &frame, &illegal, problem);
        options->illegal |= illegal > 0;
        return status;
    }
    if (frame.number > 1)
        putchar('\n');
    options->illegal |= ss_dissection_show(&look, &frame) > 0;
    return ferror(stdout) ? SS_IO : SS_OK;
}

int cmd_explain(int argc, char **argv)
{
    struct explain_options options = {0};
    const struct explain_taker taker = {&options, take};
    enum ss_status status = read_words(argc, argv, &options);
    if (status == SS_OK)
        status = explain_each(&options.words, &taker, &options.problem);
    if (status != SS_OK && !ferror(stdout))
        return complain("explain", &options.problem);
    return printed("explain", ss_status_exit(options.illegal ? SS_CHECK_FAILED : SS_OK));
}
