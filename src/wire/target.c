/*
 * target: takes the user's HOST:PORT apart and resolves it.
 */
#include "target.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "socket_address.h"

enum { HOST_BYTES_MAX = 255, SERVICE_BYTES_MAX = 63 };

/* The pieces of HOST:PORT, as text. */
struct pieces {
    char host[HOST_BYTES_MAX + 1];
    char service[SERVICE_BYTES_MAX + 1];
};

static enum ss_status unreadable(const char *text, const char *why, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_USAGE,
                          "target '%.80s': %s; write HOST:PORT, or [ADDRESS]:PORT for IPv6", text,
                          why);
}

/* Where the host ends and what follows is the colon; NULL with the reason in `why`. */
static const char *find_colon(const char *text, const char **why)
{
    if (text[0] == '[') {
        const char *bracket = strchr(text, ']');
        *why = bracket ? "no port after the bracket" : "the bracket is not closed";
        return bracket && bracket[1] == ':' ? bracket + 1 : NULL;
    }
    const char *colon = strchr(text, ':');
    *why = "no port";
    if (colon && strchr(colon + 1, ':')) {
        *why = "an IPv6 address needs brackets";
        return NULL;
    }
    return colon;
}

static bool copy_piece(char *piece, size_t size, const char *from, size_t length)
{
    if (length == 0 || length >= size)
        return false;
    memcpy(piece, from, length);
    piece[length] = '\0';
    return true;
}

static enum ss_status take_apart(const char *text, struct pieces *pieces,
                                 struct ss_problem *problem)
{
    const char *why = NULL;
    const char *colon = find_colon(text, &why);
    if (!colon)
        return unreadable(text, why, problem);
    size_t bracket = text[0] == '[' ? 1 : 0;
    size_t host_length = (size_t)(colon - text) - 2 * bracket;
    if (!copy_piece(pieces->host, sizeof pieces->host, text + bracket, host_length))
        return unreadable(text, "no host, or one too long", problem);
    if (!copy_piece(pieces->service, sizeof pieces->service, colon + 1, strlen(colon + 1)))
        return unreadable(text, "no port, or one too long", problem);
    return SS_OK;
}

static enum ss_status no_such_service(const char *service, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_USAGE,
                          "port '%s' is neither a number from 1 to 65535 nor a known TCP service",
                          service);
}

/* A number is judged here, so that 0, 65536 and their like are named as what they are. */
static enum ss_status check_port_number(const struct pieces *pieces, struct ss_problem *problem)
{
    const char *service = pieces->service;
    if (service[strspn(service, "0123456789")] != '\0') {
        /* Perhaps a name: getaddrinfo tells. But it would take " 80" and "+80" for numbers. */
        return isalnum((unsigned char)service[0]) ? SS_OK : no_such_service(service, problem);
    }
    errno = 0;
    unsigned long port = strtoul(service, NULL, 10);
    if (errno == 0 && port >= 1 && port <= 65535)
        return SS_OK;
    return ss_problem_set(problem, SS_USAGE, "port '%s' is not between 1 and 65535", service);
}

static enum ss_status take_scope(struct pieces *pieces, struct ss_target *target,
                                 struct ss_problem *problem)
{
    char *percent = strchr(pieces->host, '%');
    if (!percent)
        return SS_OK;
    if (!copy_piece(target->scope, sizeof target->scope, percent + 1, strlen(percent + 1)))
        return ss_problem_set(problem, SS_USAGE,
                              "'%.120s': after %% comes an interface's name of 1 to %d letters",
                              pieces->host, IF_NAMESIZE - 1);
    *percent = '\0';
    return SS_OK;
}

static enum ss_status unresolved(const struct pieces *pieces, uint8_t version, int error,
                                 struct ss_problem *problem)
{
    if (error == EAI_SERVICE)
        return no_such_service(pieces->service, problem);
    const char *what = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
    if (version != 0)
        return ss_problem_set(problem, SS_USAGE, "host '%.120s' has no IPv%u address: %s",
                              pieces->host, version, what);
    return ss_problem_set(problem, SS_USAGE, "host '%.120s' cannot be resolved: %s", pieces->host,
                          what);
}

static void keep(const struct addrinfo *found, struct ss_target *target)
{
    for (; found && target->count < SS_TARGET_ADDRESSES_MAX; found = found->ai_next) {
        struct sockaddr_storage storage = {0};
        struct ss_socket_address address;
        memcpy(&storage, found->ai_addr, found->ai_addrlen);
        if (!ss_socket_address_load(&storage, &address))
            continue;
        target->addresses[target->count++] = address.address;
        target->port = address.port;
    }
}

static int family_of(uint8_t version)
{
    if (version == 0)
        return AF_UNSPEC;
    return version == 6 ? AF_INET6 : AF_INET;
}

static enum ss_status look_up(const struct pieces *pieces, uint8_t version,
                              struct ss_target *target, struct ss_problem *problem)
{
    struct addrinfo hints = {.ai_family = family_of(version), .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(pieces->host, pieces->service, &hints, &found);
    if (error != 0)
        return unresolved(pieces, version, error, problem);
    keep(found, target);
    freeaddrinfo(found);
    if (target->count == 0)
        return unresolved(pieces, version, EAI_NONAME, problem);
    return SS_OK;
}

enum ss_status ss_target_resolve(const char *text, uint8_t version, struct ss_target *target,
                                 struct ss_problem *problem)
{
    struct pieces pieces;
    struct ss_target resolved = {0};
    enum ss_status status = take_apart(text, &pieces, problem);
    if (status == SS_OK)
        status = check_port_number(&pieces, problem);
    if (status == SS_OK)
        status = take_scope(&pieces, &resolved, problem);
    if (status == SS_OK)
        status = look_up(&pieces, version, &resolved, problem);
    if (status == SS_OK)
        *target = resolved;
    return status;
}

enum ss_status ss_target_source(const char *text, struct ss_address *source,
                                struct ss_problem *problem)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    struct ss_target one = {0};
    if (getaddrinfo(text, NULL, &hints, &found) == 0)
        keep(found, &one);
    if (found)
        freeaddrinfo(found);
    if (one.count == 0)
        return ss_problem_set(problem, SS_USAGE, "source '%.80s' is not an IPv4 or IPv6 address",
                              text);
    *source = one.addresses[0];
    return SS_OK;
}
