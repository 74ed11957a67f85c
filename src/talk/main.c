/* synstep-talk: sends words to an echo server and shows what comes back. */
#include "options.h"
#include "reach.h"
#include "session.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* A closed standard descriptor would be given to the socket, and printed into. */
static void fill_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd)
            exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    struct talk_options options;
    struct talk_error error = {.text = ""};
    fill_standard_descriptors();
    setlocale(LC_CTYPE, "");
    talk_options_parse(argc, argv, &options);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is told by its errno */
    const int fd = talk_reach(&options, &error);
    if (fd < 0) {
        fprintf(stderr, "synstep-talk: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return talk_session_run(&options, fd);
}
