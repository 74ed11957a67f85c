/* bench_ways: the ways to send SYNs that bench_send holds side by side. */
#ifndef SS_TESTS_BENCH_WAYS_H
#define SS_TESTS_BENCH_WAYS_H

#include <stdint.h>

#include "synstep/route.h"
#include "synstep/template.h"

enum { WAYS_ETHERNET = 14, WAYS_SYN = 40, WAYS_FRAME = WAYS_ETHERNET + WAYS_SYN, WAYS_PORT = 80 };

/* From the near host to the far one. */
struct ways_between {
    struct ss_route route;
    char trafgen[512];         /* the packet in its language */
    uint8_t frame[WAYS_FRAME]; /* an Ethernet header and the first SYN */
};

/* One way: ours and the loops are functions, called in a process of their own; tools are programs.
 */
struct ways_way {
    const char *name;
    void (*send)(const struct ways_between *between, uint32_t count);
    const char *program[24]; /* "%c" becomes the count, "%p" the packet in trafgen's language */
    bool endless;            /* it takes no count, and is to be ended */
    bool own_hosts;          /* it makes private hosts of its own, with the same names in them */
};

extern const struct ways_way ways[];
extern const unsigned ways_count;

/* What the figures are held against, by their place in `ways`. */
enum {
    WAYS_RAW,
    WAYS_PACKET,
    WAYS_SENDTO,
    WAYS_SENDMMSG,
    WAYS_AF_PACKET,
    WAYS_LIBNET,
    WAYS_HPING3
};
enum { WAYS_NPING = WAYS_HPING3 + 1, WAYS_TRAFGEN, WAYS_PROGRAM, WAYS_PROGRAM_PACKET };

/* The SYN number `i`: a port and a sequence number that the one before did not have. */
static inline void ways_next(struct ss_template *syn, uint32_t i)
{
    ss_template_put_source_port(syn, (uint16_t)(1024 + i % 60000));
    ss_template_put_seq(syn, ss_seq_from(i * 2654435761U));
    ss_template_finish(syn);
}

#endif
