/* doctor_private: what can only be known by trying, in a child process and private namespaces. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"
#include "place.h"
#include "synstep/endpoint.h"
#include "synstep/privilege.h"
#include "synstep/runner.h"

/* Runs in the child; fills in the finding. */
typedef void attempt(struct finding *finding);

/*
 * A child of its own for each attempt: entering namespaces and dropping privileges cannot be
 * undone. A child that dies without a word is a finding too.
 */
static void in_child(attempt *try, struct finding *finding)
{
    int ends[2];
    finding->level = FINDING_BROKEN;
    snprintf(finding->text, sizeof(finding->text), "the attempt died without a word");
    if (pipe(ends) != 0) {
        snprintf(finding->text, sizeof(finding->text), "no pipe: %s", strerror(errno));
        return;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        try(finding);
        ssize_t told = write(ends[1], finding, sizeof(*finding));
        _exit(told == (ssize_t)sizeof(*finding) ? 0 : 1);
    }
    close(ends[1]);
    struct finding heard;
    if (child > 0 && read(ends[0], &heard, sizeof(heard)) == (ssize_t)sizeof(heard))
        *finding = heard;
    close(ends[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
}

static void report(struct finding *finding, enum ss_status status, const struct ss_problem *problem,
                   const char *fine)
{
    finding->level = status == SS_OK          ? FINDING_FINE
                     : status == SS_FORBIDDEN ? FINDING_FORBIDDEN
                                              : FINDING_BROKEN;
    snprintf(finding->text, sizeof(finding->text), "%s", status == SS_OK ? fine : problem->text);
}

static void try_namespaces(struct finding *finding)
{
    struct ss_hosts hosts;
    struct ss_problem problem;
    ss_privilege_raise();
    enum ss_status status = ss_hosts_open(&hosts, &problem);
    report(finding, status, &problem, "allowed: two private hosts can be made");
    if (status == SS_OK)
        ss_hosts_close(&hosts);
}

void doctor_namespaces(struct finding *finding)
{
    in_child(try_namespaces, finding);
}

/* What a connection over the private loopback came to. */
struct trial {
    enum ss_status status;
    struct ss_problem problem;
    bool wire_open;
    bool witnessed;
};

static void converse(struct place *place, struct trial *trial)
{
    static const uint8_t data[] = {'h', 'e', 'l', 'l', 'o'};
    struct ss_trace *trace = ss_trace_new();
    if (!trace) {
        trial->status = ss_problem_set(&trial->problem, SS_IO, "out of memory");
        return;
    }
    struct ss_runner_options options = {
        .local = place->local,
        .peer = place->peer,
        .endpoint = ss_endpoint_defaults(ss_seq_from(UINT32_MAX)),
        .data = data,
        .data_length = sizeof(data),
        .echo_expected = true,
        .timeout_us = 3000000,
        .first_ip_id = 1,
        .where = place->where,
    };
    trial->status = ss_runner_run(&options, place->wire, &place->companion, trace, &trial->problem);
    for (size_t i = 0; i < ss_trace_count(trace); i++)
        if (ss_trace_at(trace, i)->kind == SS_EVENT_WITNESS && ss_trace_at(trace, i)->witness.ok)
            trial->witnessed = true;
    ss_trace_free(trace);
}

static void try_private_loopback(struct trial *trial)
{
    struct ss_hosts hosts;
    struct place place = place_nowhere();
    struct run_options options = {.loopback = true};
    struct ss_random random = ss_random_seeded(1);
    *trial = (struct trial){0};
    ss_privilege_raise();
    trial->status = ss_hosts_open(&hosts, &trial->problem);
    if (trial->status != SS_OK)
        return;
    trial->status = place_open(&place, &options, NULL, &random, NULL, &trial->problem);
    trial->wire_open = place.wire != NULL;
    if (trial->status == SS_OK)
        converse(&place, trial);
    place_close(&place);
    ss_hosts_close(&hosts);
}

static void try_libpcap(struct finding *finding)
{
    struct trial trial;
    char fine[120];
    try_private_loopback(&trial);
    snprintf(fine, sizeof(fine), "%.80s captures", pcap_lib_version());
    report(finding, trial.wire_open ? SS_OK : trial.status, &trial.problem, fine);
}

void doctor_libpcap(struct finding *finding)
{
    in_child(try_libpcap, finding);
}

static void try_mute(struct finding *finding)
{
    struct trial trial;
    try_private_loopback(&trial);
    report(finding, trial.status, &trial.problem,
           "works: a whole connection on a private loopback, and no RST from this kernel");
}

void doctor_mute(struct finding *finding)
{
    in_child(try_mute, finding);
}

static void try_witness(struct finding *finding)
{
    struct trial trial;
    try_private_loopback(&trial);
    report(finding, trial.status, &trial.problem, "the peer's kernel tells rcv_nxt and write_seq");
    if (trial.status == SS_OK && !trial.witnessed) {
        finding->level = FINDING_BROKEN;
        snprintf(
            finding->text, sizeof(finding->text),
            "TCP_REPAIR is refused, so runs go without the kernel's word: a kernel built without "
            "CONFIG_CHECKPOINT_RESTORE, or a seccomp filter");
    }
}

void doctor_witness(struct finding *finding)
{
    in_child(try_witness, finding);
}
