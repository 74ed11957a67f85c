/* synstep-puppet: one end of a connection on ordinary sockets, moved by commands. */
#include "control.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* A crowd needs many. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* with fewer it is a smaller crowd */
}

static void complain_of(const struct puppet *puppet)
{
    const int trouble = errno;
    char address[PEER_ADDRESS_TEXT_BYTES];
    peer_address_text(&puppet->local, address, sizeof address);
    fprintf(stderr, "synstep-puppet: cannot use %s: %s\n", address, strerror(trouble));
}

static int serve(struct puppet *puppet, const struct puppet_options *options)
{
    puppet_init(puppet);
    puppet->local = options->local;
    puppet->peer = options->peer;
    puppet->is_private = options->is_private;
    if (!puppet_try_local(puppet)) {
        complain_of(puppet);
        return EXIT_FAILURE;
    }
    if (!puppet_control_serve(puppet, options->control_fd)) {
        fprintf(stderr, "synstep-puppet: the control socket: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct puppet_options options;
    puppet_options_parse(argc, argv, &options);
    signal(SIGPIPE, SIG_IGN); /* a closed socket is told by its errno */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fcntl(options.control_fd, F_SETFD, FD_CLOEXEC);
    raise_descriptor_limit();
    struct puppet *puppet = malloc(sizeof *puppet);
    if (puppet == NULL) {
        fputs("synstep-puppet: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    const int status = serve(puppet, &options);
    puppet_close_all(puppet);
    free(puppet);
    return status;
}
