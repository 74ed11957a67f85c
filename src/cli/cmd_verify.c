/* cmd_verify: `synstep verify FILE...`: every sequence number of captures judged. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "progress.h"
#include "synstep/unwrap.h"
#include "verify_fields.h"
#include "verify_graph.h"
#include "verify_input.h"
#include "verify_isn.h"
#include "verify_json.h"
#include "verify_ladder.h"
#include "verify_lines.h"
#include "verify_options.h"
#include "verify_outputs.h"
#include "verify_sum.h"

enum {
    SWEEP_US = 1000 * 1000,
    LOOK_EVERY = 1024, /* frames, for progress */
};

/* One file or interface under way. */
struct verifying {
    const struct verify_options *options;
    const char *file; /* as it is told */
    const struct verify_input *input;
    uint64_t swept_us;            /* when it was looked for connections that ended */
    struct ss_capture_copy *copy; /* NULL: none is written */
    struct progress progress;
    uint64_t size_bytes; /* of the file; 0: not known */
    struct ss_flows *flows;
    struct ss_fragments *fragments;
    struct ss_isn_hosts *isn_hosts;
    struct verify_ladder ladder;
    struct ss_graph graph;
    struct verify_sum sum;
};

static bool tells_findings(const struct verify_options *options)
{
    return !options->quiet && options->mode == VERIFY_SUMMARY && !verify_outputs_takes_all(options);
}

/* --- progress -----------------------------------------------------------------------------------
 */

/* Of what fills the terminal by itself there is none. */
static void begin_progress(struct verifying *verifying, const char *path)
{
    const struct verify_options *options = verifying->options;
    enum { AFTER_US = 1000000 };
    bool fills = options->mode == VERIFY_FIELDS || options->mode == VERIFY_LADDER;
    struct stat found;
    int status = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &found) : stat(path, &found);
    if (status == 0 && S_ISREG(found.st_mode))
        verifying->size_bytes = (uint64_t)found.st_size;
    verifying->progress = (struct progress){
        .out = progress_terminal(!options->quiet && !(fills && isatty(STDOUT_FILENO))),
        .began_us = progress_now_us(),
        .after_us = AFTER_US,
    };
}

static void look_at_progress(struct verifying *verifying)
{
    uint64_t now_us = verifying->progress.out ? progress_now_us() : 0;
    if (progress_is_due(&verifying->progress, now_us))
        progress_show_octets(&verifying->progress, now_us,
                             ss_capture_file_position(verifying->input->file),
                             verifying->size_bytes);
}

/* Before a line on the same terminal. */
static void make_way(struct verifying *verifying)
{
    if (verifying->progress.shown && isatty(STDOUT_FILENO))
        progress_clear(&verifying->progress);
}

static void hear_over(void *context, const struct ss_flow *flow)
{
    struct verifying *verifying = context;
    const struct verify_options *options = verifying->options;
    verify_sum_flow(&verifying->sum, flow);
    if (options->quiet || options->mode == VERIFY_LADDER || options->mode == VERIFY_FIELDS ||
        options->mode == VERIFY_GRAPH)
        return;
    make_way(verifying);
    if (options->look.json)
        verify_json_flow(verifying->file, flow);
    else if (options->stats)
        verify_print_stats(flow);
    else if (options->mode == VERIFY_LIST)
        verify_print_flow(flow);
}

/* --- a frame ------------------------------------------------------------------------------------
 */

static void take_verdict(struct verifying *verifying, const struct verify_seen *seen,
                         const struct ss_verdict *verdict)
{
    if (verdict->level == SS_VERDICT_HELD)
        return;
    verify_sum_finding(&verifying->sum, verifying->options, verdict);
    if (verifying->copy && verify_tells(verifying->options, verdict))
        verify_outputs_comment(verifying->copy, seen, verdict);
    if (!tells_findings(verifying->options) || !verify_tells(verifying->options, verdict))
        return;
    make_way(verifying);
    if (verifying->options->look.json)
        verify_json_finding(verifying->file, seen, verdict);
    else
        verify_print_finding(seen, verdict);
}

/* What no connection can be made of: a length that lies, and is not only cut by the capture. */
static void take_fault(struct verifying *verifying, const struct verify_seen *seen)
{
    const uint32_t ip =
        SS_FAULT_IP_CUT | SS_FAULT_IP_HEADER_LENGTH | SS_FAULT_IP_LENGTH | SS_FAULT_IP_EXTENSIONS;
    const struct ss_packet *packet = seen->packet;
    bool tcp = packet->version && packet->protocol == SS_IP_TCP;
    struct ss_verdict verdict = {.level = SS_VERDICT_VIOLATION, .numbers = SS_NUMBERS_NONE};
    if (seen->frame->length == 0 || seen->frame->missing_bytes > 0 || packet->fragment)
        return;
    if (packet->faults & ip)
        verdict.rule = SS_RULE_IP_MALFORMED;
    else if (tcp && (packet->faults & (SS_FAULT_TRANSPORT_CUT | SS_FAULT_TCP_OFFSET)))
        verdict.rule = SS_RULE_TCP_MALFORMED;
    else
        return;
    take_verdict(verifying, seen, &verdict);
}

/* What the kernel dropped was sent all the same. */
static uint32_t wishes_of(const struct verifying *verifying)
{
    const struct ss_live *live = verifying->input->live;
    uint32_t wishes = SS_WISH_DIGEST;
    if (verifying->options->mode == VERIFY_LADDER)
        wishes |= SS_WISH_HELD;
    if (live && ss_live_is_lossy(live))
        wishes |= SS_WISH_LOSSY;
    return wishes;
}

static enum ss_status take_segment(struct verifying *verifying, struct verify_seen *seen,
                                   uint32_t wishes, struct ss_flow_packet *taken,
                                   struct ss_problem *problem)
{
    const struct verify_options *options = verifying->options;
    if (ss_flows_take(verifying->flows, seen->packet, seen->frame->number, seen->frame->time_us,
                      wishes, taken) != SS_OK)
        return ss_problem_set(problem, SS_IO, "out of memory for the connections");
    ss_isn_hosts_take(verifying->isn_hosts, seen->packet, seen->frame->number, seen->frame->time_us,
                      &taken->verdicts);
    seen->taken = taken;
    verifying->sum.segments++;
    for (size_t i = 0; i < taken->verdicts.count; i++)
        take_verdict(verifying, seen, &taken->verdicts.list[i]);
    if (options->mode == VERIFY_LADDER && taken->flow->number == options->connection)
        verify_ladder_take(&verifying->ladder, seen);
    if (options->mode == VERIFY_GRAPH && taken->flow->number == options->connection)
        return verify_graph_take(&verifying->graph, options, seen, problem);
    return SS_OK;
}

static enum ss_status take_frame(struct verifying *verifying, const struct ss_capture_frame *frame,
                                 struct ss_problem *problem)
{
    struct ss_unwrapped unwrapped;
    struct ss_flow_packet taken;
    struct verify_seen seen = {frame, &unwrapped.packet, NULL};
    uint32_t wishes = wishes_of(verifying);
    enum ss_status status = SS_OK;
    bool cut;
    verifying->sum.frames++;
    ss_unwrap(verifying->fragments, frame, &unwrapped);
    if (unwrapped.packet.transport == SS_TRANSPORT_TCP && !unwrapped.packet.fragment &&
        ss_unwrap_mend(frame, &unwrapped.packet, &cut))
        status = take_segment(verifying, &seen, cut ? wishes & ~(uint32_t)SS_WISH_DIGEST : wishes,
                              &taken, problem);
    else
        take_fault(verifying, &seen);
    if (verifying->copy)
        ss_capture_copy_frame(verifying->copy, verifying->input->file, frame);
    if (verifying->options->mode == VERIFY_FIELDS && !verifying->options->quiet)
        verify_fields_print(verifying->options, &seen);
    return status;
}

/* --- a file -------------------------------------------------------------------------------------
 */

static enum ss_status begin(struct verifying *verifying, struct ss_problem *problem)
{
    const struct verify_options *options = verifying->options;
    const struct ss_flows_options flows = {
        .counted = options->stats || options->look.json || options->mode == VERIFY_LIST,
        .over = hear_over,
        .context = verifying,
    };
    verifying->flows = ss_flows_new(&flows);
    verifying->fragments = ss_fragments_new();
    verifying->isn_hosts = ss_isn_hosts_new();
    if (!verifying->flows || !verifying->fragments || !verifying->isn_hosts)
        return ss_problem_set(problem, SS_IO, "out of memory for the connections");
    if (options->mode != VERIFY_LADDER)
        return SS_OK;
    return verify_ladder_open(&verifying->ladder, options, verifying->file, problem);
}

/* A live capture tells of connections that ended as soon as nothing more is to be expected. */
static void tell_over(struct verifying *verifying, uint64_t time_us)
{
    bool is_set_back = time_us < verifying->swept_us;
    if (!is_set_back && time_us - verifying->swept_us < SWEEP_US)
        return;
    verifying->swept_us = time_us;
    ss_flows_tell_ended(verifying->flows, time_us);
    if (verifying->copy)
        ss_capture_copy_flush(verifying->copy);
}

/* Frames of what breaks off are judged all the same. */
static enum ss_status read_frames(struct verifying *verifying, struct verify_input *input,
                                  struct ss_problem *problem)
{
    struct ss_capture_frame frame = {.number = 0};
    enum ss_status status = SS_OK;
    while (status == SS_OK || status == SS_TIMED_OUT) {
        status = verify_input_next(input, &frame, problem);
        if (status == SS_OK)
            status = take_frame(verifying, &frame, problem);
        if (input->live)
            tell_over(verifying, ss_live_now_us());
        else if (frame.number % LOOK_EVERY == 0)
            look_at_progress(verifying);
    }
    progress_clear(&verifying->progress);
    return status == SS_INTERRUPTED ? SS_OK : status;
}

static enum ss_status read_input(struct verifying *verifying, const struct verify_inputs *all,
                                 const char *name, struct ss_problem *problem)
{
    struct verify_input input;
    enum ss_status status = verify_input_open(&input, all, name, problem);
    verifying->input = &input;
    if (status == SS_OK && input.file)
        begin_progress(verifying, name);
    if (status == SS_OK)
        status = read_frames(verifying, &input, problem);
    verifying->sum.lost = verify_input_lost(&input);
    verify_input_close(&input);
    verifying->input = NULL;
    return status;
}

static void tell_isns(const struct verifying *verifying)
{
    const struct verify_options *options = verifying->options;
    if (!options->told[SS_RULE_ISN_PREDICTABLE] || options->level > SS_VERDICT_WARNING)
        return;
    if (options->look.json)
        verify_isn_json(verifying->file, verifying->isn_hosts);
    else
        verify_isn_print(verifying->isn_hosts);
}

/* Where there is no sum it is told all the same: what is written is then not all. */
static void tell_lost(const struct verifying *verifying)
{
    if (verifying->sum.lost)
        fprintf(stderr, "synstep verify: %" PRIu64 " frames on %s were lost\n", verifying->sum.lost,
                verifying->file);
}

static void tell_sum(struct verifying *verifying, enum ss_status status,
                     const struct ss_problem *problem)
{
    struct ss_fragments_count fragments = ss_fragments_count(verifying->fragments);
    if (!tells_findings(verifying->options)) {
        tell_lost(verifying);
        return;
    }
    tell_isns(verifying);
    if (verifying->options->look.json)
        verify_json_end(verifying->file, &verifying->sum, status == SS_OK ? NULL : problem);
    else
        verify_sum_print(&verifying->sum, verifying->options, verifying->file,
                         ss_flows_count(verifying->flows).crowded_out,
                         fragments.begun - fragments.whole);
}

static enum ss_status miss_connection(struct verifying *verifying, struct ss_problem *problem)
{
    const struct verify_options *options = verifying->options;
    bool graph = options->mode == VERIFY_GRAPH && verifying->graph.packets == 0;
    bool ladder = options->mode == VERIFY_LADDER && verifying->ladder.segments == 0;
    if (!graph && !ladder)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "there is no connection %" PRIu64 " in %s: it has %" PRIu64
                          "; --list tells them",
                          options->connection, verifying->file, verifying->sum.connections);
}

static void end(struct verifying *verifying)
{
    if (verifying->options->mode == VERIFY_LADDER)
        verify_ladder_close(&verifying->ladder);
    ss_flows_free(verifying->flows);
    ss_fragments_free(verifying->fragments);
    ss_isn_hosts_free(verifying->isn_hosts);
}

/* The worst that came of it: its exit status. */
static int verify_one(const struct verify_inputs *all, const char *path)
{
    const struct verify_options *options = all->options;
    struct ss_problem problem = {.status = SS_OK};
    struct verifying verifying = {
        .options = options,
        .copy = all->copy,
        .file = strcmp(path, "-") == 0 ? "standard input" : path,
    };
    enum ss_status status = begin(&verifying, &problem);
    if (status == SS_OK)
        status = read_input(&verifying, all, path, &problem);
    if (verifying.sum.frames > 0 || status == SS_OK) {
        ss_flows_finish(verifying.flows);
        tell_sum(&verifying, status, &problem);
    }
    if (status == SS_OK)
        status = miss_connection(&verifying, &problem);
    struct ss_problem drawn;
    if (verify_graph_close(&verifying.graph, options, verifying.file, &drawn) != SS_OK &&
        status == SS_OK) {
        status = drawn.status;
        problem = drawn;
    }
    end(&verifying);
    if (status != SS_OK)
        return complain("verify", &problem);
    return ss_status_exit(verifying.sum.violations ? SS_CHECK_FAILED : SS_OK);
}

static int verify_all(const struct verify_inputs *all)
{
    const struct verify_options *options = all->options;
    int worst = EXIT_SUCCESS;
    if (options->where.interface)
        return verify_one(all, options->where.interface);
    for (int i = 0; i < options->file_count; i++) {
        int status = verify_one(all, options->files[i]);
        worst = status > worst ? status : worst;
    }
    return worst;
}

/* What was written is closed however it ended. */
static int close_copy(struct ss_capture_copy *copy, int worst)
{
    struct ss_problem problem;
    if (!copy || ss_capture_copy_close(copy, &problem) == SS_OK)
        return printed("verify", worst);
    int status = complain("verify", &problem);
    return status > worst ? status : worst;
}

int cmd_verify(int argc, char **argv)
{
    struct verify_options options;
    struct verify_inputs all;
    struct ss_problem problem = {.status = SS_OK};
    if (verify_options_read(argc, argv, &options, &problem) != SS_OK)
        return complain("verify", &problem);
    bool begun = verify_inputs_begin(&all, &options, &problem) == SS_OK &&
                 verify_outputs_open(&options, &all.copy, &problem) == SS_OK;
    int status = begun ? verify_all(&all) : complain("verify", &problem);
    status = close_copy(all.copy, status);
    verify_inputs_end(&all);
    return status;
}
