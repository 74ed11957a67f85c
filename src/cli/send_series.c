/* send_series: each packet at its time, answers in between, then those that are still to come. */
#include "send_series.h"

#include <inttypes.h>
#include <stdlib.h>

#include "progress.h"
#include "send_wire.h"
#include "synstep/answers.h"

enum { LOOK_EVERY = 64 };

/* A series under way. */
struct sending {
    const struct send_plan *plan;
    struct ss_wire *wire;
    const struct ss_tally_options *shown;
    struct ss_answers *answers; /* NULL: nobody listens */
    uint64_t sent;
    uint64_t began_us;
    uint64_t last_us; /* when the last packet left, or the last answer came */
    struct progress progress;
    bool arrived; /* the target itself has answered */
    uint64_t checks, failed;
    uint8_t *octets; /* SS_FRAME_BYTES_MAX of them: the packet that leaves */
    uint8_t *probe;  /* as many: one that is answered, made once more */
};

/* --- answers ------------------------------------------------------------------------------------
 */

static void count_checks(struct sending *sending, const struct ss_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++) {
        enum ss_verdict_level level = verdicts->list[i].level;
        sending->checks += level == SS_VERDICT_HELD || level == SS_VERDICT_VIOLATION;
        sending->failed += level == SS_VERDICT_VIOLATION;
    }
}

/* The probe, made once more, and its answer, as an observer of both sees them. */
static void judge(const struct ss_packet *probe, const struct ss_packet *packet, uint64_t rtt_us,
                  struct ss_verify *verify, struct ss_verdicts *verdicts)
{
    struct ss_verdicts of_probe;
    ss_verify_init(verify);
    verdicts->count = 0;
    if (probe->transport != SS_TRANSPORT_TCP || packet->transport != SS_TRANSPORT_TCP)
        return;
    ss_verify_packet(verify, NULL, SS_SIDE_A, probe, 0, &of_probe);
    ss_verify_packet(verify, NULL, SS_SIDE_B, packet, rtt_us, verdicts);
}

static void take_arrival(struct sending *sending, const struct ss_arrival *arrival)
{
    struct ss_packet probe, packet;
    struct ss_verify verify;
    struct ss_verdicts verdicts;
    struct ss_tally_answer told = {.link = ss_probe_link(sending->plan->probe),
                                   .probe = &probe,
                                   .packet = &packet,
                                   .verdicts = &verdicts,
                                   .verify = &verify};
    size_t length = 0;
    if (!ss_answers_match(sending->answers, arrival->octets, arrival->length, arrival->time_us,
                          &told.answer) ||
        ss_probe_build(sending->plan->probe, told.answer.probe, sending->probe, SS_FRAME_BYTES_MAX,
                       &length, NULL) != SS_OK)
        return;
    ss_packet_decode(told.link, sending->probe, length, &probe);
    ss_packet_decode(told.link, arrival->octets, arrival->length, &packet);
    judge(&probe, &packet, told.answer.rtt_us, &verify, &verdicts);
    count_checks(sending, &verdicts);
    sending->last_us = arrival->time_us > sending->last_us ? arrival->time_us : sending->last_us;
    sending->arrived =
        sending->arrived || ss_address_equal(&packet.source, &sending->plan->route.peer);
    progress_clear(&sending->progress); /* the answer's line begins where the bar stands */
    ss_tally_answer(sending->shown, &told);
}

/* Hears until that time; ends early when `enough` says so. */
static enum ss_status hear(struct sending *sending, uint64_t until_us,
                           bool (*enough)(const struct sending *sending),
                           struct ss_problem *problem)
{
    for (;;) {
        struct ss_arrival arrival;
        if (enough && enough(sending))
            return SS_OK;
        enum ss_status status = ss_wire_receive(sending->wire, until_us, &arrival, problem);
        if (status == SS_TIMED_OUT)
            return SS_OK;
        if (status != SS_OK)
            return status;
        if (sending->answers)
            take_arrival(sending, &arrival);
        if (ss_wire_now_us(sending->wire) > until_us)
            return SS_OK;
    }
}

static bool has_all(const struct sending *sending)
{
    return !sending->answers || ss_answers_are_complete(sending->answers);
}

/* --- sending ------------------------------------------------------------------------------------
 */

static void show_progress(struct sending *sending, uint64_t now_us)
{
    uint64_t count = sending->plan->count;
    if (progress_is_due(&sending->progress, now_us))
        progress_show(&sending->progress, now_us, sending->sent, count, "%" PRIu64 " of %" PRIu64,
                      sending->sent, count);
}

static uint64_t due_us(const struct sending *sending, uint64_t n)
{
    const struct send_plan *plan = sending->plan;
    if (plan->per_second > 0)
        return sending->began_us + n / plan->per_second * 1000000 +
               n % plan->per_second * 1000000 / plan->per_second;
    return sending->began_us + n * plan->interval_us;
}

/* Waits until the packet's time has come; a series without pauses looks around now and then. */
static enum ss_status await_turn(struct sending *sending, uint64_t n, struct ss_problem *problem)
{
    bool paced = sending->plan->per_second > 0 || sending->plan->interval_us > 0;
    if (!paced && n % LOOK_EVERY != 0)
        return SS_OK;
    uint64_t due = due_us(sending, n);
    uint64_t now_us = ss_wire_now_us(sending->wire);
    show_progress(sending, now_us);
    bool waits = due > now_us;
    if (!waits && (n % LOOK_EVERY != 0 || n == 0))
        return SS_OK;
    return hear(sending, waits ? due : now_us, NULL, problem);
}

static enum ss_status send_packet(struct sending *sending, uint64_t n, struct ss_problem *problem)
{
    size_t length = 0;
    enum ss_status status = ss_probe_build(sending->plan->probe, n, sending->octets,
                                           SS_FRAME_BYTES_MAX, &length, problem);
    if (status == SS_OK)
        status = ss_wire_send(sending->wire, sending->octets, length, NULL, problem);
    if (status != SS_OK)
        return status;
    sending->sent++;
    if (!sending->answers)
        return SS_OK;
    sending->last_us = ss_wire_now_us(sending->wire);
    status = ss_answers_sent(sending->answers, sending->octets, length, sending->last_us, problem);
    return status == SS_OK ? ss_wire_flush(sending->wire, problem) : status;
}

/* A traceroute hears of one hop before it goes on to the next. */
static enum ss_status await_hop(struct sending *sending, struct ss_problem *problem)
{
    uint64_t until_us = ss_wire_now_us(sending->wire) + sending->plan->options->timeout_us;
    return hear(sending, until_us, has_all, problem);
}

static enum ss_status send_all(struct sending *sending, struct ss_problem *problem)
{
    bool hops = sending->plan->options->is_traceroute;
    enum ss_status status = SS_OK;
    for (uint64_t n = 0; n < sending->plan->count && status == SS_OK; n++) {
        if (hops && sending->arrived)
            return SS_OK;
        status = await_turn(sending, n, problem);
        if (status == SS_OK)
            status = send_packet(sending, n, problem);
        if (status == SS_OK && hops)
            status = await_hop(sending, problem);
    }
    return status == SS_OK ? ss_wire_flush(sending->wire, problem) : status;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

/* Why answers may not come that are waited for. */
static void warn(const struct sending *sending)
{
    const struct send_plan *plan = sending->plan;
    FILE *out = sending->shown->out;
    if (ss_probe_has(plan->probe, SS_LAYER_TCP) && ss_probe_source_port(plan->probe) == 0)
        fprintf(out, "source ports vary: this host's kernel knows none of them and resets what "
                     "answers\n");
    if (send_wire_is_framed(plan) && plan->route.loopback && plan->route.peer.version == 4)
        fprintf(out, "this host's IPv4 drops what comes by the link wire on loopback: captures see "
                     "it, nothing answers\n");
}

static void tell_start(const struct sending *sending)
{
    const struct send_plan *plan = sending->plan;
    const struct ss_tally_start start = {
        .where = plan->where,
        .wire = send_wire_name(plan),
        .why = plan->why[0] ? plan->why : NULL,
        .source = plan->route.local,
        .target = plan->route.peer,
        .count = plan->count,
        .at_most = plan->options->is_traceroute,
        .seed = plan->seed,
    };
    ss_tally_start(sending->shown, &start);
    if (!sending->shown->quiet && !sending->shown->json && sending->answers)
        warn(sending);
}

static struct ss_answers_sum tell_end(const struct sending *sending)
{
    struct ss_tally_end end = {
        .awaited = sending->answers != NULL,
        .answers = sending->answers,
        .checks = sending->checks,
        .failed = sending->failed,
        .duration_us = sending->last_us - sending->began_us,
    };
    if (sending->answers)
        end.sum = ss_answers_sum(sending->answers);
    end.sum.sent = sending->sent;
    ss_tally_end(sending->shown, &end);
    return end.sum;
}

/* The sum is told however it ended. */
static enum ss_status conclude(struct sending *sending, enum ss_status status,
                               struct ss_problem *problem)
{
    progress_clear(&sending->progress);
    if (!sending->answers)
        sending->last_us = ss_wire_now_us(sending->wire);
    struct ss_answers_sum sum = tell_end(sending);
    if (status != SS_OK || !sending->answers)
        return status;
    if (sending->failed > 0)
        return ss_problem_set(problem, SS_CHECK_FAILED,
                              "%" PRIu64 " of %" PRIu64 " checks of the answers failed",
                              sending->failed, sending->checks);
    if (sum.answered + sum.late == 0)
        return ss_problem_set(
            problem, SS_TIMED_OUT, "no answer to %" PRIu64 " packet%s within %g s (--timeout)",
            sum.sent, sum.sent == 1 ? "" : "s", (double)sending->plan->options->timeout_us / 1e6);
    return SS_OK;
}

static enum ss_status run(struct sending *sending, struct ss_problem *problem)
{
    sending->began_us = ss_wire_now_us(sending->wire);
    sending->last_us = sending->began_us;
    sending->progress = (struct progress){
        .out = progress_terminal(!sending->shown->json),
        .began_us = sending->began_us,
        .after_us = PROGRESS_AFTER_US,
    };
    tell_start(sending);
    enum ss_status status = send_all(sending, problem);
    uint64_t until_us = sending->last_us + sending->plan->options->timeout_us;
    if (status == SS_OK && sending->answers)
        status = hear(sending, until_us, has_all, problem);
    return conclude(sending, status, problem);
}

enum ss_status send_series(const struct send_plan *plan, struct ss_wire *wire,
                           const struct ss_tally_options *shown, struct ss_problem *problem)
{
    bool hears = !plan->options->no_answers;
    uint8_t *octets = malloc((size_t)2 * SS_FRAME_BYTES_MAX); /* unwritten pages cost nothing */
    struct sending sending = {.plan = plan, .wire = wire, .shown = shown, .octets = octets};
    enum ss_status status = SS_IO;
    if (hears)
        sending.answers = ss_answers_new(ss_probe_link(plan->probe), plan->options->timeout_us);
    if (!octets || (hears && !sending.answers)) {
        status = ss_problem_set(problem, SS_IO, "out of memory for the series");
    } else {
        sending.probe = octets + SS_FRAME_BYTES_MAX;
        status = run(&sending, problem);
    }
    ss_answers_free(sending.answers);
    free(octets);
    return status;
}
