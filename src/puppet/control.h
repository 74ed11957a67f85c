/*
 * control: commands, one line each, on an inherited stream socket; each has one line as answer.
 *
 * Words are parted by blanks, numbers decimal, octets in hex, two digits each ("-" for none).
 *
 *   at start:   ready
 *   commands:   listen [BACKLOG]      without BACKLOG: the most that the kernel allows
 *               crowd N               N connections from this host to its listener; 0: all leave
 *               accept
 *               connect
 *               send OCTETS [urgent]  at most 1 MiB
 *               read N                at most 65536
 *               shutdown              of the sending direction
 *               close                 the connection; when there is none, the listener
 *               reset
 *               set OPTION VALUE
 *               sysctl NAME OCTETS
 *               bind                  a UDP socket
 *               sendto OCTETS         one datagram to the peer
 *               recvfrom              the next datagram
 *               join ADDRESS          the multicast group; without a UDP socket one is bound
 *               leave ADDRESS
 *               look
 *   answers:    done [OCTETS]         what was read
 *               not-yet               nothing was changed; ask again later
 *               end OCTETS            the stream ends after these, which are fewer than asked for
 *               failed ERRNO-NAME
 *               cannot REASON
 *               look STATE RCV_NXT WRITE_SEQ WAITING ERROR      "-" where nothing is known
 *               error REASON          this line is no command
 *
 * The end of the socket ends the puppet.
 */
#ifndef PUPPET_CONTROL_H
#define PUPPET_CONTROL_H

#include "puppet.h"

/* Says ready and obeys until the socket ends; false when it cannot (errno). */
bool puppet_control_serve(struct puppet *puppet, int fd);

#endif
