/*
 * raw_rewrites: what the kernel would change in a datagram on its way through a raw socket: raw(7),
 * and raw_send_hdrinc() of Linux, which leaves a header shorter than 20 octets alone.
 */
#include <stdio.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/raw.h"

enum { IPV4_BYTES = 20, IPV6_BYTES = 40 };

static enum ss_status rewritten(const char *what, const char *how, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_USAGE,
                          "%s would be rewritten by the kernel: a raw socket %s (raw(7))", what,
                          how);
}

static enum ss_status check_ipv4(const uint8_t *octets, size_t length, struct ss_problem *problem)
{
    size_t header = (size_t)(octets[0] & 15) * 4;
    if (header > length)
        return ss_problem_set(problem, SS_USAGE,
                              "ip.ihl says %zu octets, the datagram has %zu: a raw socket refuses "
                              "it (raw(7))",
                              header, length);
    if (header < IPV4_BYTES)
        return SS_OK;
    if (ss_bytes_get16(octets + 2) != length)
        return rewritten("ip.length", "always sets it to the octets that are sent", problem);
    if (ss_bytes_get16(octets + 4) == 0)
        return rewritten("ip.id of 0", "gives one of its own", problem);
    if (ss_bytes_get32(octets + 12) == 0)
        return rewritten("ip.src of 0.0.0.0", "gives the address of the interface", problem);
    if (ss_checksum_finish(ss_checksum_add(0, octets, header)) != 0)
        return rewritten("ip.checksum", "always computes it", problem);
    return SS_OK;
}

enum ss_status ss_raw_check(uint8_t version, const uint8_t *octets, size_t length,
                            struct ss_problem *problem)
{
    size_t least = version == 6 ? IPV6_BYTES : IPV4_BYTES;
    if (length < least)
        return ss_problem_set(problem, SS_USAGE,
                              "a datagram of %zu octets is shorter than an IP header: a raw socket "
                              "refuses it (raw(7))",
                              length);
    return version == 6 ? SS_OK : check_ipv4(octets, length, problem);
}
