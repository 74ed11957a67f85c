/* synstep-peer: an echo server over ordinary sockets that can be asked what its kernel knows. */
#include "options.h"
#include "server.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* A closed standard descriptor would be given to the next socket, and printed into. */
static void fill_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
            exit(EXIT_FAILURE);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* with fewer it serves fewer at a time */
}

static int serve(const struct peer_options *options)
{
    struct peer_server *server = malloc(sizeof *server);
    struct peer_error error = {.text = ""};
    int status = EXIT_SUCCESS;
    if (server == NULL) {
        fputs("synstep-peer: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    const bool is_open = peer_server_open(server, options, &error);
    if (!is_open || !peer_server_run(server, &error)) {
        fprintf(stderr, "synstep-peer: %s\n", error.text);
        status = EXIT_FAILURE;
    }
    if (!is_open)
        server->context.printer.out = NULL; /* nothing began, so nothing ends */
    peer_server_close(server);
    const int trouble = peer_print_finish(&server->context.printer);
    if (trouble != 0) {
        fprintf(stderr, "synstep-peer: standard output could not be written: %s\n",
                strerror(trouble));
        status = EXIT_FAILURE;
    }
    free(server);
    return status;
}

int main(int argc, char **argv)
{
    struct peer_options options;
    fill_standard_descriptors();
    setlocale(LC_CTYPE, "");
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    peer_options_parse(argc, argv, &options);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is told by its errno */
    if (options.control_fd >= 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        fcntl(options.control_fd, F_SETFD, FD_CLOEXEC);
    }
    raise_descriptor_limit();
    const int status = serve(&options);
    peer_options_close(&options);
    return status;
}
