/* cmd_send: `synstep send`: any packet, planned, then sent, printed or written. */
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "field_list.h"
#include "outputs.h"
#include "send_options.h"
#include "send_place.h"
#include "send_plan.h"
#include "send_series.h"
#include "signals.h"

static struct ss_tally_options tally_options(const struct send_options *options)
{
    const struct run_options shown = {.color = options->color};
    return (struct ss_tally_options){
        .out = stdout,
        .json = options->json,
        .quiet = options->quiet,
        .color = outputs_want_color(&shown),
        .ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .headers = options->headers,
    };
}

static enum ss_status send_live(struct send_plan *plan, const struct ss_tally_options *shown,
                                struct ss_problem *problem)
{
    struct send_place place = send_place_nowhere();
    enum ss_status status = send_place_open(&place, plan, signals_heed(), problem);
    if (status == SS_OK)
        status = send_series(plan, place.wire, shown, problem);
    if (status == SS_OK)
        status = output_written(problem);
    send_place_close(&place);
    return status;
}

static enum ss_status send_planned(const struct send_options *options, struct ss_problem *problem)
{
    struct ss_tally_options shown = tally_options(options);
    struct send_plan plan = send_plan_nowhere();
    enum ss_status status = send_plan_make(options, &plan, problem);
    signals_ignore_pipe();
    if (status == SS_OK && options->dry_run)
        status = send_show(&plan, &shown, problem);
    else if (status == SS_OK && options->capture_file)
        status = send_write(&plan, problem);
    else if (status == SS_OK)
        status = send_live(&plan, &shown, problem);
    send_plan_close(&plan);
    return status;
}

int cmd_send(int argc, char **argv)
{
    struct send_options options = {0};
    struct ss_problem problem = {.status = SS_OK};
    enum ss_status status = send_options_read(argc, argv, &options, &problem);
    if (status == SS_OK && options.fields)
        status = fields_print(stdout, options.fields, outputs_columns(), &problem);
    else if (status == SS_OK && options.list_interfaces)
        status = send_list_interfaces(&problem);
    else if (status == SS_OK)
        status = send_planned(&options, &problem);
    send_options_free(&options);
    if (status != SS_OK)
        return complain("send", &problem);
    return printed("send", ss_status_exit(status));
}
