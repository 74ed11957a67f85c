/* listen: the syntax of --listen, and from there to socket addresses. */
#include "address.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *take_prefix(const char *text, struct peer_listen *listen)
{
    static const struct {
        const char *word;
        enum peer_transport transport;
    } prefixes[] = {
        {"tcp:", PEER_TCP},
        {"udp:", PEER_UDP},
        {"unix:", PEER_UNIX_STREAM},
        {"unix-stream:", PEER_UNIX_STREAM},
        {"unix-dgram:", PEER_UNIX_DATAGRAM},
        {"unix-seqpacket:", PEER_UNIX_SEQPACKET},
    };
    listen->transport = PEER_TCP;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        const size_t length = strlen(prefixes[i].word);
        if (strncmp(text, prefixes[i].word, length) == 0) {
            listen->transport = prefixes[i].transport;
            return text + length;
        }
    }
    return text;
}

static bool parse_path(const char *path, struct peer_listen *listen, struct peer_error *error)
{
    /* A path needs its final zero byte inside sun_path; an abstract name ("@name") does not. */
    const size_t room = sizeof((struct sockaddr_un *)0)->sun_path;
    const size_t length = strlen(path);
    if (length == 0 || strcmp(path, "@") == 0) {
        snprintf(error->text, sizeof error->text, "a path is missing after 'unix...:'");
        return false;
    }
    if (length >= room + (path[0] == '@' ? 1 : 0)) {
        snprintf(error->text, sizeof error->text,
                 "the path has %zu bytes, a Unix socket's path at most %zu: choose a shorter one",
                 length, room - 1);
        return false;
    }
    snprintf(listen->host, sizeof listen->host, "%s", path);
    return true;
}

static bool check_service(const char *service, struct peer_listen *listen, struct peer_error *error)
{
    const bool is_number = service[0] != '\0' && service[strspn(service, "0123456789")] == '\0';
    const bool is_known =
        is_number ? strlen(service) <= 9 && strtoul(service, NULL, 10) <= 65535
                  : getservbyname(service, listen->transport == PEER_UDP ? "udp" : "tcp") != NULL;
    if (!is_known || strlen(service) >= sizeof listen->service) {
        snprintf(error->text, sizeof error->text,
                 "'%.64s' is no port: use 0 (the kernel chooses) to 65535, or a service's name",
                 service);
        return false;
    }
    snprintf(listen->service, sizeof listen->service, "%s", service);
    return true;
}

/* Finds where host ends and what the port is; `*service` is NULL when there is none. */
static bool split_host(const char *text, const char **host, size_t *host_length,
                       const char **service, struct peer_error *error)
{
    const char *colon = strchr(text, ':');
    *host = text;
    *service = NULL;
    if (text[0] == '[') {
        const char *close = strchr(text, ']');
        if (close == NULL || (close[1] != '\0' && close[1] != ':')) {
            snprintf(error->text, sizeof error->text,
                     "'%.128s': after '[' comes an IPv6 address, then ']' or ']:PORT'", text);
            return false;
        }
        *host = text + 1;
        *host_length = (size_t)(close - *host);
        *service = close[1] == ':' ? close + 2 : NULL;
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *host_length = (size_t)(colon - text);
        *service = colon + 1;
    } else if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0') {
        *host = "127.0.0.1";
        *host_length = strlen(*host);
        *service = text;
    } else {
        *host_length = strlen(text); /* a name, or an IPv6 address without a port */
    }
    return true;
}

bool peer_listen_parse(const char *text, struct peer_listen *listen, struct peer_error *error)
{
    struct peer_listen made = {.transport = PEER_TCP};
    const char *rest = take_prefix(text, &made);
    const char *host;
    const char *service;
    size_t host_length;
    if (peer_transport_is_unix(made.transport)) {
        if (!parse_path(rest, &made, error))
            return false;
        *listen = made;
        return true;
    }
    if (rest[0] == '\0') {
        snprintf(error->text, sizeof error->text, "an address is missing");
        return false;
    }
    if (rest[0] == '/') {
        snprintf(error->text, sizeof error->text, "'%.128s' is a path: write unix:%.128s", rest,
                 rest);
        return false;
    }
    if (!split_host(rest, &host, &host_length, &service, error))
        return false;
    if (host_length >= sizeof made.host) {
        snprintf(error->text, sizeof error->text, "the host name is too long");
        return false;
    }
    snprintf(made.host, sizeof made.host, "%.*s", (int)host_length,
             host_length == 1 && host[0] == '*' ? "" : host);
    char standard[PEER_SERVICE_BYTES];
    snprintf(standard, sizeof standard, "%d", PEER_DEFAULT_PORT);
    if (!check_service(service != NULL ? service : standard, &made, error))
        return false;
    *listen = made;
    return true;
}

static bool resolve_path(const struct peer_listen *listen, struct peer_address *address)
{
    const size_t length = strlen(listen->host);
    const size_t head = offsetof(struct sockaddr_un, sun_path);
    address->transport = listen->transport;
    address->is.local.sun_family = AF_UNIX;
    if (length > sizeof address->is.local.sun_path)
        return false;
    memcpy(address->is.local.sun_path, listen->host, length);
    if (listen->host[0] == '@') {
        address->is.local.sun_path[0] = '\0';
        address->length = (socklen_t)(head + length);
    } else {
        address->length = (socklen_t)(head + length + 1);
    }
    return true;
}

static size_t copy_results(const struct addrinfo *results, enum peer_transport transport,
                           struct peer_address *addresses)
{
    size_t count = 0;
    for (const struct addrinfo *result = results; result != NULL; result = result->ai_next) {
        if (result->ai_addrlen > sizeof addresses->is)
            continue;
        if (addresses != NULL) {
            addresses[count].transport = transport;
            addresses[count].length = result->ai_addrlen;
            memcpy(&addresses[count].is, result->ai_addr, result->ai_addrlen);
        }
        count++;
    }
    return count;
}

bool peer_listen_resolve(const struct peer_listen *listen, struct peer_address **addresses,
                         size_t *count, struct peer_error *error)
{
    struct addrinfo *results = NULL;
    size_t found = 1;
    if (!peer_transport_is_unix(listen->transport)) {
        const struct addrinfo hints = {
            .ai_flags = AI_PASSIVE,
            .ai_socktype = peer_transport_socket_type(listen->transport),
        };
        const char *host = listen->host[0] != '\0' ? listen->host : NULL;
        const int trouble = getaddrinfo(host, listen->service, &hints, &results);
        if (trouble != 0) {
            snprintf(error->text, sizeof error->text,
                     "cannot resolve '%s' port %s: %s; check the name, or give an IP address",
                     listen->host, listen->service, gai_strerror(trouble));
            return false;
        }
        found = copy_results(results, listen->transport, NULL);
    }
    struct peer_address *made = calloc(found + 1, sizeof *made);
    if (made == NULL) {
        snprintf(error->text, sizeof error->text, "out of memory");
    } else if (results != NULL) {
        copy_results(results, listen->transport, made);
    } else if (!resolve_path(listen, made)) {
        free(made);
        made = NULL;
        snprintf(error->text, sizeof error->text, "'%s' is too long for a path", listen->host);
    }
    if (results != NULL)
        freeaddrinfo(results);
    if (made == NULL)
        return false;
    *addresses = made;
    *count = found;
    return true;
}
