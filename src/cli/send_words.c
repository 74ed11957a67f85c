/* send_words: what the words say first, then what the short forms add. */
#include "send_words.h"

#include <stdio.h>

enum { PORT_ECHO = 7, PORT_TRACEROUTE = 33434 };

static enum ss_status read_words(const struct send_options *options, struct ss_probe *probe,
                                 struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    for (size_t i = 0; i < options->let_count && status == SS_OK; i++)
        status = ss_probe_let(probe, options->lets[i], problem);
    for (size_t i = 0; i < options->word_count && status == SS_OK; i++)
        status = ss_probe_word(probe, options->words[i], problem);
    return status;
}

static enum ss_status add_flags(const struct send_options *options, struct ss_probe *probe,
                                struct ss_problem *problem)
{
    char flags[8];
    snprintf(flags, sizeof(flags), "%u", options->flags);
    return ss_probe_usual(probe, SS_LAYER_TCP, "flags", flags, problem);
}

static enum ss_status add_ping(uint8_t version, struct ss_probe *probe, struct ss_problem *problem)
{
    enum ss_layer_kind kind = version == 6 ? SS_LAYER_ICMP6 : SS_LAYER_ICMP;
    return ss_probe_usual(probe, kind, "type", "echo", problem);
}

static enum ss_status add_udp_echo(struct ss_probe *probe, uint16_t *target_port,
                                   struct ss_problem *problem)
{
    char port[8];
    *target_port = *target_port ? *target_port : PORT_ECHO;
    snprintf(port, sizeof(port), "%u", *target_port);
    enum ss_status status = ss_probe_usual(probe, SS_LAYER_UDP, "dport", port, problem);
    if (status == SS_OK && !ss_probe_has(probe, SS_LAYER_RAW))
        status = ss_probe_usual(probe, SS_LAYER_UDP, "data", "hello", problem);
    return status;
}

/* Ports that nobody listens on, another one for each hop, so that the target answers, too. */
static enum ss_status add_trace(uint8_t version, struct ss_probe *probe, uint16_t target_port,
                                struct ss_problem *problem)
{
    enum ss_layer_kind ip = version == 6 ? SS_LAYER_IP6 : SS_LAYER_IP;
    char port[24];
    enum ss_status status = SS_OK;
    snprintf(port, sizeof(port), target_port ? "%u" : "%u+i",
             target_port ? target_port : PORT_TRACEROUTE);
    if (ss_probe_is_empty(probe) || ss_probe_has(probe, SS_LAYER_UDP))
        status = ss_probe_usual(probe, SS_LAYER_UDP, "dport", port, problem);
    if (status == SS_OK && !ss_probe_has(probe, ip))
        status = ss_probe_prepend(probe, ip, problem);
    if (status == SS_OK)
        status = ss_probe_usual(probe, ip, version == 6 ? "hop" : "ttl", "1+i", problem);
    return status;
}

enum ss_status send_words_read(const struct send_options *options, uint8_t version,
                               struct ss_probe *probe, uint16_t *target_port,
                               struct ss_problem *problem)
{
    enum ss_status status = read_words(options, probe, problem);
    if (status == SS_OK && options->is_tcp)
        status = add_flags(options, probe, problem);
    if (status == SS_OK && options->is_ping)
        status = add_ping(version, probe, problem);
    if (status == SS_OK && options->is_udp_echo)
        status = add_udp_echo(probe, target_port, problem);
    if (status == SS_OK && options->is_traceroute)
        status = add_trace(version, probe, *target_port, problem);
    return status;
}
