/*
 * companion_process: starts another program of ours, ends it, and speaks with it in lines.
 */
#include "companion_process.h"

#include <errno.h>
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
    STOP_TIMEOUT_MS = 2000,
    PART_BYTES = 4096, /* of a line, looked at in one go */
    WORDS_BYTES = 200, /* of the program's own complaint */
};

/* --- lines ------------------------------------------------------------------------------------*/

/* Waits for an event of the control socket; false when there is none by `deadline_us`. */
static bool wait_for(int control, short event, uint64_t deadline_us)
{
    struct pollfd awaited = {.fd = control, .events = event};
    for (;;) {
        uint64_t now_us = ss_clock_monotonic_us();
        if (now_us >= deadline_us)
            return false;
        int ready = poll(&awaited, 1, (int)((deadline_us - now_us) / 1000) + 1);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

bool ss_companion_say(int control, const char *octets, size_t length)
{
    uint64_t deadline_us = ss_clock_monotonic_us() + SS_COMPANION_ANSWER_US;
    while (length > 0) {
        ssize_t sent = send(control, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            octets += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN ? !wait_for(control, POLLOUT, deadline_us) : errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Up to PART_BYTES of what has come, left where it is; 0: it is gone, or silent for too long. */
static size_t peek_part(int control, char part[PART_BYTES], uint64_t deadline_us)
{
    for (;;) {
        ssize_t got = recv(control, part, PART_BYTES, MSG_DONTWAIT | MSG_PEEK);
        if (got >= 0)
            return (size_t)got;
        if (errno != EINTR && errno != EAGAIN)
            return 0;
        if (errno == EAGAIN && !wait_for(control, POLLIN, deadline_us))
            return 0;
    }
}

/* What follows the line stays in the socket for the next call. */
bool ss_companion_hear(int control, char *line, size_t size, uint64_t timeout_us)
{
    uint64_t deadline_us = ss_clock_monotonic_us() + timeout_us;
    char part[PART_BYTES];
    size_t kept = 0;
    for (;;) {
        size_t there = peek_part(control, part, deadline_us);
        const char *end = memchr(part, '\n', there);
        size_t text = end ? (size_t)(end - part) : there;
        size_t taken = end ? text + 1 : there;
        if (there == 0 || recv(control, part, taken, MSG_DONTWAIT) != (ssize_t)taken)
            return false;
        size_t more = text < size - 1 - kept ? text : size - 1 - kept;
        memcpy(line + kept, part, more);
        kept += more;
        line[kept] = '\0';
        if (end)
            return true;
    }
}

/* --- start and end ----------------------------------------------------------------------------*/

/* What it wrote before it gave up: the line that says why. */
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
static pid_t give_birth(const struct ss_companion_program *program, const char *path,
                        const int control[2], int words)
{
    struct ss_companion_birth birth = {
        .program = program,
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

static enum ss_status cannot_start(struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_IO, "cannot start the peer: %s", strerror(errno));
}

static enum ss_status begin(struct ss_companion *companion,
                            const struct ss_companion_program *program, int words,
                            struct ss_problem *problem)
{
    char path[SS_COMPANION_PATH_SIZE];
    char text[WORDS_BYTES];
    int control[2];
    if (!ss_companion_path(program, path))
        return ss_problem_set(problem, SS_IO, "cannot tell where %s is; set %s to its path",
                              program->name, program->variable);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0)
        return cannot_start(problem);
    pid_t process = give_birth(program, path, control, words);
    if (process < 0) {
        enum ss_status status = cannot_start(problem);
        close_both(control);
        return status;
    }
    close(control[1]);
    *companion = (struct ss_companion){.process = process, .control = control[0]};
    if (program->await_ready(companion->control, program->context))
        return SS_OK;
    ss_companion_stop(companion);
    read_words(words, text);
    return ss_problem_set(problem, SS_IO, "the peer cannot serve: %s", text);
}

enum ss_status ss_companion_begin(struct ss_companion *companion,
                                  const struct ss_companion_program *program,
                                  struct ss_problem *problem)
{
    /* A file, and not a pipe: nobody need read it, and the child can never block or die of it. */
    int words = memfd_create(program->name, MFD_CLOEXEC);
    if (words < 0)
        return cannot_start(problem);
    enum ss_status status = begin(companion, program, words, problem);
    close(words);
    return status;
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
