/*
 * companion: synstep-peer, and the words spoken on its control socket.
 */
#include "synstep/companion.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "companion_process.h"

enum {
    LINE_BYTES = 160,
    LISTEN_SIZE = SS_SOCKET_ADDRESS_TEXT_SIZE + 16,
    ARGUMENTS_MAX = 32,
};

/* "ADDR PORT" */
static bool parse_listening(const char *text, struct ss_socket_address *listening)
{
    char address[SS_ADDRESS_TEXT_SIZE];
    unsigned port;
    uint8_t octets[16];
    int end = 0;
    if (sscanf(text, "%45s %5u%n", address, &port, &end) != 2 || text[end] != '\0' || port > 65535)
        return false;
    if (inet_pton(AF_INET, address, octets) == 1)
        listening->address = ss_address_v4(octets);
    else if (inet_pton(AF_INET6, address, octets) == 1)
        listening->address = ss_address_v6(octets);
    else
        return false;
    listening->port = (uint16_t)port;
    return true;
}

/* "ready ADDR PORT" for each listener, then "ready". */
static bool await_ready(int control, void *context)
{
    char line[LINE_BYTES];
    struct ss_socket_address found = {0};
    while (ss_companion_hear(control, line, sizeof line, SS_COMPANION_READY_US)) {
        if (strcmp(line, "ready") == 0) {
            *(struct ss_socket_address *)context = found;
            return found.port != 0;
        }
        if (strncmp(line, "ready ", 6) == 0 && found.port == 0 &&
            !parse_listening(line + 6, &found))
            return false;
    }
    return false;
}

enum ss_status ss_companion_start(struct ss_companion *companion,
                                  const struct ss_companion_options *options,
                                  struct ss_socket_address *listening, struct ss_problem *problem)
{
    char listen[LISTEN_SIZE] = "--listen=tcp:";
    const char *arguments[ARGUMENTS_MAX + 1] = {listen};
    struct ss_socket_address found = {0};
    ss_socket_address_format(listen + strlen(listen), &options->listen);
    const char *const *more = options->arguments;
    for (size_t count = 1; more && *more && count < ARGUMENTS_MAX; count++)
        arguments[count] = *more++;
    struct ss_companion_program program = {
        .name = "synstep-peer",
        .variable = "SYNSTEP_PEER",
        .arguments = arguments,
        .network_namespace = options->network_namespace,
        .await_ready = await_ready,
        .context = &found,
    };
    enum ss_status status = ss_companion_begin(companion, &program, problem);
    if (status == SS_OK)
        *listening = found;
    return status;
}

/* "none", "denied REASON", or "STATE RCV_NXT WRITE_SEQ" */
static bool parse_witness(const char *text, struct ss_witness *witness)
{
    char state[16];
    uint32_t rcv_nxt;
    uint32_t write_seq;
    struct ss_witness told = {.answer = SS_WITNESS_ANSWERED};
    if (strcmp(text, "none") == 0) {
        *witness = (struct ss_witness){.answer = SS_WITNESS_NONE};
        return true;
    }
    if (strncmp(text, "denied", 6) == 0) {
        *witness = (struct ss_witness){.answer = SS_WITNESS_DENIED};
        return true;
    }
    if (sscanf(text, "%15s %" SCNu32 " %" SCNu32, state, &rcv_nxt, &write_seq) != 3 ||
        !ss_tcp_state_from_text(state, &told.state))
        return false;
    told.rcv_nxt = ss_seq_from(rcv_nxt);
    told.write_seq = ss_seq_from(write_seq);
    *witness = told;
    return true;
}

static bool ask(int control, const struct ss_socket_address *client)
{
    char address[SS_ADDRESS_TEXT_SIZE];
    char line[LINE_BYTES];
    ss_address_format(address, &client->address);
    int length = snprintf(line, sizeof line, "witness %s %u\n", address, client->port);
    return ss_companion_say(control, line, (size_t)length);
}

enum ss_status ss_companion_ask(struct ss_companion *companion,
                                const struct ss_socket_address *client, struct ss_witness *witness,
                                struct ss_problem *problem)
{
    char line[LINE_BYTES];
    if (!ask(companion->control, client) ||
        !ss_companion_hear(companion->control, line, sizeof line, SS_COMPANION_ANSWER_US))
        return ss_problem_set(problem, SS_IO,
                              "the peer is gone, or does not answer what its "
                              "kernel believes");
    if (strncmp(line, "witness ", 8) != 0 || !parse_witness(line + 8, witness))
        return ss_problem_set(problem, SS_IO, "the peer's answer cannot be read: '%s'", line);
    return SS_OK;
}
