/*
 * control: the parent's questions, one line each, on an inherited socket.
 *
 *   at start:   ready ADDR PORT     for each listener (a Unix one: its path, and 0)
 *               ready
 *   question:   witness ADDR PORT   the client's address, as accepted
 *   answer:     witness STATE RCV_NXT WRITE_SEQ | witness none | witness denied REASON
 *   statement:  forget ADDR PORT    no answer
 *
 * Anything else is answered by "error REASON". Its end of stream ends the peer.
 */
#ifndef PEER_CONTROL_H
#define PEER_CONTROL_H

#include "server.h"

/* Says "ready"; false with errno. */
bool peer_control_open(struct peer_server *server);
/* Reads and answers what is there; false at its end. */
bool peer_control_serve(struct peer_control *control, struct peer_server *server);
void peer_control_close(struct peer_control *control);

#endif
