/*
 * session: the talk itself: a word goes out, its echo comes back, until "exit" or the input's end.
 *
 * It waits for standard input and the socket together, so that a server that does not echo, or
 * speaks unasked, holds nothing up. A stream's pieces are put together until as many bytes have
 * come back as went out, or until the server pauses.
 */
#ifndef TALK_SESSION_H
#define TALK_SESSION_H

#include "link.h"

/* Talks on the connected `fd` and closes it; returns the exit status, having said what failed. */
int talk_session_run(const struct talk_options *options, int fd);

#endif
