/*
 * mute: the listener whose filter accepts nothing, so that the kernel sends no RST for the crafted
 * end's address and port.
 */
#include "synstep/mute.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forbidden.h"
#include "socket_address.h"

static int set_flag(int socket, int level, int option)
{
    int on = 1;
    return setsockopt(socket, level, option, &on, sizeof on);
}

/* Attached before listen(2): there is no moment in which the listener would answer. */
static int accept_nothing(int socket)
{
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &nothing};
    if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        return -1;
    return set_flag(socket, SOL_SOCKET, SO_LOCK_FILTER);
}

/*
 * A port asked for by number may still have a server's connections in TIME-WAIT: SO_REUSEADDR takes
 * it then, and still leaves a port to whoever listens on it. A port that the kernel is to choose
 * must be nobody else's, so it is chosen without.
 */
static int prepare(int socket, uint8_t version, uint16_t port)
{
    if (accept_nothing(socket) != 0)
        return -1;
    if (version == 6 && set_flag(socket, IPPROTO_IPV6, IPV6_V6ONLY) != 0)
        return -1;
    return port == 0 ? 0 : set_flag(socket, SOL_SOCKET, SO_REUSEADDR);
}

static int bind_and_listen(int socket, int kind, const struct ss_socket_address *at,
                           unsigned interface_index)
{
    struct sockaddr_storage address;
    socklen_t length = ss_socket_address_store(at, interface_index, &address);
    if (bind(socket, (const struct sockaddr *)&address, length) != 0)
        return -1;
    return kind == SOCK_STREAM ? listen(socket, 1) : 0;
}

static uint16_t bound_port(int socket)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    struct ss_socket_address bound = {0};
    if (getsockname(socket, (struct sockaddr *)&address, &length) == 0)
        (void)ss_socket_address_load(&address, &bound);
    return bound.port;
}

static enum ss_status refused(const struct ss_socket_address *at, int error,
                              struct ss_problem *problem)
{
    char text[SS_SOCKET_ADDRESS_TEXT_SIZE];
    ss_socket_address_format(text, at);
    if (error == EADDRINUSE)
        return ss_problem_set(problem, SS_USAGE,
                              "source port: %s is in use by another program; choose another", text);
    if (error == EADDRNOTAVAIL)
        return ss_problem_set(problem, SS_USAGE, "source: %s is not an address of this host", text);
    if (error == EACCES)
        return ss_problem_set(problem, SS_FORBIDDEN,
                              "source port: %s is a privileged port; choose one above 1023 or use "
                              "sudo",
                              text);
    if (error == EPERM) /* some kernels keep socket filters from ordinary users */
        return ss_forbidden_raw("no socket filter", problem);
    return ss_problem_set(problem, SS_IO, "cannot listen silently on %s: %s", text,
                          strerror(error));
}

static enum ss_status open_muted(struct ss_mute *mute, int kind, const struct ss_socket_address *at,
                                 unsigned interface_index, struct ss_problem *problem)
{
    int family = at->address.version == 6 ? AF_INET6 : AF_INET;
    int protocol = kind == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
    int muted = socket(family, kind | SOCK_CLOEXEC, protocol);
    if (muted < 0)
        return refused(at, errno, problem);
    if (prepare(muted, at->address.version, kind == SOCK_STREAM ? at->port : 0) != 0 ||
        bind_and_listen(muted, kind, at, interface_index) != 0) {
        int error = errno;
        close(muted);
        return refused(at, error, problem);
    }
    *mute = (struct ss_mute){.socket = muted, .port = bound_port(muted)};
    return SS_OK;
}

enum ss_status ss_mute_open(struct ss_mute *mute, const struct ss_address *address, uint16_t port,
                            unsigned interface_index, struct ss_problem *problem)
{
    struct ss_socket_address at = {.address = *address, .port = port};
    return open_muted(mute, SOCK_STREAM, &at, interface_index, problem);
}

enum ss_status ss_mute_open_udp(struct ss_mute *mute, const struct ss_address *address,
                                uint16_t port, unsigned interface_index, struct ss_problem *problem)
{
    struct ss_socket_address at = {.address = *address, .port = port};
    return open_muted(mute, SOCK_DGRAM, &at, interface_index, problem);
}

void ss_mute_close(struct ss_mute *mute)
{
    if (mute->socket >= 0)
        close(mute->socket);
    mute->socket = -1;
}
