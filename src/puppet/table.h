/* table: the kernel's own list of TCP connections, /proc/self/net/tcp and tcp6 (proc_net_tcp). */
#ifndef PUPPET_TABLE_H
#define PUPPET_TABLE_H

#include "../peer/address.h"

/* The state of the connection between the two, TCP_CLOSE when there is none; false when the list
 * cannot be read. */
bool puppet_table_find(const struct peer_address *local, const struct peer_address *remote,
                       uint8_t *state);

#endif
