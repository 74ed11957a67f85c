/*
 * look: what the kernel says of the connection now: by TCP_INFO and TCP_REPAIR while its socket is
 * open, afterwards by its table of connections.
 */
#ifndef PUPPET_LOOK_H
#define PUPPET_LOOK_H

#include "puppet.h"

struct puppet_sight {
    bool is_state_known;
    uint8_t state; /* as in TCP_INFO */
    bool are_numbers_known;
    uint32_t rcv_nxt;
    uint32_t write_seq;
    size_t waiting;
    int last_error; /* errno; 0 */
};

void puppet_look(struct puppet *puppet, struct puppet_sight *sight);

#endif
