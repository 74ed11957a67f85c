/*
 * socket_address: our addresses <-> the kernel's sockaddr.
 */
#ifndef SS_WIRE_SOCKET_ADDRESS_H
#define SS_WIRE_SOCKET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "synstep/address.h"

/*
 * Fills `storage` and returns the length to be given with it. `interface_index` becomes the scope
 * of a link-local address, and is left out otherwise.
 */
socklen_t ss_socket_address_store(const struct ss_socket_address *from, unsigned interface_index,
                                  struct sockaddr_storage *storage);

/* False, `to` untouched, for a family other than IPv4 and IPv6. */
bool ss_socket_address_load(const struct sockaddr_storage *storage, struct ss_socket_address *to);

#endif
