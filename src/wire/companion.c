/*
 * companion: the parent's side of synstep-peer's control socket, and the words spoken on it.
 */
#include "synstep/companion.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "companion_child.h"

enum {
    READY_TIMEOUT_US = 10 * 1000 * 1000,
    ANSWER_TIMEOUT_US = 5 * 1000 * 1000,
    STOP_TIMEOUT_MS = 2000,
    LINE_BYTES = 160,
    WORDS_BYTES = 200, /* of the peer's own complaint */
};

/* Waits until the control socket has something to say; false when it has not by `deadline_us`. */
static bool wait_readable(int control, uint64_t deadline_us)
{
    struct pollfd readable = {.fd = control, .events = POLLIN};
    for (;;) {
        uint64_t now_us = ss_clock_monotonic_us();
        if (now_us >= deadline_us)
            return false;
        int ready = poll(&readable, 1, (int)((deadline_us - now_us) / 1000) + 1);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

/* One octet, or a negative number: the peer is gone, or silent for too long. */
static int read_octet(int control, uint64_t deadline_us)
{
    for (;;) {
        char octet;
        ssize_t got = recv(control, &octet, 1, MSG_DONTWAIT);
        if (got == 1)
            return (unsigned char)octet;
        if (got == 0)
            return -1;
        if (errno != EINTR && errno != EAGAIN)
            return -1;
        if (errno == EAGAIN && !wait_readable(control, deadline_us))
            return -1;
    }
}

/*
 * Reads one line, without its end, cut when it is too long. An octet at a time: the lines are few
 * and short, and what follows a line must stay in the socket for the next call.
 */
static bool read_line(int control, char line[LINE_BYTES], uint64_t timeout_us)
{
    uint64_t deadline_us = ss_clock_monotonic_us() + timeout_us;
    size_t length = 0;
    for (;;) {
        int octet = read_octet(control, deadline_us);
        if (octet < 0)
            return false;
        if (octet == '\n')
            break;
        if (length < LINE_BYTES - 1)
            line[length++] = (char)octet;
    }
    line[length] = '\0';
    return true;
}

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
static bool await_ready(int control, struct ss_socket_address *listening)
{
    char line[LINE_BYTES];
    struct ss_socket_address found = {0};
    while (read_line(control, line, READY_TIMEOUT_US)) {
        if (strcmp(line, "ready") == 0) {
            *listening = found;
            return found.port != 0;
        }
        if (strncmp(line, "ready ", 6) == 0 && found.port == 0 &&
            !parse_listening(line + 6, &found))
            return false;
    }
    return false;
}

/* The last line that the peer wrote before it gave up: the one that says why. */
static void read_words(int words, char text[WORDS_BYTES])
{
    ssize_t length = pread(words, text, WORDS_BYTES - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (text[0] == '\0')
        (void)snprintf(text, WORDS_BYTES, "it did not become ready");
}

static void close_both(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

/* Forks the child; the parent keeps `control[0]`. */
static pid_t give_birth(const struct ss_companion_options *options, const char *path,
                        const int control[2], int words)
{
    struct ss_companion_birth birth = {
        .options = options,
        .path = path,
        .control = control[1],
        .words = words,
        .parent = getpid(),
    };
    pid_t process = fork();
    if (process == 0)
        ss_companion_become(&birth);
    return process;
}

static enum ss_status start(struct ss_companion *companion,
                            const struct ss_companion_options *options, int words,
                            struct ss_socket_address *listening, struct ss_problem *problem)
{
    char path[SS_COMPANION_PATH_SIZE];
    char text[WORDS_BYTES];
    int control[2];
    if (!ss_companion_path(path))
        return ss_problem_set(problem, SS_IO,
                              "cannot tell where synstep-peer is; set "
                              "SYNSTEP_PEER to its path");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0)
        return ss_problem_set(problem, SS_IO, "cannot start the peer: %s", strerror(errno));
    pid_t process = give_birth(options, path, control, words);
    if (process < 0) {
        close_both(control);
        return ss_problem_set(problem, SS_IO, "cannot start the peer: %s", strerror(errno));
    }
    close(control[1]);
    *companion = (struct ss_companion){.process = process, .control = control[0]};
    if (await_ready(companion->control, listening))
        return SS_OK;
    ss_companion_stop(companion);
    read_words(words, text);
    return ss_problem_set(problem, SS_IO, "the peer cannot serve: %s", text);
}

enum ss_status ss_companion_start(struct ss_companion *companion,
                                  const struct ss_companion_options *options,
                                  struct ss_socket_address *listening, struct ss_problem *problem)
{
    /* A file, and not a pipe: nobody need read it, and the peer can never block or die of it. */
    int words = memfd_create("synstep-peer", MFD_CLOEXEC);
    if (words < 0)
        return ss_problem_set(problem, SS_IO, "cannot start the peer: %s", strerror(errno));
    enum ss_status status = start(companion, options, words, listening, problem);
    close(words);
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
    return send(control, line, (size_t)length, MSG_NOSIGNAL) == length;
}

enum ss_status ss_companion_ask(struct ss_companion *companion,
                                const struct ss_socket_address *client, struct ss_witness *witness,
                                struct ss_problem *problem)
{
    char line[LINE_BYTES];
    if (!ask(companion->control, client) || !read_line(companion->control, line, ANSWER_TIMEOUT_US))
        return ss_problem_set(problem, SS_IO,
                              "the peer is gone, or does not answer what its "
                              "kernel believes");
    if (strncmp(line, "witness ", 8) != 0 || !parse_witness(line + 8, witness))
        return ss_problem_set(problem, SS_IO, "the peer's answer cannot be read: '%s'", line);
    return SS_OK;
}

/* The end of its control socket asks it to go; one that does not is killed. */
static void await_end(pid_t process)
{
    int handle = (int)syscall(SYS_pidfd_open, process, 0);
    struct pollfd ended = {.fd = handle, .events = POLLIN};
    if (handle < 0 || poll(&ended, 1, STOP_TIMEOUT_MS) <= 0)
        (void)kill(process, SIGKILL);
    if (handle >= 0)
        close(handle);
    while (waitpid(process, NULL, 0) < 0 && errno == EINTR)
        continue;
}

void ss_companion_stop(struct ss_companion *companion)
{
    if (companion->control >= 0)
        close(companion->control);
    if (companion->process > 0)
        await_end(companion->process);
    *companion = (struct ss_companion){.process = 0, .control = -1};
}
