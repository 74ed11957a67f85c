/* setting: socket options by name, and the sysctls of a private network namespace. */
#ifndef PUPPET_SETTING_H
#define PUPPET_SETTING_H

#include "puppet.h"

/*
 * On the connection, else on the listener, else on the socket that will listen or connect next.
 * linger: seconds, and a negative number for none.
 */
struct puppet_answer puppet_set(struct puppet *puppet, const char *name, int64_t value);

/* "net.ipv4.tcp_syncookies"; only net. and only when the network namespace is its own. */
struct puppet_answer puppet_sysctl(struct puppet *puppet, const char *name, const uint8_t *value,
                                   size_t length);

#endif
