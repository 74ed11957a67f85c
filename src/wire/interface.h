/*
 * interface: what a wire of whole frames must know of the interface it sends through.
 */
#ifndef SS_WIRE_INTERFACE_H
#define SS_WIRE_INTERFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/ethernet.h"
#include "synstep/status.h"

struct ss_interface {
    char name[IF_NAMESIZE];
    int index;
    size_t mtu; /* octets behind the Ethernet header */
    uint8_t address[SS_ETHERNET_ADDRESS_BYTES];
    bool silent;   /* nobody is asked for addresses there (IFF_NOARP): the kernel puts its own */
    bool loopback; /* its frames have Ethernet headers, but nobody looks at their addresses */
};

/* SS_USAGE: there is none of that name, or it carries no Ethernet frames. */
enum ss_status ss_interface_find(const char *name, struct ss_interface *interface,
                                 struct ss_problem *problem);

/* SS_USAGE: the frame has no whole Ethernet header, or is longer than the interface lets pass. */
enum ss_status ss_interface_judge(const struct ss_interface *interface, const uint8_t *frame,
                                  size_t length, struct ss_problem *problem);

/* The words for a send that failed with `error` (errno). */
enum ss_status ss_interface_refused(const struct ss_interface *interface, int error,
                                    struct ss_problem *problem);

#endif
