/*
 * capture_parts: the two kinds of capture file behind one writer.
 */
#ifndef SYNSTEP_SHOW_CAPTURE_PARTS_H
#define SYNSTEP_SHOW_CAPTURE_PARTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "synstep/verify.h"

/* LINKTYPE_RAW: the packet begins with its IP header; LINKTYPE_ETHERNET. */
enum { SS_CAPTURE_LINK_RAW = 101, SS_CAPTURE_LINK_ETHERNET = 1 };

/* One packet for a file. */
struct ss_capture_packet {
    uint64_t time_us; /* since 1970 */
    const uint8_t *octets;
    size_t length;
    enum ss_side from;
    const char *comment; /* pcapng only; "" for none */
};

/*
 * Writers of the two formats onto a stream of the caller's. False: something could not be written;
 * errno says why. Each call leaves nothing in the stream's buffer.
 */
bool ss_pcapng_write_start(FILE *out, enum ss_link link);
bool ss_pcapng_write_packet(FILE *out, const struct ss_capture_packet *packet);

/* Takes `out` over on success, to be closed with ss_pcap_close. NULL: out of memory or unwritable.
 */
struct ss_pcap;
struct ss_pcap *ss_pcap_open(FILE *out, enum ss_link link);
bool ss_pcap_write_packet(struct ss_pcap *pcap, const struct ss_capture_packet *packet);
void ss_pcap_close(struct ss_pcap *pcap);

#endif
