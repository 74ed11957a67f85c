/*
 * pcap_late: libpcap, loaded by the first call of it.
 *
 * It draws in eight libraries more (D-Bus, and through that systemd's and a cipher's), which take
 * longer to load than sending a packet from start to exit. Most commands need none of it, so the
 * program is not linked with it: each function that is called here stands in for its own.
 */
#include <pcap/pcap.h>
#include <stdio.h>

#include "config.h"
#include "synstep/late.h"

#ifndef PCAP_LIBRARY /* a test has its own */
#define PCAP_LIBRARY SS_PCAP_LIBRARY
#endif

/* The type of a function is that of its stand-in. */
#define REAL(name) ((__typeof__(&(name)))ss_late_find(PCAP_LIBRARY, #name))

/* --- where libpcap is met first: these tell that it is missing -----------------------------------
 */

pcap_t *pcap_open_dead(int link, int most)
{
    __typeof__(&pcap_open_dead) real = REAL(pcap_open_dead);
    return real ? real(link, most) : NULL;
}

const char *pcap_lib_version(void)
{
    __typeof__(&pcap_lib_version) real = REAL(pcap_lib_version);
    return real ? real() : "no " PCAP_LIBRARY;
}

/* --- the others are called with what one of these gave -------------------------------------------
 */

int pcap_compile(pcap_t *pcap, struct bpf_program *program, const char *text, int optimize,
                 bpf_u_int32 mask)
{
    return REAL(pcap_compile)(pcap, program, text, optimize, mask);
}

void pcap_freecode(struct bpf_program *program)
{
    REAL(pcap_freecode)(program);
}

char *pcap_geterr(pcap_t *pcap)
{
    __typeof__(&pcap_geterr) real = REAL(pcap_geterr);
    return real(pcap);
}

void pcap_close(pcap_t *pcap)
{
    REAL(pcap_close)(pcap);
}

pcap_dumper_t *pcap_dump_fopen(pcap_t *pcap, FILE *file)
{
    return REAL(pcap_dump_fopen)(pcap, file);
}

FILE *pcap_dump_file(pcap_dumper_t *dumper)
{
    __typeof__(&pcap_dump_file) real = REAL(pcap_dump_file);
    return real(dumper);
}

void pcap_dump(u_char *dumper, const struct pcap_pkthdr *header, const u_char *octets)
{
    REAL(pcap_dump)(dumper, header, octets);
}

int pcap_dump_flush(pcap_dumper_t *dumper)
{
    return REAL(pcap_dump_flush)(dumper);
}

void pcap_dump_close(pcap_dumper_t *dumper)
{
    REAL(pcap_dump_close)(dumper);
}
